"""Late interaction as mteb's search: the best of BM25, ranked anew by MaxSim."""

from collections.abc import Callable
from typing import Any

from mecelle.evaluation.adapters import MtebBm25
from mecelle.models.late import LateInteraction, TokenVectors, maxsim
from mecelle.retrieval.bm25 import Bm25Config

CANDIDATES = 100
"""Documents of BM25 that are looked at for each query; the rest of the ranking keeps BM25's order, below them."""


class MtebLate(MtebBm25):
    """mteb's `SearchProtocol`: BM25 finds candidates, a model with a vector for each token orders them.

    Only documents that are candidates of a query are embedded, and each once.
    """

    def __init__(self, name: str, config: Bm25Config, load: Callable[[], LateInteraction]) -> None:
        super().__init__(name, config)
        self.load = load
        self._model: LateInteraction | None = None
        self._texts: dict[str, str] = {}

    def index(self, corpus: Any, **more: Any) -> None:
        """Count the terms of mteb's rows {id, text, title}, and keep the texts."""
        super().index(corpus, **more)
        self._texts = dict(self.rows(corpus))

    def search(self, queries: Any, *, top_k: int, **more: Any) -> dict[str, dict[str, float]]:
        """Query id -> document id -> score."""
        found = super().search(queries, top_k=top_k, **more)
        self._model = self._model or self.load()
        firsts = {query: list(ranking)[:CANDIDATES] for query, ranking in found.items()}
        wanted = sorted({document for first in firsts.values() for document in first})
        texts = [self._texts[document] for document in wanted]
        documents = dict(zip(wanted, self._model.encode(texts, role="document"), strict=True))
        asked = dict(zip(queries["id"], self._model.encode(list(queries["text"]), role="query"), strict=True))
        return {query: _reranked(ranking, firsts[query], asked[query], documents) for query, ranking in found.items()}


def _reranked(
    ranking: dict[str, float], first: list[str], query: TokenVectors, documents: dict[str, TokenVectors]
) -> dict[str, float]:
    """MaxSim for the candidates; negative ranks for all others, so that they stand below in their old order."""
    scores = {document: maxsim(query, documents[document]) for document in first}
    least = min(scores.values(), default=0.0)
    others = [document for document in ranking if document not in scores]
    return scores | {document: least - 1.0 - place for place, document in enumerate(others)}
