"""Exact search by vectors: every document is compared. For evaluation, and the yardstick of approximate search."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import MismatchError
from mecelle.base.protocols import TextEncoder
from mecelle.retrieval.ranking import Identifiers, Ranking

QUERY_BATCH = 64
"""Queries compared at once: 64 rows of scores over a million documents are 256 MB."""


class ExactDense:
    """Unit vectors that can be asked by a unit vector; the score is their cosine."""

    def __init__(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """vectors: shape (len(ids), dimension). Raises MismatchError if rows and ids differ in number."""
        if vectors.ndim != 2 or len(ids) != len(vectors):
            raise MismatchError(f"{len(ids):,} ids, but vectors of shape {vectors.shape}; one row per id is needed")
        self.identifiers = Identifiers(ids)
        self.vectors = vectors

    def rank(self, queries: NDArray[np.float32], k: int) -> list[Ranking]:
        """The `k` nearest documents of each query vector.

        queries: shape (queries, dimension). Raises MismatchError if the dimensions differ.
        """
        if queries.ndim != 2 or queries.shape[1] != self.vectors.shape[1]:
            raise MismatchError(
                f"query vectors of shape {queries.shape} asked of documents with {self.vectors.shape[1]} dimensions; "
                "both sides must come from one model"
            )
        rankings: list[Ranking] = []
        for start in range(0, len(queries), QUERY_BATCH):
            scores = queries[start : start + QUERY_BATCH] @ self.vectors.T
            rankings += [self.identifiers.best(row, k) for row in scores]
        return rankings


def rank_dense(
    encoder: TextEncoder, queries: Sequence[str], documents: Sequence[tuple[str, str]], k: int
) -> list[Ranking]:
    """Rank (id, text) pairs for each query by the cosine of the encoder's vectors."""
    if not queries or not documents:
        return [[] for _ in queries]
    vectors = encoder.encode([text for _, text in documents], role="document")
    collection = ExactDense([identifier for identifier, _ in documents], vectors)
    return collection.rank(encoder.encode(queries, role="query"), k)
