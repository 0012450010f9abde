"""The tokens that a decoder puts around a document."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers.processors import TemplateProcessing
from transformers import AutoTokenizer

from mecelle.base.errors import MismatchError
from mecelle.models.loading import told_when_unloadable


@dataclass(frozen=True)
class SpecialTokens:
    """Ids by their use."""

    begin: int | None
    """Before each document, so that its first token is predicted too; None: nothing is (Qwen3 has no such token)."""
    end: int
    """After each document."""
    pad: int
    """Where a row is not full; never read and never predicted."""

    @property
    def before(self) -> tuple[int, ...]:
        """`begin` as the tokens that stand before a document."""
        return () if self.begin is None else (self.begin,)


def load_tokenizer(tokenizer: Path | str) -> tuple[Any, SpecialTokens]:
    """The fast tokenizer in a folder (or of a hub id) and its special tokens.

    A tokenizer that was trained for an encoder begins with [CLS] and ends with [SEP]; it is given these as its
    beginning and end of text, under which names generation and scoring look for them, and puts the beginning alone
    around what it is given: a prompt that ends with the end of text has nothing behind it.
    Raises ArtifactError if it does not load, MismatchError if it is a slow one or has no token for the end.
    """
    with told_when_unloadable(Path(tokenizer), "a tokenizer"):
        loaded = AutoTokenizer.from_pretrained(tokenizer)
    if getattr(loaded, "backend_tokenizer", None) is None:
        raise MismatchError(f"{tokenizer}: a slow tokenizer; training needs a fast one (a tokenizer.json)")
    if loaded.eos_token is None and loaded.sep_token is not None:
        loaded.eos_token = loaded.sep_token
        loaded.bos_token = loaded.bos_token or loaded.cls_token
    if loaded.eos_token == loaded.sep_token is not None:
        _open_end(loaded)
    if loaded.eos_token_id is None:
        raise MismatchError(
            f"{tokenizer}: the tokenizer has no eos_token, and no sep_token in its place; a decoder must know where a "
            "text ends. Train a tokenizer with `mecelle tokenizer train`"
        )
    # Saved like this whether or not it has packed texts, which takes both off: a run that goes on finds them packed.
    loaded.backend_tokenizer.no_truncation()
    loaded.backend_tokenizer.no_padding()
    pad = loaded.eos_token_id if loaded.pad_token_id is None else loaded.pad_token_id
    return loaded, SpecialTokens(begin=loaded.bos_token_id, end=loaded.eos_token_id, pad=pad)


def _open_end(tokenizer: Any) -> None:
    """Frame one text as `<begin> text`, and two as that with the other behind."""
    begin = [tokenizer.bos_token] if tokenizer.bos_token else []
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single=[*begin, "$A"],
        pair=[*begin, "$A", "$B:1"],
        special_tokens=[(token, tokenizer.convert_tokens_to_ids(token)) for token in begin],
    )
