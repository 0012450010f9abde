"""Near-duplicates: candidates by MinHash bands, proof by exact Jaccard similarity, refusal where a number differs."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Self

import numpy as np
from pydantic import Field, model_validator

from mecelle.base.config import Config
from mecelle.base.errors import ConfigError
from mecelle.corpus.dedup.clusters import Cluster, Member, Order, UnionFind
from mecelle.corpus.dedup.shingles import Hashes, jaccard
from mecelle.corpus.dedup.signatures import Signatures


class MinHash(Config):
    """Parameters of near-duplicate search. Source: HukukBERT §3.2 (256 permutations, similarity 0.90)."""

    permutations: int = Field(default=256, ge=16)
    """Values in a signature."""
    bands: int = Field(default=16, ge=1)
    """Parts of a signature; two documents that agree in one are compared. With 16 parts of 16 values a pair of
    similarity 0.90 is found with probability 0.96, one of 0.95 with 0.9999."""
    shingle_words: int = Field(default=5, ge=1)
    """Words in a shingle."""
    least_similarity: float = Field(default=0.90, gt=0.0, le=1.0)
    """Jaccard similarity of shingle sets, 0..1, from which two documents are one (HukukBERT §3.2)."""
    decisive_tokens: bool = True
    """Documents whose numbers (amounts, dates) or words of outcome differ are two, however similar; so are those whose
    metadata give different case, decision or law numbers."""

    @model_validator(mode="after")
    def _bands_divide(self) -> Self:
        if self.permutations % self.bands:
            raise ConfigError(f"{self.bands} bands do not divide {self.permutations} permutations; try 16 and 256")
        return self


class NearDuplicates:
    """The search and its counts."""

    def __init__(self, signatures: Signatures, config: MinHash, order: Order) -> None:
        self._signatures, self._config = signatures, config
        labels = signatures.official.tolist() if config.decisive_tokens else [0] * len(signatures)
        self._sets = UnionFind(order, labels)
        self._compared: set[int] = set()
        self.candidates_below = 0
        """Pairs that share a band, but are less similar than `least_similarity`."""
        self.candidates_refused = 0
        """Pairs that are similar enough, but differ in a decisive token or official number, or are both settled."""

    def clusters(self, rows: Sequence[int]) -> list[Cluster]:
        """Clusters among `rows` (ascending), in the order of their representatives."""
        rows = [row for row in rows if len(self._signatures.shingles(row))]
        for band in range(self._config.bands):
            for bucket in _buckets(self._signatures.bands[rows, band], rows):
                for left, right in combinations(bucket, 2):
                    self._compare(left, right)
        return [
            Cluster("minhash", first, tuple(Member(row, round(self._similarity(first, row), 4)) for row in rest))
            for first, rest in self._sets.groups()
        ]

    def _compare(self, left: int, right: int) -> None:
        # Pairs that are already in one set, or were compared in another band, cost no second look.
        key = left * len(self._signatures) + right
        if key in self._compared or self._sets.find(left) == self._sets.find(right):
            return
        self._compared.add(key)
        if self._similarity(left, right) < self._config.least_similarity:
            self.candidates_below += 1
        elif self._differ(left, right) or not self._sets.union(left, right):
            self.candidates_refused += 1

    def _differ(self, left: int, right: int) -> bool:
        decisive = self._signatures.decisive
        return self._config.decisive_tokens and bool(decisive[left] != decisive[right])

    def _similarity(self, left: int, right: int) -> float:
        return jaccard(self._signatures.shingles(left), self._signatures.shingles(right))


def _buckets(keys: Hashes, rows: Sequence[int]) -> Iterator[Iterable[int]]:
    """Rows that share a key, two or more, each bucket ascending."""
    order = np.argsort(keys, kind="stable")
    edges = np.flatnonzero(np.diff(keys[order])) + 1
    for part in np.split(order, edges):
        if len(part) > 1:
            yield [rows[at] for at in part.tolist()]
