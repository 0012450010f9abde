"""Searching an index: by number, by words, by meaning."""

import sqlite3
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Self

import numpy as np
import orjson
from numpy.typing import NDArray

from mecelle.base.errors import ArtifactError, ConfigError, InputError, MecelleError, MismatchError
from mecelle.base.protocols import TextEncoder
from mecelle.models.names import load_encoder
from mecelle.retrieval.bm25 import Bm25
from mecelle.retrieval.building import open_vectors
from mecelle.retrieval.catalogue import Catalogue
from mecelle.retrieval.config import Mode
from mecelle.retrieval.fusion import rrf
from mecelle.retrieval.hits import Filters, Hit, make_hit
from mecelle.retrieval.manifest import COUNTS, TABLES, Manifest, read_manifest
from mecelle.retrieval.ranking import Ranking
from mecelle.retrieval.references import find_references
from mecelle.retrieval.vectors import Payload, VectorStore
from mecelle.text.casing import fold
from mecelle.text.chambers import chamber_abbreviation
from mecelle.text.stemming import search_terms
from mecelle.text.unicode import clean

__all__ = ["Filters", "Hit", "Searcher", "search"]

_ROWS_AT_ONCE = 10_000  # values in one statement; SQLite allows 32,766
_LIVE = "FROM passages JOIN documents ON documents.number = passages.document WHERE position NOT NULL"

Ranked = list[tuple[int, float]]
"""Positions of passages with their scores, best first."""


def search(
    index: Path,
    query: str,
    *,
    k: int = 10,
    mode: Mode | None = None,
    filters: Filters | None = None,
) -> list[Hit]:
    """The `k` best hits of one question; see `Searcher`, which loads once and answers many."""
    with Searcher(index) as searcher:
        return searcher.search(query, k=k, mode=mode, filters=filters)


