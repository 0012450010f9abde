"""Exact duplicates: documents whose cleaned texts are equal to the letter, and that no official number sets apart."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from mecelle.corpus.dedup.duplicates import Duplicates
from mecelle.corpus.dedup.groups import ROWS_AT_ONCE, groups
from mecelle.corpus.dedup.shingles import Hashes
from mecelle.corpus.dedup.signatures import Rows, Signatures


def exact_duplicates(signatures: Signatures, duplicates: Duplicates, *, rows_at_once: int = ROWS_AT_ONCE) -> None:
    """Add the copies among the rows of `signatures` to `duplicates`.

    Courts publish formula decisions whose texts are equal but for a header that the source left out: with different
    case, decision or law numbers they are different decisions. A document without numbers joins the first of its text.
    """
    for found in groups(lambda: _first_halves(signatures), count=len(signatures), rows_at_once=rows_at_once):
        order = np.argsort(found.rows)
        contents, officials = np.empty((len(order), 2), dtype=np.uint64), np.empty(len(order), dtype=np.uint64)
        contents[order] = signatures.take("content", found.rows[order])
        officials[order] = signatures.take("official", found.rows[order])
        for start, end in pairwise(found.edges.tolist()):
            here = slice(start, end)
            for rows in _copies(found.rows[here], contents[here, 1], officials[here]):
                first = duplicates.first(rows)
                duplicates.leave(rows[rows != first], first, 1.0, method="exact")


def _first_halves(signatures: Signatures) -> Iterator[tuple[Rows, Hashes]]:
    for start, contents in zip(signatures.starts.tolist(), signatures.column("content"), strict=False):
        yield np.arange(start, start + len(contents)), contents[:, 0]


def _copies(rows: Rows, second_halves: Hashes, officials: Hashes) -> Iterator[Rows]:
    """The rows that are one document, among those that agree in the first half of the hash; rows are ascending."""
    found: dict[int, dict[int, list[int]]] = {}
    for row, half, number in zip(rows.tolist(), second_halves.tolist(), officials.tolist(), strict=True):
        found.setdefault(half, {}).setdefault(number, []).append(row)
    for by_number in found.values():
        nameless = by_number.pop(0, [])
        first, *others = by_number.values() or [[]]
        for same in (sorted(first + nameless), *others):
            if len(same) > 1:
                yield np.array(same)
