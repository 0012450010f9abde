"""From `NAME=PLACE` on the command line to a tokenizer."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from mecelle.base.artifacts import hash_input
from mecelle.base.errors import ArtifactError, ConfigError, InputError, MecelleError, require
from mecelle.base.naming import name_and_place
from mecelle.models.hub import is_hub_id, why_unreachable
from mecelle.tokenizer import folder
from mecelle.tokenizer.measure.packaged import e5_tokenizer, e5_weights
from mecelle.tokenizer.measure.sentencepieces import SentencePieceTokenizer
from mecelle.tokenizer.measure.subwords import FastTokenizer, SubwordTokenizer

PACKAGED = "package:e5"
_SENTENCEPIECES = ("tokenizer.model", "sentencepiece.bpe.model", "spiece.model", "spm.model")
_SUFFIXES = (".json", ".model")
_PARTS = ("tokenizer_config.json", "vocab.txt", "vocab.json")
"""Files of tokenizers that transformers can turn into a tokenizer.json."""


@dataclass(frozen=True)
class Place:
    """A tokenizer of the list: what the tables call it, where it is."""

    name: str
    where: str


def parse_places(arguments: Sequence[str]) -> list[Place]:
    """The places of `NAME=PLACE` or `PLACE` alone, whose last part is then the name.

    Raises ConfigError without any, for an empty name or place, and for one name twice.
    """
    if not arguments:
        raise ConfigError("no tokenizer to measure: give NAME=PLACE, such as ours=artifacts/tokenizer e5=package:e5")
    places = [_place(argument) for argument in arguments]
    for number, place in enumerate(places):
        if any(place.name == other.name for other in places[:number]):
            raise ConfigError(f"two tokenizers are called '{place.name}'; name them apart: NAME={place.where}")
    return places


def load(place: Place) -> tuple[SubwordTokenizer, str | None]:
    """The tokenizer of a place and the hash of the file it was read from, None for a hub id.

    where: a folder or a tokenizer.json of Hugging Face, a SentencePiece `.model`, "package:e5", or a hub id.
    Raises InputError or ArtifactError if there is no tokenizer, MissingPackageError if a library is absent.
    """
    if place.where == PACKAGED:
        path = e5_weights()
        return FastTokenizer(e5_tokenizer(path)), hash_input(path)
    path = Path(place.where).expanduser()
    if not path.exists():
        if not is_hub_id(place.where) or place.where.startswith(".") or path.suffix in _SUFFIXES:
            raise InputError(
                f"tokenizer {place.name}: {place.where}: no such file or folder. Give a folder, a tokenizer.json, a "
                f"SentencePiece .model, a hub id (owner/name), or {PACKAGED}"
            )
        return FastTokenizer(_from_hub(place.where)), None
    file = _file(path)
    if file is None:
        return FastTokenizer(_by_transformers(place.where)), hash_input(path)
    if file.suffix == ".json":
        return FastTokenizer(folder.load(file)), hash_input(file)
    return SentencePieceTokenizer(file), hash_input(file)


def _place(argument: str) -> Place:
    name, where = name_and_place(argument)
    if name is None:
        name = Path(argument).name.removeprefix("package:")
    if not name.strip() or not where.strip():
        raise ConfigError(f"'{argument}': expected NAME=PLACE, such as ours=artifacts/tokenizer")
    return Place(name.strip(), where.strip())


def _file(path: Path) -> Path | None:
    """The file in which a tokenizer stands whole; None if transformers has to make it from its parts."""
    if path.is_file():
        if path.suffix in (".json", ".model"):
            return path
        raise ArtifactError(f"{path}: expected a tokenizer.json, a SentencePiece .model, or a folder with one of them")
    for name in (folder.FILE, *_SENTENCEPIECES):
        if (path / name).is_file():
            return path / name
    if any((path / name).is_file() for name in _PARTS):
        return None
    raise ArtifactError(f"{path}: no tokenizer in it; expected {folder.FILE}, or one of {', '.join(_SENTENCEPIECES)}")


def _from_hub(name: str) -> Tokenizer:
    hub = require("huggingface_hub", extra="train", why=f"The tokenizer '{name}'")
    unreachable = why_unreachable()
    try:
        return folder.load(Path(hub.hf_hub_download(name, folder.FILE, local_files_only=unreachable is not None)))
    except MecelleError:
        raise
    except hub.errors.LocalEntryNotFoundError as error:
        raise _not_had(name, f"{unreachable or _said(error)}, and its cache here does not hold it") from error
    except hub.errors.EntryNotFoundError:
        return _by_transformers(name)
    except (OSError, ValueError) as error:  # the hub's own errors are kinds of these two
        raise _not_had(name, _said(error)) from error


def _not_had(name: str, reason: str) -> InputError:
    return InputError(
        f"tokenizer '{name}': no folder of this name here, and the hub does not give it ({reason}). Check the "
        f"spelling and the connection, or give a folder, a tokenizer.json, or {PACKAGED}"
    )


def _said(error: Exception) -> str:
    """The first line of what an error says."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _by_transformers(name: str) -> Tokenizer:
    """A tokenizer made whole by `AutoTokenizer`. Raises ArtifactError if it is slow (Python code) only."""
    transformers = require("transformers", extra="train", why=f"The tokenizer '{name}', which has no {folder.FILE},")
    try:
        found = getattr(transformers.AutoTokenizer.from_pretrained(name), "backend_tokenizer", None)
    except Exception as error:  # any kind, from any tokenizer's own code
        raise ArtifactError(f"{name}: transformers makes no tokenizer of it ({_said(error)})") from error
    if not isinstance(found, Tokenizer):
        raise ArtifactError(
            f"{name}: a slow tokenizer only (Python code without offsets); convert it to a {folder.FILE} first, "
            "with transformers.convert_slow_tokenizer"
        )
    return found
