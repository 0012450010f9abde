"""The folder of a model, from a path or a hub id, and the fingerprint of what is in it."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from mecelle.base.artifacts import MARKER, read_marker
from mecelle.base.errors import ArtifactError, InputError, require
from mecelle.models import int8
from mecelle.models.packaged import PACKAGED_FOLDERS

PACKAGE_PREFIX = "package:"
"""Before the name of a model that an installed package carries: `package:e5`."""

_OTHER_FORMATS = ("onnx/*", "openvino/*", "*.onnx", "*.h5", "*.msgpack", "*.ot", "*.tflite", "*.mlmodel", "*.gguf")
"""The same weights for other runtimes: not downloaded."""

_DECIDING = {".safetensors", ".bin", ".pt", ".npz", ".json", ".txt", ".model", ".spm"}
"""Endings of the files that decide a model's vectors: weights, settings, tokenizer. Cards and curves do not."""


def find_folder(name: str | Path) -> Path:
    """The local folder of the model `name`; a hub id is downloaded, or taken from the hub's cache.

    name: a path if it is a `Path`, exists, or starts with `.`, `/` or `~`; `package:` and a name; else a hub id
    (`owner/model`). A model with 8-bit weights (`mecelle.models.int8`) is given unpacked.
    Raises ArtifactError if the folder is absent or holds no model, InputError if the hub does not give the id,
    ConfigError for a packaged model that there is not.
    """
    if isinstance(name, str) and name.startswith(PACKAGE_PREFIX):
        return PACKAGED_FOLDERS.get(name.removeprefix(PACKAGE_PREFIX))()
    path = Path(name).expanduser()
    if isinstance(name, Path) or path.exists() or name.startswith((".", "/", "~")):
        _check(path)
        return _plain(path)
    return _plain(_download(name))


def is_sentence_transformer(folder: Path) -> bool:
    """Whether `folder` says itself how token vectors become one text vector."""
    return (folder / "modules.json").is_file()


def fingerprint(folder: Path, settings: Mapping[str, Any]) -> str:
    """32 hexadecimal digits of all files that decide the vectors, and of the settings they are used with."""
    hasher = hashlib.blake2b(orjson.dumps(dict(settings), option=orjson.OPT_SORT_KEYS), digest_size=16)
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if path.suffix in _DECIDING and path.name != MARKER and "lineage" not in place.parts and path.is_file():
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "blake2b").digest()
            hasher.update(place.as_posix().encode() + b"\x00" + content)
    return hasher.hexdigest()


def _plain(folder: Path) -> Path:
    return int8.unpacked(folder, fingerprint(folder, {})) if int8.is_packed(folder) else folder


def _check(folder: Path) -> None:
    if not folder.is_dir():
        raise ArtifactError(f"{folder}: no such model folder; is the path right, and has the stage that makes it run?")
    if is_sentence_transformer(folder) or (folder / "config.json").is_file():
        return
    made = f", but what stage '{read_marker(folder).stage}' made" if (folder / MARKER).exists() else ""
    raise ArtifactError(
        f"{folder}: no model in it{made}: expected config.json (Hugging Face) or modules.json (sentence-transformers); "
        "give the folder of an encoder or an embedding model"
    )


def _download(name: str) -> Path:
    hub = require("huggingface_hub", extra="train", why=f"The model '{name}'")
    try:
        # Many repositories hold the same weights as .bin and as .safetensors: .bin is fetched where it is alone.
        folder = Path(hub.snapshot_download(name, ignore_patterns=[*_OTHER_FORMATS, "*.bin"]))
        if not any(folder.rglob("*.safetensors")):
            folder = Path(hub.snapshot_download(name, ignore_patterns=list(_OTHER_FORMATS)))
    except (OSError, ValueError) as error:  # the hub's own errors are kinds of these two
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise InputError(
            f"model '{name}': no folder of this name here, and the hub does not give it ({reason}). Check the "
            "spelling and the connection, or give a folder, or a model that a package carries, such as 'package:use'"
        ) from error
    _check(folder)
    return folder
