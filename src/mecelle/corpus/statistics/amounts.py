"""How much text a collection holds, by category."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel

from mecelle.corpus.statistics.categories import covers


class Amount(BaseModel):
    """How much text. Bytes are of UTF-8; words stand between white space; what nobody counted is 0."""

    documents: int = 0
    characters: int = 0
    bytes: int = 0
    words: int = 0
    tokens: int = 0
    sequences: int = 0
    """Training sequences of a stated length in tokens; none holds two documents."""

    @property
    def gigabytes(self) -> float:
        """10^9 bytes."""
        return self.bytes / 1e9

    def add(self, text: str, *, tokens: int = 0, sequences: int = 0) -> None:
        """Count one more text; tokens and sequences as the caller counted them."""
        self.documents += 1
        self.characters += len(text)
        self.bytes += len(text.encode())
        self.words += len(text.split())
        self.tokens += tokens
        self.sequences += sequences

    def merge(self, other: Self) -> None:
        """Add another amount."""
        for name in type(self).model_fields:
            setattr(self, name, getattr(self, name) + getattr(other, name))


UNITS = {"GB": 1e9, "MB": 1e6, "kB": 1e3}
"""Bytes of each."""


def unit_of(size: int) -> str:
    """The largest unit of which `size` bytes are at least one, else the smallest."""
    return next((name for name, bytes_of in UNITS.items() if size >= bytes_of), "kB")


Amounts = Mapping[str, Amount]
"""Amounts by category."""


def summed(amounts: Amounts, selector: str | None = None) -> Amount:
    """The sum of all categories, or of those that a selector covers."""
    total = Amount()
    for name, amount in amounts.items():
        if selector is None or covers(selector, name):
            total.merge(amount)
    return total
