"""Text made of signs instead of letters."""

from typing import Literal

import numpy as np
from pydantic import Field

from mecelle.base.document import Document
from mecelle.corpus.filters import Filter, filters
from mecelle.corpus.verdict import Verdict, drop, keep

_PUNCTUATION = frozenset(".,;:!?'\"()-/%…–—§")


@filters.register("symbols.v1")
class Symbols(Filter):
    """Drop text with many symbols or few letters. Source: Gopher (arXiv:2112.11446 app. A), by character."""

    filter: Literal["symbols.v1"] = "symbols.v1"
    most_symbol_share: float = Field(default=0.10, ge=0.0, le=1.0)
    """Characters that are no letter, digit or common punctuation, among those that are not white space, 0..1."""
    least_letter_share: float = Field(default=0.50, ge=0.0, le=1.0)
    """Letters among characters that are not white space, 0..1. Tariffs and tables of acts reach 0.55."""

    def judge(self, document: Document) -> Verdict:
        """Measures both shares."""
        counts = _characters(document.text)
        black = sum(count for character, count in counts.items() if not character.isspace()) or 1
        symbols = round(sum(count for character, count in counts.items() if _is_symbol(character)) / black, 4)
        letters = round(sum(count for character, count in counts.items() if character.isalpha()) / black, 4)
        if symbols > self.most_symbol_share:
            return drop("many_symbols", symbol_share=symbols, letter_share=letters)
        if letters < self.least_letter_share:
            return drop("few_letters", symbol_share=symbols, letter_share=letters)
        return keep(symbol_share=symbols, letter_share=letters)


def _is_symbol(character: str) -> bool:
    return not (character.isalnum() or character.isspace() or character in _PUNCTUATION)


def _characters(text: str) -> dict[str, int]:
    """How often each character stands in the text: few different ones, each then looked at once."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    counts = np.bincount(codes)
    return {chr(code): int(counts[code]) for code in np.flatnonzero(counts)}
