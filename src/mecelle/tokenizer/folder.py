"""A tokenizer as a Hugging Face folder, written without transformers, so that corpus machines need no torch."""

from pathlib import Path
from typing import Any

import orjson
from tokenizers import Tokenizer

from mecelle.base.errors import ArtifactError
from mecelle.tokenizer.splitting import END, MASK, PADDING, START, UNKNOWN

FILE = "tokenizer.json"


def save(tokenizer: Tokenizer, folder: Path, *, max_length: int) -> None:
    """Write a folder that `AutoTokenizer.from_pretrained` loads.

    max_length: in tokens, `[CLS]` and `[SEP]` included.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / FILE), pretty=False)
    names = {
        "unk_token": UNKNOWN, "cls_token": START, "sep_token": END, "pad_token": PADDING, "mask_token": MASK,
    }  # fmt: skip
    _write(folder / "special_tokens_map.json", names)
    _write(
        folder / "tokenizer_config.json",
        {
            **names,
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": max_length,
            "model_input_names": ["input_ids", "attention_mask"],  # ModernBERT has no token types
            "clean_up_tokenization_spaces": False,
            "padding_side": "right",
        },
    )


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
