"""Word n-grams of a text as 64-bit numbers, the same on every machine."""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from mecelle.text.casing import fold
from mecelle.text.words import words

Hashes = NDArray[np.uint64]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # odd, from the golden ratio: spreads neighbouring values over 64 bits


def folded_words(text: str) -> list[str]:
    """Words in one case, NFC; digits and diacritics are kept, since they make two decisions two."""
    return words(fold(text))


def word_hashes(folded: Sequence[str]) -> Hashes:
    """A 64-bit number for each word, the same on every machine."""
    return np.fromiter(map(_word_hash, folded), dtype=np.uint64, count=len(folded))


def gram_hashes(hashes: Hashes, length: int) -> Hashes:
    """A 64-bit number for each run of `length` words, in order; one for a whole text that is shorter, none if empty."""
    length = min(length, len(hashes))
    if length == 0:
        return np.empty(0, dtype=np.uint64)
    count = len(hashes) - length + 1
    grams = np.zeros(count, dtype=np.uint64)
    for offset in range(length):  # a polynomial modulo 2**64: the order of words counts
        grams = grams * _MULTIPLIER + hashes[offset : offset + count]
    return _mix(grams)


def _mix(values: Hashes) -> Hashes:
    """Spread the bits (the finaliser of splitmix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


@lru_cache(maxsize=1 << 18)
def _word_hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