class Searcher:
    """An open index. Answers from any thread; it keeps to the generation it opened while another is built."""

    def __init__(self, index: Path, *, encoder: TextEncoder | None = None, device: str = "cpu") -> None:
        """encoder: the index's model if it is loaded already; else it is loaded when a question first needs it.

        Raises ArtifactError if there is no whole index, MismatchError if `encoder` is not the model of the index.
        """
        self.index, self.device = index, device
        self._lock = threading.Lock()
        self._open()
        self._encoder = self._fitting(encoder) if encoder else None
        self._store: VectorStore | None = None
        self._allowed = lru_cache(maxsize=64)(self._find_allowed)
        if self.manifest.mode != "bm25":
            # Now, while the generation is there: a build may replace it before the first question comes.
            with suppress(MecelleError):  # a search by words can do without, any other raises it again
                self._store = self._open_store()

    def _open(self) -> None:
        for attempt in range(3):
            self.manifest: Manifest = read_manifest(self.index)
            folder = self.manifest.folder(self.index)
            try:
                self.catalogue = Catalogue.read(folder / TABLES)
                self.bm25 = Bm25.load(folder / COUNTS)
            except (OSError, sqlite3.Error, ArtifactError) as error:
                if attempt == 2:
                    raise ArtifactError(f"{folder}: cannot be opened ({error}); delete it and build again") from error
                continue  # a build put another generation in place between the marker and the files
            self.config = self.manifest.parsed_config()
            return

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files."""
        self.catalogue.close()
        if self._store:
            self._store.close()

    def search(self, query: str, *, k: int = 10, mode: Mode | None = None, filters: Filters | None = None) -> list[Hit]:
        """The `k` best hits, best first: what the question names outright, then by `mode`.

        A decision or other document is one hit, of an act each article is one. mode: None takes the index's own.
        Raises InputError for an empty question, ConfigError if k is under 1, the mode is unknown, or it needs vectors
        and the index has none.
        """
        mode = mode or self.manifest.mode
        if mode not in ("bm25", "dense", "hybrid"):
            raise ConfigError(f"mode '{mode}' is unknown; use 'bm25', 'dense' or 'hybrid'")
        if k < 1:
            raise ConfigError(f"k is {k}; a search returns 1 hit or more")
        question = clean(query).strip()
        if not question:
            raise InputError("the question is empty; type a few words, a case number or an article")
        where = (filters or Filters()).payload()
        depth = max(self.config.candidates, 10 * k)
        found: dict[str, Ranked] = {"exact": [(position, 0.0) for position in self._named(question, where)]}
        if mode in ("bm25", "hybrid"):
            found["bm25"] = self._by_words(question, depth, where)
        if mode in ("dense", "hybrid"):
            found["dense"] = self._by_meaning(question, depth, where)
        return self._hits(question, k, found)

    def _by_words(self, question: str, depth: int, where: Payload) -> Ranked:
        scores = self.bm25.scores(question)
        if where:
            scores = np.where(self._allowed(tuple(sorted(where.items()))), scores, 0)
        best = self.bm25.identifiers.best_positions(scores, depth, above=0.0)
        return [(position, float(scores[position])) for position in best]

    def _by_meaning(self, question: str, depth: int, where: Payload) -> Ranked:
        store, encoder = self._vectors()
        near = dict(store.search(encoder.encode([question], role="query")[0], depth, where))
        rows = self._select("SELECT position, point FROM passages WHERE position NOT NULL AND point IN", list(near))
        # A server may hold points that the tables of this generation do not know: they are passed over.
        found = [(int(row["position"]), near[row["point"]]) for row in rows]
        return sorted(found, key=lambda item: (-item[1], item[0]))

    def _named(self, question: str, where: Payload) -> list[int]:
        """Passages of the decisions and articles that the question names by number."""
        references = find_references(question)
        decisions: list[tuple[bool, int]] = []
        for number in references.decisions:
            query = f"SELECT position, metadata {_LIVE} AND (case_number = ? OR decision_number = ?) ORDER BY position"
            rows = self.catalogue.rows(query, number, number)
            decisions += [(not _names_chamber(question, row["metadata"]), row["position"]) for row in rows]
        positions = [position for _, position in sorted(decisions)]
        for reference in references.articles:
            rows = self.catalogue.rows(f"SELECT position {_LIVE} AND reference = ? ORDER BY position", reference)
            positions += [row["position"] for row in rows]
        allowed = self._allowed(tuple(sorted(where.items()))) if where and positions else None
        return [position for position in dict.fromkeys(positions) if allowed is None or allowed[position]]

    def _hits(self, question: str, k: int, found: Mapping[str, Ranked]) -> list[Hit]:
        groups = self._groups({position for ranked in found.values() for position, _ in ranked})
        best = {name: _first_of_each(ranked, groups) for name, ranked in found.items()}
        rankings = {name: [(group, score) for group, (_, score) in best[name].items()] for name in best}
        fused = self._fused(rankings)
        order = list(dict.fromkeys([*best["exact"], *fused]))[:k]
        method = self.bm25.config.terms
        terms = frozenset(search_terms(question, method=method))
        ranks: dict[str, dict[str, int]] = {group: {} for group in order}
        chosen: dict[str, int] = {}
        for name in ("exact", "dense", "bm25"):  # of equal ranks, the passage with the question's words is shown
            for rank, group in enumerate(best.get(name, {}), start=1):
                if group in ranks:
                    others = [other for key, other in ranks[group].items() if key != "exact"]
                    if not others or rank <= min(others):
                        chosen[group] = best[name][group][0]
                    ranks[group][name] = rank
        rows = {row["position"]: row for row in self._select(f"SELECT * {_LIVE} AND position IN", chosen.values())}
        return [
            make_hit(
                rows[chosen[group]],
                score=fused.get(group, 0.0),
                ranks=dict(sorted(ranks[group].items())),
                terms=terms,
                method=method,
            )
            for group in order
        ]

    def _fused(self, rankings: Mapping[str, Ranking]) -> dict[str, float]:
        """Groups with their scores, best first, from what was searched by words and by meaning."""
        kinds = [name for name in ("bm25", "dense") if name in rankings]
        if len(kinds) == 1:
            return dict(rankings[kinds[0]])
        weights = [1.0, self.config.dense_weight]
        return dict(rrf([rankings[name] for name in kinds], constant=self.config.fusion_constant, weights=weights))

    def _groups(self, positions: Iterable[int]) -> dict[int, str]:
        """What each passage is shown as: its document, or its article of the document."""
        rows = self._select(f"SELECT position, id, reference {_LIVE} AND position IN", positions)
        return {row["position"]: f"{row['id']}\x1f{row['reference'] or ''}" for row in rows}

    def _select(self, query: str, values: Iterable[int]) -> list[sqlite3.Row]:
        values = list(values)
        rows: list[sqlite3.Row] = []
        for start in range(0, len(values), _ROWS_AT_ONCE):
            part = values[start : start + _ROWS_AT_ONCE]
            rows += self.catalogue.rows(f"{query} ({','.join('?' * len(part))})", *part)
        return rows

    def _find_allowed(self, where: tuple[tuple[str, str], ...]) -> NDArray[np.bool_]:
        """Which passages a filter lets through, by position."""
        conditions = " AND ".join(f"{field} = ?" for field, _ in where)
        rows = self.catalogue.rows(f"SELECT position {_LIVE} AND {conditions}", *(value for _, value in where))
        allowed = np.zeros(self.manifest.passages, dtype=np.bool_)
        allowed[[row["position"] for row in rows]] = True
        return allowed

    def _vectors(self) -> tuple[VectorStore, TextEncoder]:
        """The vectors and their model, loaded when a question first needs them."""
        model = self.manifest.model
        if model is None:
            raise ConfigError(f"{self.index} has no vectors: build it with a model, or search with mode 'bm25'")
        with self._lock:
            if self._encoder is None:
                self._encoder = self._fitting(load_encoder(model.place(self.index), device=self.device))
            if self._store is None:
                self._store = self._open_store()
            return self._store, self._encoder

    def _open_store(self) -> VectorStore:
        assert self.manifest.model is not None
        return open_vectors(self.manifest.folder(self.index), self.config, self.manifest.model, may_create=False)

    def _fitting(self, encoder: TextEncoder) -> TextEncoder:
        model = self.manifest.model
        found = (encoder.fingerprint, encoder.dimension)
        if model is None or found != (model.fingerprint, model.dimension):
            made = f"{model.name} ({model.fingerprint[:8]}, {model.dimension} dimensions)" if model else "no model"
            raise MismatchError(
                f"{self.index} was made with {made}, but the model is now {encoder.name} ({found[0][:8]}, {found[1]} "
                "dimensions); build the index again with this model, or search with mode 'bm25'"
            )
        return encoder


def _names_chamber(question: str, metadata: str) -> bool:
    """Whether the question names the decision's chamber, in full or cut."""
    chamber = orjson.loads(metadata).get("chamber")
    asked = fold(question)
    return bool(chamber) and any(fold(form) in asked for form in (chamber, chamber_abbreviation(chamber)))


def _first_of_each(ranked: Ranked, groups: Mapping[int, str]) -> dict[str, tuple[int, float]]:
    """Best passage and score of each group, in order."""
    best: dict[str, tuple[int, float]] = {}
    for position, score in ranked:
        best.setdefault(groups[position], (position, score))
    return best
