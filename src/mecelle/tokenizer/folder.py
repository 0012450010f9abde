"""A tokenizer as a Hugging Face folder, written without transformers, so that corpus machines need no torch."""

from pathlib import Path
from typing import Any

import orjson
from tokenizers import Tokenizer

from mecelle.base.errors import ArtifactError
from mecelle.tokenizer.families import Family

FILE = "tokenizer.json"


def save(tokenizer: Tokenizer, folder: Path, *, family: Family, max_length: int) -> None:
    """Write a folder that `AutoTokenizer.from_pretrained` loads as a tokenizer of `family`.

    max_length: in tokens, special tokens included.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / FILE), pretty=False)
    roles = dict(family.roles)
    _write(folder / "special_tokens_map.json", roles)
    _write(
        folder / "tokenizer_config.json",
        {
            **roles,
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": max_length,
            "model_input_names": list(family.inputs),
            "clean_up_tokenization_spaces": False,
            "padding_side": family.padding_side,
        },
    )
    if family.chat_template:
        (folder / "chat_template.jinja").write_text(family.chat_template, encoding="utf-8")


def load(folder: Path) -> Tokenizer:
    """The tokenizer of a folder, or of its tokenizer.json. Raises ArtifactError if there is none."""
    path = folder / FILE if folder.is_dir() else folder
    if not path.is_file():
        raise ArtifactError(f"{folder}: no {FILE} in it; expected the folder of a fast tokenizer or of a model")
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare Exception
        raise ArtifactError(f"{path}: not a tokenizer: {error}") from error


def _write(path: Path, values: dict[str, Any]) -> None:
    path.write_bytes(
        orjson.dumps(values, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
    )
