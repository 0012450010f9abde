from mecelle.retrieval.fusion import rrf
from mecelle.retrieval.grouping import group, reordered

NAMES = {1: "a", 2: "a", 3: "b", 4: "c", 5: "b"}
FOUND = {"exact": [(4, 0.0)], "bm25": [(3, 9.0), (1, 8.0), (5, 7.0)], "dense": [(2, 0.9), (1, 0.8), (3, 0.1)]}


def grouped(found, k=10):
    return group(found, NAMES, k=k, fuse=rrf)


def test_one_score_for_each_decision_with_its_best_passages():
    named, first, second = grouped(FOUND)
    assert (named.name, named.score, named.ranks, named.positions) == ("c", 0.0, {"exact": 1}, (4,))
    assert first.ranks == {"bm25": 2, "dense": 1}
    assert first.score == second.score == 1 / 61 + 1 / 62
    assert (first.name, first.positions) == ("a", (2, 1))  # by their best place in any ranking
    assert (second.name, second.positions) == ("b", (3, 5))
    assert [one.name for one in grouped(FOUND, k=2)] == ["c", "a"]


def test_one_ranking_keeps_its_scores():
    assert [(one.name, one.score) for one in grouped({"bm25": FOUND["bm25"]})] == [("b", 9.0), ("a", 8.0)]


def test_of_equal_places_the_passage_with_the_words_of_the_question_is_shown():
    [one] = grouped({"bm25": [(1, 5.0)], "dense": [(2, 0.5)]})
    assert one.positions == (1, 2)


def test_new_scores_order_groups_and_their_passages_but_not_what_was_named():
    found = reordered(grouped(FOUND), {1: 0.3, 2: 0.1, 3: 0.2, 5: 0.9, 4: -1.0})
    assert [(one.name, one.score, one.ranks["rerank"]) for one in found] == [
        ("c", 0.0, 1),
        ("b", 0.9, 2),
        ("a", 0.3, 3),
    ]
    assert [one.positions for one in found] == [(4,), (5, 3), (1, 2)]


def test_what_was_named_has_no_score_of_its_words():
    named, other = grouped({"exact": [(4, 0.0)], "bm25": [(3, 9.0), (4, 8.0)]})
    assert (named.name, named.score, named.ranks) == ("c", 0.0, {"exact": 1, "bm25": 2})
    assert other.score == 9.0


def test_groups_without_a_new_score_stand_behind_without_the_old_one():
    found = reordered(grouped(FOUND), {4: 0.1, 3: 0.2})
    assert [(one.name, one.score, one.ranks.get("rerank")) for one in found] == [
        ("c", 0.0, 1),
        ("b", 0.2, 2),
        ("a", None, None),
    ]
