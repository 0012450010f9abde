from collections.abc import Sequence

import numpy as np
import pytest

from mecelle.retrieval.reranking import LateReranker
from mecelle.retrieval.search import Searcher


class Shortest:
    """Holds the shortest passage for the best; remembers what it read."""

    name = "shortest"

    def __init__(self) -> None:
        self.read: list[str] = []

    def score(self, question: str, passages: Sequence[str]) -> np.ndarray:
        self.read += passages
        return np.array([-len(passage) for passage in passages], dtype=np.float32)


class OneHot:
    """A vector for each word: an axis of its own for each letter that a word begins with."""

    name = "one-hot"

    def encode(self, texts: Sequence[str], *, role: str) -> list[np.ndarray]:
        return [np.eye(128, dtype=np.float32)[[ord(word[0]) % 128 for word in text.split()]] for text in texts]


@pytest.mark.parametrize("mode", ["bm25", "dense", "hybrid"])
def test_the_reranker_orders_the_best_anew(index, encoder, mode):
    reranker = Shortest()
    with Searcher(index, encoder=encoder, reranker=reranker) as searcher:
        found = searcher.search("kira bedeli kiracı", mode=mode)
        lengths = [len(passage) for passage in reranker.read]
        assert [hit.score for hit in found] == sorted((-float(one) for one in lengths), reverse=True)
        assert [hit.ranks["rerank"] for hit in found] == list(range(1, len(found) + 1))
        assert any(passage.startswith("TÜRK BORÇLAR KANUNU\n") for passage in reranker.read)  # as they are searched
        reranker.read.clear()
        plain = searcher.search("kira bedeli kiracı", mode=mode, rerank=False)
        assert not reranker.read
        assert {hit.citation for hit in plain} == {hit.citation for hit in found}
        assert searcher.search("kira bedeli kiracı", mode=mode, k=1)[0].citation == found[0].citation


def test_what_was_named_outright_stays_first(index, encoder):
    with Searcher(index, encoder=encoder, reranker=Shortest()) as searcher:
        assert searcher.search("2023/100 kira")[0].case_number == "2023/100"


def test_nothing_found_asks_nothing(index, encoder):
    with Searcher(index, encoder=encoder, reranker=Shortest()) as searcher:
        assert searcher.search("zzz", mode="bm25") == []


def test_late_interaction_sums_the_nearest_token_of_each_word():
    scores = LateReranker(OneHot()).score("kira bedeli", ["kira bedeli ödendi", "bedel", "zam", ""])
    assert scores.tolist() == [2.0, 1.0, 0.0, 0.0]
