"""BM25 on the articles in force and the questions of retrieval_statutes: the figures that models are compared with."""

import math
from pathlib import Path
from statistics import fmean

import pytest

from mecelle.base.collection import read_jsonl
from mecelle.retrieval.bm25 import rank_bm25


def ndcg_at_10(ranked: list[str], gold: set[str]) -> float:
    gain = sum(1 / math.log2(place + 2) for place, article in enumerate(ranked[:10]) if article in gold)
    return gain / sum(1 / math.log2(place + 2) for place in range(min(10, len(gold))))


@pytest.mark.slow
@pytest.mark.real_data
def test_bm25_is_near_the_figures_of_the_issue(real_data: Path):
    """The issue has .56 on the hand-written questions and .37 on the others; measured here: .548 and .426."""
    articles = [row for row in read_jsonl(real_data / "legal" / "statute_articles.jsonl.gz") if not row["repealed"]]
    questions = [row for row in read_jsonl(real_data / "legal" / "retrieval_statutes.jsonl.gz") if row["gold"]]
    rankings = rank_bm25([row["query"] for row in questions], ((row["id"], row["text"]) for row in articles), 10)
    scores: dict[bool, list[float]] = {True: [], False: []}
    for row, ranking in zip(questions, rankings, strict=True):
        scores[row["subset"] == "manual_gold"].append(ndcg_at_10([i for i, _ in ranking], set(row["gold"])))
    assert (len(scores[True]), len(scores[False])) == (68, 79)
    assert fmean(scores[True]) == pytest.approx(0.55, abs=0.03)
    assert fmean(scores[False]) == pytest.approx(0.42, abs=0.06)
