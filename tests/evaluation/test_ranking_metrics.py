import math

import pytest

from mecelle.base.errors import InputError
from mecelle.evaluation.metrics.ranking import score_rankings


def ndcg_by_hand(ranking: list[str], gold: set[str]) -> float:
    gain = sum(1 / math.log2(rank + 2) for rank, doc in enumerate(ranking[:10]) if doc in gold)
    return gain / sum(1 / math.log2(rank + 2) for rank in range(min(10, len(gold))))


@pytest.mark.parametrize(
    ("ranking", "gold"),
    [
        (["a", "b", "c"], {"b"}),
        (["a", "b", "c"], {"a", "c", "missing"}),
        ([f"d{n}" for n in range(30)], {"d9", "d10"}),
        ([], {"a"}),
    ],
)
def test_against_the_definitions(ranking: list[str], gold: set[str]) -> None:
    scores = score_rankings({"q": ranking}, {"q": gold})
    first = next((rank for rank, doc in enumerate(ranking[:10], start=1) if doc in gold), None)
    assert scores["ndcg@10"]["q"] == pytest.approx(ndcg_by_hand(ranking, gold), abs=1e-6)
    assert scores["mrr@10"]["q"] == pytest.approx(1 / first if first else 0.0, abs=1e-6)
    assert scores["precision@1"]["q"] == float(bool(ranking) and ranking[0] in gold)
    assert scores["recall@100"]["q"] == pytest.approx(len(gold & set(ranking)) / len(gold), abs=1e-6)


def test_order_decides_not_the_names_of_documents() -> None:
    for good, bad in (("a", "z"), ("z", "a")):
        scores = score_rankings({"q": [good, bad]}, {"q": {good}})
        assert scores["ndcg@10"]["q"] == 1.0
        assert score_rankings({"q": [bad, good]}, {"q": {good}})["ndcg@10"]["q"] < 1.0


def test_a_query_without_a_ranking_scores_nothing_and_one_without_gold_is_refused() -> None:
    assert score_rankings({}, {"q": {"a"}})["ndcg@10"] == {"q": 0.0}
    with pytest.raises(InputError, match="no gold"):
        score_rankings({"q": ["a"]}, {"q": set()})
