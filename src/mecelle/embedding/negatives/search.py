"""What finds candidates for negatives: words (BM25), or any embedding model; documents are scored for a few queries."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from mecelle.base.protocols import TextEncoder
from mecelle.models.names import load_encoder
from mecelle.retrieval.bm25 import Bm25, Bm25Config

WORDS = {"bm25": Bm25Config(), "bm25:snowball": Bm25Config(), "bm25:first5": Bm25Config(terms="first5")}
ROWS = 256
"""Queries that are scored at a time."""


def scored(name: str, queries: Sequence[str], documents: Sequence[str]) -> Iterator[NDArray[np.float32]]:
    """Scores of all documents, shape (a few queries, documents), for one run of queries after another.

    name: `bm25`, `bm25:first5`, or an embedding model as `load_encoder` takes it.
    """
    if name in WORDS:
        yield from _by_words(WORDS[name], queries, documents)
    else:
        yield from _by_vectors(load_encoder(name), queries, documents)


def _by_words(config: Bm25Config, queries: Sequence[str], documents: Sequence[str]) -> Iterator[NDArray[np.float32]]:
    collection = Bm25.build(((str(place), text) for place, text in enumerate(documents)), config)
    for query in queries:
        yield collection.scores(query)[None]


def _by_vectors(
    encoder: TextEncoder, queries: Sequence[str], documents: Sequence[str]
) -> Iterator[NDArray[np.float32]]:
    d_ND = encoder.encode(documents, role="document")
    q_QD = encoder.encode(queries, role="query")
    for start in range(0, len(queries), ROWS):
        yield q_QD[start : start + ROWS] @ d_ND.T
