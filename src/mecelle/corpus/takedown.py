"""Taken-down documents: who is a copy of one, known by prints that do not hold its text.

A takedown would rather find too much than too little, so the numbers and words of outcome that keep two decisions apart
in `mecelle.corpus.dedup` do not count here. Two things do: official numbers, where both documents have them, and the
names and figures in the text, where all else is equal: formula decisions of one chamber share their wording.
"""

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mecelle.base.document import Document, content_hash
from mecelle.corpus.dedup.decisive import OFFICIAL_FIELDS
from mecelle.corpus.dedup.minhash import Shingles, minima, shingle_set
from mecelle.corpus.dedup.scanning import code_points, scan, tables
from mecelle.corpus.takedown_log import Print, Takedown
from mecelle.corpus.takedown_words import plain_words
from mecelle.corpus.view import view

REMOVED_FROM = 0.90
"""Jaccard similarity of word 5-grams, 0..1, from which a document is taken down with another (HukukBERT §3.2)."""
LISTED_FROM = 0.70
"""Similarity from which a document is shown to a person, who decides."""
NAMES_WITHIN = 0.95
"""Share of the names and figures of a masked text that its original must have: at 0.90, formula decisions without
official numbers that differ in one name of twelve pass for copies (benchmarks/takedown.py)."""
SIZE_FROM = 0.5
"""Number of 5-grams of the smaller text to those of the larger: masking takes words away, but never half of them."""
LEAST_SHINGLES = 20
"""Fewer plain 5-grams than this say nothing about a text."""

How = Literal["named", "same_id", "exact_copy", "near_duplicate", "masked_variant", "similar"]

_SHINGLE_WORDS, _PERMUTATIONS = 5, 256
# Fixed for good: prints are compared across years.
_DRAWN = np.random.PCG64(20_240_349).random_raw(2 * _PERMUTATIONS).astype(np.uint64)
_FACTORS, _OFFSETS = _DRAWN[::2] | np.uint64(1), _DRAWN[1::2].copy()


class Match(NamedTuple):
    """A document that is, or may be, a copy of one that was taken down."""

    takedown: int
    """Number of the takedown."""
    how: How
    similarity: float
    """Estimated Jaccard similarity of the whole or the plain wording, whichever is more; 0..1, give or take 0.04."""
    why: str = ""
    """Of one that is `similar`: why it is not removed."""

    @property
    def leaves(self) -> bool:
        """Whether it is a copy; `similar` ones are for a person to look at."""
        return self.how != "similar"


def print_of(document: Document) -> Print:
    """The print of a document: it tells copies, near-duplicates and masked variants, and does not hold the text."""
    whole, (plain, names) = _whole(document.text), _plain(document.text)
    return Print(
        content_hash=content_hash(document.text),
        official=_official(document.metadata),
        whole=_least(whole),
        whole_size=len(whole),
        plain=_least(plain),
        plain_size=len(plain),
        names=names,
    )


