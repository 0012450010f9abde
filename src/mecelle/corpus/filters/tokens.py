"""The words of a text as numbers, for rules that count words and sequences of words."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mecelle.corpus.view import view

_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, as a polynomial modulo 2^64 asks


@dataclass(frozen=True, slots=True)
class TokenTable:
    """Words between white space (`View.tokens`). Treat arrays as read-only."""

    forms: list[str]
    """Different words, by first occurrence."""
    lengths: NDArray[np.int64]
    """Characters of each form."""
    counts: NDArray[np.int64]
    """How often each form stands in the text."""
    ids: NDArray[np.int64]
    """Position in `forms` of each word of the text."""

    def sequences(self, words: int) -> NDArray[np.uint64]:
        """One number for each run of `words` words, by its start; equal for equal runs.

        Two different runs share a number with a chance of about 2^-64.
        """
        starts = max(0, len(self.ids) - words + 1)
        codes = np.zeros(starts, dtype=np.uint64)
        # Ids are spread over 64 bits first: small neighbouring numbers make a weak polynomial.
        spread = (self.ids.astype(np.uint64) + np.uint64(1)) * _BASE
        spread ^= spread >> np.uint64(29)
        for offset in range(words):
            codes *= _BASE
            codes += spread[offset : offset + starts]
        return codes


@lru_cache(maxsize=1)
def token_table(text: str) -> TokenTable:
    """The table of `text`, remembered until another text is asked for."""
    tokens = view(text).tokens
    places = {form: place for place, form in enumerate(dict.fromkeys(tokens))}
    forms = list(places)
    ids = np.fromiter(map(places.__getitem__, tokens), dtype=np.int64, count=len(tokens))
    lengths = np.fromiter(map(len, forms), dtype=np.int64, count=len(forms))
    return TokenTable(forms, lengths, np.bincount(ids, minlength=len(forms)), ids)
