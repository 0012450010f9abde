"""In what a mix is measured."""

import hashlib
from functools import cache
from typing import Literal

from pydantic import Field

from mecelle.base.config import Config
from mecelle.base.document import Document
from mecelle.corpus.statistics.tokens import TOKENS_PER_WORD, TokenCounter


class Size(Config):
    """The unit of budgets and targets."""

    by: Literal["documents", "characters", "tokens"] = "characters"
    """What is counted."""
    tokenizer: str | None = None
    """Folder or hub id; without one, tokens are words between white space times `tokens_per_word`."""
    tokens_per_word: float = Field(default=TOKENS_PER_WORD, gt=0.0)
    """Used without a tokenizer."""


MOST_KNOWN = 1_000_000
"""Texts whose tokens are remembered, in some 150 MB; those beyond are counted each time."""


class Ruler:
    """Measures documents in one unit.

    A mix meets a document once as a whole and again in every phase, and a study mixes for every arm: texts that a
    tokenizer has counted once are looked up.
    """

    def __init__(self, size: Size) -> None:
        self._by = size.by
        self.counts_tokens = size.by == "tokens"
        self._counter = TokenCounter(size.tokenizer, tokens_per_word=size.tokens_per_word)
        self._known = _known(self._counter.fingerprint) if self.counts_tokens and size.tokenizer else None
        self.unit = f"tokens ({self._counter.name})" if self.counts_tokens else size.by

    def __call__(self, document: Document) -> int:
        """The size of a document, at least 0."""
        if self._known is not None:
            return self._looked_up(document.text, self._known)
        if self.counts_tokens:
            return self._counter.count(document.text)
        return 1 if self._by == "documents" else len(document.text)

    def _looked_up(self, text: str, known: dict[bytes, int]) -> int:
        key = hashlib.blake2b(text.encode(), digest_size=16).digest()
        size = known.get(key)
        if size is None:
            size = self._counter.count(text)
            if len(known) < MOST_KNOWN:
                known[key] = size
        return size


@cache
def _known(fingerprint: str) -> dict[bytes, int]:
    """Tokens by the hash of the text, for as long as the process lives. fingerprint: of the tokenizer that counts."""
    return {}
