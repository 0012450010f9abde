"""Clusters of duplicates and who stands for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Method = Literal["exact", "minhash"]


@dataclass(frozen=True, slots=True)
class Member:
    """A document that leaves, by row, and its Jaccard similarity, 0..1, to the one that stays."""

    row: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """Documents that count as one; `members` are without the representative, in input order."""

    method: Method
    representative: int
    members: tuple[Member, ...]


class Order:
    """Who represents a cluster: a settled document before others, then the first in input order.

    Settled documents are those that a model has been trained on (the snapshot of `select`). They stay when new
    documents come, wherever these stand in the input, so that new copies change no training set.
    """

    def __init__(self, settled: Iterable[int] = ()) -> None:
        """settled: rows of settled documents."""
        self._settled = frozenset(settled)

    def rank(self, row: int) -> tuple[bool, int]:
        """Smaller stays."""
        return (row not in self._settled, row)

    def both_settled(self, left: int, right: int) -> bool:
        """Whether a union of two representatives would push a settled document out."""
        return left in self._settled and right in self._settled


class UnionFind:
    """Sets of rows, each known by its representative."""

    def __init__(self, order: Order, labels: Sequence[int]) -> None:
        """labels: of each row; a set never holds two different labels, where 0 is no label."""
        self._parent: dict[int, int] = {}
        self._order = order
        self._row_labels = labels
        self._labels: dict[int, int] = {}  # of sets that have been joined, by representative

    def find(self, row: int) -> int:
        """The representative of the set that holds `row`."""
        root = row
        while (parent := self._parent.get(root, root)) != root:
            root = parent
        while (parent := self._parent.get(row, row)) != root:
            self._parent[row] = root
            row = parent
        return root

    def union(self, left: int, right: int) -> bool:
        """Join two sets; False if their labels differ, or both have a settled representative, which must not leave."""
        first, second = sorted((self.find(left), self.find(right)), key=self._order.rank)
        labels = {self._label(first), self._label(second)} - {0}
        if len(labels) > 1 or self._order.both_settled(first, second):
            return False
        self._parent[second] = first
        self._labels[first] = labels.pop() if labels else 0
        return True

    def _label(self, root: int) -> int:
        return self._labels.get(root, int(self._row_labels[root]))

    def groups(self) -> list[tuple[int, list[int]]]:
        """Sets of two or more: representative and the other rows, sorted."""
        found: dict[int, list[int]] = {}
        for row in sorted(self._parent):
            if (root := self.find(row)) != row:
                found.setdefault(root, []).append(row)
        return sorted(found.items())
