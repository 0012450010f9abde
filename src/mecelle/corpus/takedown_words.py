"""Words that masking never touches, and words that it may: names, initials, figures."""

import re
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

import numpy as np

from mecelle.corpus.dedup.shingles import Hashes
from mecelle.text.casing import fold

NAME_PRINT_BITS = 12
"""Each name and figure leaves 12 bits: of a hundred thousand names in use, about 25 share a print, so that a log of
takedowns does not say who was named; and of a hundred foreign names, two or three are taken for known ones."""

_EDGES = ".,;:!?()\"'“”‘’«»…-–—*_/"
_APOSTROPHE = re.compile(r"['’]")
_LETTERS = re.compile(r"[^\W_]+")


def plain_words(tokens: Iterable[str]) -> tuple[Hashes, list[int]]:
    """Hashes of the small words of letters alone, in order; and sorted prints of all others, each once.

    A name becomes initials, dots, a tag or another name, a number becomes a tag or dots: none of these is a small word,
    so the small words of a text and of its masked variant are the same. Initials, dots and tags leave no print.
    """
    values = [value for value in map(_value, tokens) if value is not None]
    plain = np.array([value for value in values if value >= 0], dtype=np.uint64)
    return plain, sorted({-value - 1 for value in values if value < 0})


@lru_cache(maxsize=1 << 18)
def _value(token: str) -> int | None:
    """The hash of a small word, 0..2**63-1; of another, its print p as -p - 1; None of what masking leaves."""
    word = token.strip(_EDGES)
    if word.isalpha() and word.islower():
        return _hash(word) >> 1
    if not word or _is_mask(word):
        return None
    return -(_hash(fold(_stem(word))) & ((1 << NAME_PRINT_BITS) - 1)) - 1


def _is_mask(word: str) -> bool:
    """`A`, `A.B`, `Y....'ın`, `[AD`, `SOYAD]`, `<KİŞİ>`."""
    if word[0] in "[<{" or word[-1] in "]>}":
        return True
    return all(len(run) == 1 and run.isalpha() for run in _LETTERS.findall(_stem(word)))


def _stem(word: str) -> str:
    """What stands before an apostrophe; behind it is a suffix."""
    return _APOSTROPHE.split(word, maxsplit=1)[0]


def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
