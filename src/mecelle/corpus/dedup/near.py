"""Near-duplicates: candidates by MinHash bands, proof by exact Jaccard similarity, refusal where a number differs."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mecelle.corpus.dedup.duplicates import Duplicates, scratch
from mecelle.corpus.dedup.groups import ROWS_AT_ONCE, Groups, groups
from mecelle.corpus.dedup.minhash import MinHash
from mecelle.corpus.dedup.sets import (
    BELOW,
    COMPARED,
    LIMITED,
    REFUSED,
    Candidates,
    Sets,
    flatten,
    join,
    similarity,
    undecided,
)
from mecelle.corpus.dedup.shingles import Hashes
from mecelle.corpus.dedup.signatures import Rows, Signatures

SHINGLES_AT_ONCE = 32_000_000
"""Shingles that are read for one batch of comparisons: 128 MB."""

COMPARISONS = 1_000
"""Of one document with others that share a band, unless it is found to be a copy before."""


def near_duplicates(
    signatures: Signatures,
    config: MinHash,
    duplicates: Duplicates,
    *,
    work: Path,
    rows_at_once: int = ROWS_AT_ONCE,
    shingles_at_once: int = SHINGLES_AT_ONCE,
) -> dict[str, int]:
    """Add the near-duplicates among the rows that stay to `duplicates`; returns the counts.

    Rows share a bucket when they share a band key, and, with `decisive_tokens`, their numbers and words of outcome.
    Every bucket is compared (`sets.join`), but for rows that an earlier band has brought together. A bucket whose
    shingles do not fit into memory is compared in parts, each with the heads of the parts before.
    work: folder for arrays of 16 bytes a row, which the system may put out of memory.
    """
    search = _Search(signatures, config, duplicates, work, rows_at_once, shingles_at_once)
    for band in range(config.bands):
        search.compare(band)
    flatten(search.sets.parent)
    for rows, representatives, similarities in search.members():
        duplicates.leave(rows, representatives, similarities, method="minhash")
    return {
        "pairs_compared": int(search.counts[COMPARED]),
        "pairs_below": int(search.counts[BELOW]),
        "pairs_refused": int(search.counts[REFUSED]),
        "rows_limited": int(search.counts[LIMITED]),
    }


@dataclass
class _Search:
    signatures: Signatures
    config: MinHash
    duplicates: Duplicates
    work: Path
    rows_at_once: int
    shingles_at_once: int

    def __post_init__(self) -> None:
        count = len(self.signatures)
        self.counts = np.zeros(4, dtype=np.int64)
        self.sets = Sets(
            parent=scratch(self.work / "parent", count, np.int64),
            labels=scratch(self.work / "labels", count, np.uint64),
            settled=self.duplicates.settled,
        )
        for start, official in zip(self.signatures.starts.tolist(), self.signatures.column("official"), strict=False):
            here = slice(start, start + len(official))
            self.sets.parent[here] = np.arange(start, start + len(official))
            if self.config.decisive_tokens:
                self.sets.labels[here] = official

    def compare(self, band: int) -> None:
        """Join what shares a bucket of one band and is similar enough."""
        found = groups(lambda: self._keys(band), count=len(self.signatures), rows_at_once=self.rows_at_once)
        for buckets in found:
            open_buckets = buckets.choose(undecided(self.sets.parent, buckets.rows, buckets.edges))
            for batch in self._batches(open_buckets):
                if len(batch) == 1:
                    self._join_in_parts(batch.rows)
                else:
                    self._join(batch)

    def _keys(self, band: int) -> Iterator[tuple[Rows, Hashes]]:
        """Rows that are still there and have words, and their keys."""
        parts = zip(
            self.signatures.starts.tolist(),
            self.signatures.bands(band),
            self.signatures.column("decisive"),
            self.signatures.sizes(),
            strict=False,
        )
        for start, keys, decisive, sizes in parts:
            rows = start + np.flatnonzero(self.duplicates.stays(start, start + len(keys)) & (sizes > 0))
            chosen = keys[rows - start]
            if self.config.decisive_tokens:
                chosen = _mixed(chosen, decisive[rows - start])
            yield rows, chosen

    def _batches(self, buckets: Groups) -> Iterator[Groups]:
        """Whole buckets whose shingles fit into memory together; one that does not fit comes alone."""
        if not len(buckets):
            return
        order = np.argsort(buckets.rows)
        sizes = np.empty(len(order), dtype=np.int64)
        sizes[order] = self.signatures.take_sizes(buckets.rows[order])
        ends = np.cumsum(sizes)[buckets.edges[1:] - 1]
        first = 0
        while first < len(buckets):
            before = int(ends[first - 1]) if first else 0
            last = max(first + 1, int(np.searchsorted(ends, before + self.shingles_at_once, side="right")))
            edges = buckets.edges[first : last + 1]
            yield Groups(buckets.rows[edges[0] : edges[-1]], edges - edges[0])
            first = last

    def _join(self, buckets: Groups) -> NDArray[np.bool_]:
        rows, at = np.unique(buckets.rows, return_inverse=True)
        values, edges = self.signatures.take_shingles(rows)
        candidates = Candidates(buckets.rows, buckets.edges, values, edges[at], edges[at + 1])
        heads: NDArray[np.bool_] = join(self.sets, candidates, self.config.least_similarity, COMPARISONS, self.counts)
        return heads

    def _join_in_parts(self, bucket: Rows) -> None:
        ends = np.cumsum(self.signatures.take_sizes(bucket))
        cuts = np.arange(self.shingles_at_once, ends[-1], self.shingles_at_once)
        heads = bucket[:0]
        for part in np.split(bucket, np.searchsorted(ends, cuts)):
            rows = np.concatenate([heads, part])
            is_head = self._join(Groups(rows, np.array([0, len(rows)])))
            heads = rows[is_head][-COMPARISONS:]

    def members(self) -> Iterator[tuple[Rows, Rows, NDArray[np.float64]]]:
        """Rows that leave, their representatives, and the Jaccard similarity of the two; some at a time."""
        parent, waiting, size = self.sets.parent, list[Rows](), 0
        for start, sizes in zip(self.signatures.starts.tolist(), self.signatures.sizes(), strict=False):
            places = np.flatnonzero(parent[start : start + len(sizes)] != np.arange(start, start + len(sizes)))
            waiting.append(start + places)
            size += int(sizes[places].sum())
            if 2 * size >= self.shingles_at_once or start + len(sizes) == len(parent):
                rows = np.concatenate(waiting)
                yield rows, parent[rows], self._similarities(rows, parent[rows])
                waiting, size = [], 0

    def _similarities(self, rows: Rows, representatives: Rows) -> NDArray[np.float64]:
        wanted, at = np.unique(np.concatenate([rows, representatives]), return_inverse=True)
        values, edges = self.signatures.take_shingles(wanted)
        found: NDArray[np.float64] = _similarities(values, edges, at[: len(rows)], at[len(rows) :])
        return found


@njit(cache=True)
def _similarities(values, edges, left, right):  # type: ignore[no-untyped-def]
    found = np.empty(len(left))
    for number in range(len(left)):
        one, other = left[number], right[number]
        found[number] = similarity(values, edges[one], edges[one + 1], edges[other], edges[other + 1])
    return found


def _mixed(keys: Hashes, others: Hashes) -> Hashes:
    """One key of two that are spread over 64 bits already."""
    return (keys ^ (others << np.uint64(1))) * np.uint64(0x9E3779B97F4A7C15)