class Recogniser:
    """Tells whether a document is a copy of one that was taken down."""

    def __init__(self, takedowns: Iterable[Takedown]) -> None:
        """takedowns: all that are in force; of two that fit a document, the one that fits best is named."""
        rows = list(takedowns)
        self._ids = {one.id: row.number for row in reversed(rows) for one in row.documents}
        self._hashes = {one.content_hash: row.number for row in reversed(rows) for one in row.prints}
        self._numbers = [row.number for row in rows for _ in row.prints]
        self._prints = [one for row in rows for one in row.prints]
        self._whole = _Sketches([one.whole for one in self._prints], [one.whole_size for one in self._prints])
        self._plain = _Sketches([one.plain for one in self._prints], [one.plain_size for one in self._prints])

    def match(self, document: Document) -> Match | None:
        """The best match, or None. Cheap where no document of about this length was taken down."""
        if not self._prints:
            return None
        if (number := self._ids.get(document.id)) is not None:
            return Match(number, "same_id", 1.0)
        if (number := self._hashes.get(content_hash(document.text))) is not None:
            return Match(number, "exact_copy", 1.0)
        shingles = _whole(document.text)
        if not self._whole.has_size(len(shingles), SIZE_FROM):
            return None
        whole = self._whole.similarities(shingles)
        shingles, names = _plain(document.text)
        plain = self._plain.similarities(shingles) if len(shingles) >= LEAST_SHINGLES else np.zeros(len(whole))
        near = np.flatnonzero(np.maximum(whole, plain) >= LISTED_FROM).tolist()
        official = _official(document.metadata)
        found = [self._judge(at, float(whole[at]), float(plain[at]), names, official) for at in near]
        return max(found, key=lambda one: (one.leaves, one.similarity), default=None)

    def is_copy(self, document: Document) -> bool:
        """Whether the document was taken down, or is a copy of one that was."""
        match = self.match(document)
        return match is not None and match.leaves

    def _judge(self, at: int, whole: float, plain: float, names: list[int], official: dict[str, str]) -> Match:
        known, number, most = self._prints[at], self._numbers[at], max(whole, plain)
        if any(known.official[field] != value for field, value in official.items() if field in known.official):
            return Match(number, "similar", most, "other official numbers")
        if whole >= REMOVED_FROM:
            return Match(number, "near_duplicate", whole)
        if plain < REMOVED_FROM:
            return Match(number, "similar", most, "less alike than a copy is")
        if _share_within(names, known.names) < NAMES_WITHIN:
            return Match(number, "similar", most, "the same wording with other names and figures")
        return Match(number, "masked_variant", plain)


class _Sketches:
    """MinHash values of many sets, shape (sets, permutations), and the sizes of the sets."""

    def __init__(self, least: list[list[int]], sizes: list[int]) -> None:
        self._least = np.array(least, dtype=np.uint32).reshape(len(least), _PERMUTATIONS)
        self._sizes = np.array(sizes, dtype=np.int64)

    def has_size(self, size: int, least: float) -> bool:
        """Whether a set is of about this size: the smaller at least `least` of the larger."""
        return bool((np.minimum(self._sizes, size) >= least * np.maximum(self._sizes, size)).any())

    def similarities(self, shingles: Shingles) -> NDArray[np.float64]:
        """Estimated Jaccard similarity of `shingles` to each set, shape (sets,); 0 where the sizes rule a match out."""
        found = np.zeros(len(self._sizes))
        small, large = np.minimum(self._sizes, len(shingles)), np.maximum(self._sizes, len(shingles))
        if len(chosen := np.flatnonzero(small >= LISTED_FROM * np.maximum(large, 1))):
            found[chosen] = (self._least[chosen] == minima(shingles, _FACTORS, _OFFSETS)).mean(axis=1)
        return found


def _whole(text: str) -> Shingles:
    hashes, _ = scan(code_points(text), tables())
    shingles: Shingles = shingle_set(hashes, _SHINGLE_WORDS)
    return shingles


def _plain(text: str) -> tuple[Shingles, list[int]]:
    """Shingles of the words that no masking touches, and prints of all others."""
    words, names = plain_words(view(text).tokens)
    return shingle_set(words, _SHINGLE_WORDS), names


def _least(shingles: Shingles) -> list[int]:
    values: list[int] = minima(shingles, _FACTORS, _OFFSETS).tolist()
    return values


def _official(metadata: dict[str, Any]) -> dict[str, str]:
    return {field: str(metadata[field]) for field in OFFICIAL_FIELDS if metadata.get(field)}


def _share_within(one: list[int], other: list[int]) -> float:
    """Share of the smaller set that is in the larger one: a masked text keeps no names but those of its original."""
    smaller, larger = sorted((frozenset(one), frozenset(other)), key=len)
    return len(smaller & larger) / len(smaller) if smaller else 1.0
