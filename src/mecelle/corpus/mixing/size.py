"""In what a mix is measured."""

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


class Ruler:
    """Measures documents in one unit."""

    def __init__(self, size: Size) -> None:
        self._by = size.by
        self.counts_tokens = size.by == "tokens"
        self._counter = TokenCounter(size.tokenizer, tokens_per_word=size.tokens_per_word)
        self.unit = f"tokens ({self._counter.name})" if self.counts_tokens else size.by

    def __call__(self, document: Document) -> int:
        """The size of a document, at least 0."""
        if self.counts_tokens:
            return self._counter.count(document.text)
        return 1 if self._by == "documents" else len(document.text)
