"""How much of the exact answer an approximate search gives."""

import numpy as np
from numpy.typing import NDArray

_BLOCK = 64
_TIE = 1e-6
"""Cosines closer than this are equal: float32 sums differ by their order, and copies of a text have one vector."""


def exact_scores(
    documents: NDArray[np.float32], queries: NDArray[np.float32], k: int, found: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The k-th best score of each query, shape (queries,), and the scores of what was `found`, of its shape.

    Scores are exact dot products of the full vectors; -1 in `found` scores minus infinity. k is at most the number of
    documents.
    """
    threshold = np.empty(len(queries))
    scores = np.empty(found.shape)
    for start in range(0, len(queries), _BLOCK):
        block = slice(start, start + _BLOCK)
        product = (queries[block] @ documents.T).astype(np.float64)
        threshold[block] = np.partition(product, -k, axis=1)[:, -k]
        scores[block] = np.take_along_axis(product, np.maximum(found[block], 0), axis=1)
    return threshold, np.where(found >= 0, scores, -np.inf)


def recall(
    documents: NDArray[np.float32], queries: NDArray[np.float32], found: NDArray[np.int64]
) -> NDArray[np.float64]:
    """recall@k of each query against exact search by the full vectors, 0..1, shape (queries,).

    found: rows of documents, shape (queries, k), all different in a row but for -1. What scores as high as the k-th
    best counts as right, so that copies of one text may stand for each other.
    """
    k = min(found.shape[1], len(documents))
    threshold, scores = exact_scores(documents, queries, k, found)
    right = (scores >= threshold[:, None] - _TIE).sum(axis=1)
    return np.asarray(np.minimum(right, k) / k, dtype=np.float64)


def best_rows(documents: NDArray[np.float32], queries: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Rows of the k documents that score highest, shape (queries, k), best first, the first of equals before others."""
    blocks = [queries[start : start + _BLOCK] @ documents.T for start in range(0, len(queries), _BLOCK)]
    return np.concatenate([np.argsort(-block, axis=1, kind="stable")[:, :k] for block in blocks])
