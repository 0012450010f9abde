"""How many tokens a text has, by a tokenizer or by an estimate from its words."""

import hashlib
from functools import cached_property
from pathlib import Path

from tokenizers import Tokenizer

from mecelle.base.errors import InputError

FILE = "tokenizer.json"

TOKENS_PER_WORD = 1.8
"""Of Mecelle's own 16,000-token WordPiece on law and general text: 1.81 (1.25 M tokens); larger vocabularies have less.
"""


class TokenCounter:
    """Counts tokens; `name` says how, for the tables."""

    def __init__(self, tokenizer: str | None = None, *, tokens_per_word: float = TOKENS_PER_WORD) -> None:
        """tokenizer: folder or hub id of a fast tokenizer; without one, words between white space times a factor."""
        self._tokenizer = load(tokenizer) if tokenizer else None
        self._factor = tokens_per_word
        self.name = Path(tokenizer).name if tokenizer else f"words x {tokens_per_word:g}"

    @cached_property
    def fingerprint(self) -> str:
        """Hash of how it counts."""
        told = self._tokenizer.to_str() if self._tokenizer else str(self._factor)
        return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()

    def count(self, text: str) -> int:
        """Tokens of a text, without special ones."""
        if self._tokenizer:
            return len(self._tokenizer.encode_batch_fast([text], add_special_tokens=False)[0].ids)
        return round(len(text.split()) * self._factor)


def load(name: str) -> Tokenizer:
    """The tokenizer of a folder or a hub id, without truncation and padding, which models save in theirs.

    Raises InputError if there is none.
    """
    path = Path(name)
    try:
        tokenizer = Tokenizer.from_file(str(path / FILE)) if path.exists() else Tokenizer.from_pretrained(name)
    except Exception as error:  # the library raises bare Exception
        raise InputError(
            f"tokenizer {name}: {error}; expected a folder with {FILE}, or the hub id of a fast tokenizer"
        ) from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
