"""Sets of documents that count as one: union-find over arrays on disk, and the compiled comparison of candidates."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mecelle.corpus.dedup.minhash import Shingles
from mecelle.corpus.dedup.shingles import Hashes
from mecelle.corpus.dedup.signatures import Rows

COMPARED, BELOW, REFUSED, LIMITED = range(4)
"""Places in the counts: pairs compared; those below the least similarity; those similar, but kept apart by official
numbers, or because both are settled; documents that met the limit of comparisons."""

_ROUNDING = 1e-9  # of distances, which are differences of quotients


class Sets(NamedTuple):
    """Sets of rows, each known by its representative: a settled document before others, then the first in input order.

    Settled documents are those that a model has been trained on (the snapshot of `select`). They stay when new
    documents come, wherever these stand in the input, so that new copies change no training set.
    """

    parent: Rows
    labels: Hashes
    """Of representatives; a set never holds two different labels, where 0 is no label."""
    settled: NDArray[np.bool_]


@njit(cache=True)
def find(parent, row):  # type: ignore[no-untyped-def]
    """The representative of the set that holds `row`."""
    while parent[row] != row:
        parent[row] = parent[parent[row]]
        row = parent[row]
    return row


@njit(cache=True)
def unite(sets, left, right):  # type: ignore[no-untyped-def]
    """Join two sets; False if their labels differ, or if both representatives are settled and so must not leave."""
    parent, labels, settled = sets.parent, sets.labels, sets.settled
    first, second = find(parent, left), find(parent, right)
    if first == second:
        return True
    if (settled[first] and settled[second]) or (labels[first] and labels[second] and labels[first] != labels[second]):
        return False
    if settled[second] or (second < first and not settled[first]):
        first, second = second, first
    parent[second] = first
    labels[first] |= labels[second]
    return True


@njit(cache=True)
def flatten(parent):  # type: ignore[no-untyped-def]
    """Let every row point to its representative."""
    for row in range(len(parent)):
        parent[row] = find(parent, row)


@njit(cache=True)
def undecided(parent, rows, edges):  # type: ignore[no-untyped-def]
    """Which groups hold rows of more than one set, shape (groups,)."""
    found = np.zeros(len(edges) - 1, dtype=np.bool_)
    for group in range(len(found)):
        first = find(parent, rows[edges[group]])
        for at in range(edges[group] + 1, edges[group + 1]):
            if find(parent, rows[at]) != first:
                found[group] = True
                break
    return found


@njit(cache=True)
def similarity(values, left, left_end, right, right_end):  # type: ignore[no-untyped-def]
    """Jaccard similarity, 0..1, of the sorted sets values[left:left_end] and values[right:right_end]."""
    size, shared = left_end - left + right_end - right, 0
    while left < left_end and right < right_end:
        one, other = values[left], values[right]
        shared += one == other
        left += one <= other
        right += other <= one
    return shared / (size - shared) if size else 0.0


class Candidates(NamedTuple):
    """Rows that may be similar, in groups, with their shingles."""

    rows: Rows
    edges: Rows
    """Of the groups: `rows[edges[i]:edges[i + 1]]`, ascending."""
    values: Shingles
    starts: Rows
    ends: Rows
    """Where the set of each of `rows` stands in `values`, shape (rows,) each."""


class _Stars(NamedTuple):
    """Each row hangs on a head, an earlier row of its group and of its set, at a known distance; by place in `rows`."""

    heads: Rows
    """Places of the heads of the group at work, from the start of the group on."""
    reach: NDArray[np.float64]
    """Distance of the farthest row on each of `heads`."""
    last: Rows
    """The row that was last hung on each of `heads`, -1 for none."""
    before: Rows
    """Of each row, the one hung on the same head before."""
    distance: NDArray[np.float64]
    """Of each row, 1 - similarity to its head."""
    is_head: NDArray[np.bool_]


@njit(cache=True)
def join(sets, candidates, least, limit, counts):  # type: ignore[no-untyped-def]
    """Compare the rows of each group of candidates, join the sets of those that are similar, and say which are heads.

    least: Jaccard similarity, 0..1. limit: comparisons of one row within a group, after which it is left as it is
    (counted). counts: added to, shape (4,).

    Jaccard distance obeys the triangle inequality: a row that lies `d` from a head can be similar only to those rows on
    the head whose own distance differs from `d` by at most 1 - least. So a group of copies is settled by one comparison
    a row, and below the limit no comparison is left out that could join two sets.
    """
    count = len(candidates.rows)
    stars = _Stars(
        np.empty(count, dtype=np.int64),
        np.zeros(count),
        np.full(count, -1),
        np.full(count, -1),
        np.zeros(count),
        np.zeros(count, dtype=np.bool_),
    )
    for group in range(len(candidates.edges) - 1):
        start, heads = candidates.edges[group], 0
        for at in range(start, candidates.edges[group + 1]):
            if not _hang(sets, candidates, stars, start, heads, at, least, limit, counts):
                stars.heads[start + heads] = at
                stars.is_head[at] = True
                heads += 1
    return stars.is_head


@njit(cache=True)
def _hang(sets, candidates, stars, start, heads, at, least, limit, counts):  # type: ignore[no-untyped-def]
    """Compare the row at `at` with the heads of its group, and hang it on the first of its own set, if there is one."""
    row, hung = candidates.rows[at], False
    for number in range(start, start + heads):
        head = stars.heads[number]
        within = stars.reach[number] + 1.0 - least + _ROUNDING
        same = find(sets.parent, candidates.rows[head]) == find(sets.parent, row)
        if (same and hung) or (not same and _least_distance(candidates, head, at) > within):
            continue
        if limit <= 0:
            counts[LIMITED] += 1
            break
        limit -= 1
        alike = _similarity(candidates, head, at, counts)
        if not same:
            same = _join(sets, candidates, head, at, alike, least, counts)
            if not same and alike < least and 1.0 - alike <= within:
                same, limit = _join_row_on(sets, candidates, stars, number, at, alike, least, limit, counts)
        if same and not hung:
            hung = True
            stars.before[at], stars.last[number] = stars.last[number], at
            stars.distance[at] = 1.0 - alike
            stars.reach[number] = max(stars.reach[number], 1.0 - alike)
    return hung


@njit(cache=True)
def _join_row_on(sets, candidates, stars, number, at, alike, least, limit, counts):  # type: ignore[no-untyped-def]
    """Join the row at `at` with a row on a head that it is itself too far from; whether it did, and the new limit."""
    other = stars.last[number]
    while other >= 0 and limit > 0:
        if abs(1.0 - alike - stars.distance[other]) <= 1.0 - least + _ROUNDING:
            limit -= 1
            if _join(sets, candidates, other, at, _similarity(candidates, other, at, counts), least, counts):
                return True, limit
        other = stars.before[other]
    return False, limit


@njit(cache=True)
def _join(sets, candidates, left, right, alike, least, counts):  # type: ignore[no-untyped-def]
    if alike < least:
        counts[BELOW] += 1
        return False
    joined = unite(sets, candidates.rows[left], candidates.rows[right])
    counts[REFUSED] += not joined
    return joined


@njit(cache=True)
def _similarity(candidates, left, right, counts):  # type: ignore[no-untyped-def]
    counts[COMPARED] += 1
    starts, ends = candidates.starts, candidates.ends
    return similarity(candidates.values, starts[left], ends[left], starts[right], ends[right])


@njit(cache=True)
def _least_distance(candidates, left, right):  # type: ignore[no-untyped-def]
    """Two sets are at least as far apart as their sizes tell."""
    one = candidates.ends[left] - candidates.starts[left]
    other = candidates.ends[right] - candidates.starts[right]
    return 1.0 - min(one, other) / max(one, other)
