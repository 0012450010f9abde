"""Scores of rankings, per query, by pytrec_eval (the C code of TREC)."""

from collections.abc import Mapping, Sequence
from typing import Any

from mecelle.base.errors import InputError, require

MEASURES = {
    "ndcg@10": "ndcg_cut_10",
    "recall@100": "recall_100",
    "map@100": "map_cut_100",
    "precision@1": "P_1",
    "mrr@10": "recip_rank",
}
"""Our names and TREC's. All lie in 0..1, higher is better."""

TABLE_MEASURES = MEASURES | {
    "precision@5": "P_5",
    "precision@10": "P_10",
    "recall@1": "recall_1",
    "recall@10": "recall_10",
    "map@10": "map_cut_10",
}
"""Those of the papers' tables besides."""


def score_rankings(
    rankings: Mapping[str, Sequence[str]], gold: Mapping[str, set[str]], measures: Mapping[str, str] = MEASURES
) -> dict[str, dict[str, float]]:
    """Per measure, the score of each query in `gold`.

    rankings: query id -> document ids, best first; a query without a ranking scores 0. gold: query id -> the documents
    that answer it, all equally relevant.
    Raises InputError if a query has no gold document: its score would be undefined, not 0.
    """
    empty = sorted(query for query, documents in gold.items() if not documents)
    if empty:
        raise InputError(f"{len(empty)} queries have no gold document (the first: {empty[0]!r}); leave them out")
    pytrec_eval: Any = require("pytrec_eval", extra="evaluation", why="scoring rankings")
    relevant = {query: dict.fromkeys(sorted(documents), 1) for query, documents in gold.items()}
    wanted = {"ndcg_cut.10", "recall.1,10,100", "map_cut.10,100", "P.1,5,10"}
    full = pytrec_eval.RelevanceEvaluator(relevant, wanted)
    # TREC's reciprocal rank has no cut-off: only the first ten are shown to it.
    ten = pytrec_eval.RelevanceEvaluator(relevant, {"recip_rank"})
    scores = full.evaluate({query: _as_run(rankings.get(query, ())) for query in relevant})
    for query, row in ten.evaluate({query: _as_run(rankings.get(query, ())[:10]) for query in relevant}).items():
        scores.setdefault(query, {}).update(row)
    return {
        name: {query: float(scores.get(query, {}).get(trec, 0.0)) for query in sorted(relevant)}
        for name, trec in measures.items()
    }


def _as_run(ranking: Sequence[str]) -> dict[str, float]:
    """TREC sorts by score and breaks ties by its own rule, so ranks are handed over as scores."""
    return {document: float(-rank) for rank, document in enumerate(ranking)}
