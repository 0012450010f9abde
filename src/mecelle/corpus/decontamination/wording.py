"""Words of items, phrases and documents, as the n-grams of decontamination see them."""

import re

from mecelle.corpus.dedup.scanning import code_points, scan, tables
from mecelle.corpus.dedup.shingles import Hashes
from mecelle.text.casing import fold

_WORD = re.compile(r"[^\W_]+")


def hashes_of(text: str) -> Hashes:
    """A number for each run of letters and digits, in one case: an item's apostrophes and dots do not hide it."""
    hashes: Hashes = scan(code_points(text), tables())[0]
    return hashes


def phrase_of(text: str, first: int, length: int) -> str:
    """The words behind the numbers, to be read by a person; first: word from 0."""
    return " ".join(_WORD.findall(fold(text))[first : first + length])
