"""Systems that can be asked a retrieval task: BM25, a text encoder, or the fusion of both."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from mecelle.base.errors import ConfigError
from mecelle.base.protocols import TextEncoder
from mecelle.evaluation.tasks.retrieval import RetrievalTask
from mecelle.evaluation.vectors import Vectors
from mecelle.retrieval.bm25 import Bm25, Bm25Config
from mecelle.retrieval.exact import ExactDense
from mecelle.retrieval.fusion import min_max
from mecelle.retrieval.ranking import Ranking

Rankings = dict[str, Ranking]
"""Query id -> ranking."""

LEXICAL = {"bm25:snowball": Bm25Config(terms="snowball"), "bm25:first5": Bm25Config(terms="first5")}
"""BM25 on Snowball's stems, and on the first five letters of each word."""


class Panel:
    """Ranks one task by named systems; each part of a fusion is computed once.

    A name is `bm25:snowball`, `bm25:first5`, the name of an encoder, or two of them joined by `+`, whose scores are
    fused as the search fuses them by default.
    """

    def __init__(
        self, task: RetrievalTask, encoders: Mapping[str, Callable[[], TextEncoder]], *, k: int, cache: Path | None
    ) -> None:
        """encoders: name -> how to load it (called once, when first needed); k: length of a ranking."""
        self.task, self.encoders, self.k, self.cache = task, dict(encoders), k, cache
        self._single: dict[str, Rankings] = {}
        self.fingerprints: dict[str, str] = {}

    def check(self, systems: Sequence[str]) -> None:
        """Raise ConfigError for the first part of a system that the panel does not have, before anything is ranked."""
        for name in (part for system in systems for part in system.split("+")):
            if name not in LEXICAL and name not in self.encoders:
                known = ", ".join([*LEXICAL, *self.encoders])
                raise ConfigError(f"system '{name}' is not known; known are {known}, and two of them joined by '+'")

    def rank(self, system: str) -> Rankings:
        """Rankings of all queries. Raises ConfigError for a system that the panel does not have."""
        self.check([system])
        names = system.split("+")
        parts = [self._rank_single(name) for name in names]
        if len(parts) == 1:
            return parts[0]
        return {query: self._fused(names, [part[query] for part in parts]) for query in self.task.queries}

    def _fused(self, names: Sequence[str], rankings: Sequence[Ranking]) -> Ranking:
        pairs = zip(names, rankings, strict=True)
        floors = [0.0 if name in LEXICAL and len(ranking) < self.k else None for name, ranking in pairs]
        return min_max(rankings, floors=floors, k=self.k)

    def _rank_single(self, name: str) -> Rankings:
        if name not in self._single:
            if name in LEXICAL:
                self._single[name] = self._rank_words(LEXICAL[name])
            else:
                self._single[name] = self._rank_vectors(name)
        return self._single[name]

    def _rank_words(self, config: Bm25Config) -> Rankings:
        collection = Bm25.build(self.task.documents.items(), config)
        return {query: collection.rank(text, self.k) for query, text in self.task.queries.items()}

    def _rank_vectors(self, name: str) -> Rankings:
        encoder = self.encoders[name]()
        self.fingerprints[name] = encoder.fingerprint
        ids, texts = list(self.task.documents), list(self.task.documents.values())
        vectors = Vectors(encoder, self.cache)
        collection = ExactDense(ids, vectors.encode(texts, role="document"))
        queries = vectors.encode(list(self.task.queries.values()), role="query")
        return dict(zip(self.task.queries, collection.rank(queries, self.k), strict=True))
