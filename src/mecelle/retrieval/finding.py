"""Passages of one generation: found by number, by words or by a vector, and let through by filters."""

import sqlite3
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mecelle.retrieval.bm25 import Bm25
from mecelle.retrieval.catalogue import Catalogue
from mecelle.retrieval.filters import Where, as_sql
from mecelle.retrieval.grouping import Ranked
from mecelle.retrieval.lookup import LIVE, named_passages
from mecelle.retrieval.spelling import AskedWord
from mecelle.retrieval.vectors import VectorStore

_ROWS_AT_ONCE = 10_000  # values in one statement; SQLite allows 32,766
_FILTERS_KEPT = 64
_DIGITS = 6
"""Of a cosine: what lies beyond differs from engine to engine, and would decide between equals."""


class Finder:
    """The tables and counts of a generation. Positions are those of its live passages."""

    def __init__(self, catalogue: Catalogue, bm25: Bm25) -> None:
        self.catalogue, self.bm25 = catalogue, bm25
        self._allowed = lru_cache(maxsize=_FILTERS_KEPT)(self._find_allowed)
        self._points = lru_cache(maxsize=_FILTERS_KEPT)(self._find_points)

    def named(self, question: str, where: Where) -> Ranked:
        """Passages of what the question names outright; their scores are 0."""
        positions = named_passages(self.catalogue, question)
        allowed = self._allowed(where) if where and positions else None
        return [(position, 0.0) for position in positions if allowed is None or allowed[position]]

    def by_words(self, words: Sequence[AskedWord], depth: int, where: Where) -> Ranked:
        """The `depth` best passages that share a word, by any of its terms."""
        scores = self.bm25.scores_of_words([one.terms for one in words])
        if where:
            scores = np.where(self._allowed(where), scores, 0)
        best = self.bm25.identifiers.best_positions(scores, depth, above=0.0)
        return [(position, float(scores[position])) for position in best]

    def by_vector(self, store: VectorStore, vector: NDArray[np.float32], depth: int, where: Where) -> Ranked:
        """The passages of the `depth` nearest vectors."""
        cited = tuple(one for one in where if one.field == "cites")
        compared = tuple(one for one in where if one.field != "cites")  # citations are in the tables alone
        found = store.search(vector, depth, compared, self._points(cited) if cited else None)
        near = {point: round(cosine, _DIGITS) for point, cosine in found}
        rows = self.select("SELECT position, point FROM passages WHERE position NOT NULL AND point IN", list(near))
        # A server may hold points that the tables of this generation do not know: they are passed over. Passages of
        # one text share a point; which of them is let through only the tables know.
        allowed = self._allowed(where) if where else None
        ranked = [
            (int(row["position"]), near[row["point"]]) for row in rows if allowed is None or allowed[row["position"]]
        ]
        return sorted(ranked, key=lambda item: (-item[1], item[0]))

    def groups(self, positions: Iterable[int]) -> dict[int, str]:
        """What each passage is shown as: its document, or its article of the document."""
        rows = self.select(f"SELECT position, id, reference {LIVE} AND position IN", positions)
        return {row["position"]: f"{row['id']}\x1f{row['reference'] or ''}" for row in rows}

    def select(self, query: str, values: Iterable[int]) -> list[sqlite3.Row]:
        """Rows of a query that ends in IN, for any number of values."""
        values = list(values)
        rows: list[sqlite3.Row] = []
        for start in range(0, len(values), _ROWS_AT_ONCE):
            part = values[start : start + _ROWS_AT_ONCE]
            rows += self.catalogue.rows(f"{query} ({','.join('?' * len(part))})", *part)
        return rows

    def _find_allowed(self, where: Where) -> NDArray[np.bool_]:
        """Which passages a filter lets through, by position."""
        conditions, values = as_sql(where)
        rows = self.catalogue.rows(f"SELECT position {LIVE}{conditions}", *values)
        allowed = np.zeros(len(self.bm25.identifiers), dtype=np.bool_)
        allowed[[row["position"] for row in rows]] = True
        return allowed

    def _find_points(self, where: Where) -> frozenset[int]:
        conditions, values = as_sql(where)
        return frozenset(row["point"] for row in self.catalogue.rows(f"SELECT point {LIVE}{conditions}", *values))
