import pytest

from mecelle.base.errors import ConfigError
from mecelle.retrieval.fusion import min_max, rrf


def test_scores_are_those_of_the_formula():
    fused = dict(rrf([[("a", 9.0), ("b", 8.0)], [("b", 0.1), ("c", 0.0)]]))
    assert fused == pytest.approx({"a": 1 / 61, "b": 1 / 62 + 1 / 61, "c": 1 / 62})


def test_scores_of_the_rankings_do_not_matter_ranks_do():
    assert rrf([[("a", 1e9), ("b", 1.0)], [("b", 2.0)]]) == rrf([[("a", 3.0), ("b", 2.0)], [("b", 1.0)]])


def test_weights_constant_ties_and_k():
    left, right = [("b", 1.0)], [("a", 1.0)]
    assert [i for i, _ in rrf([left, right])] == ["a", "b"]
    assert [i for i, _ in rrf([left, right], weights=[2.0, 1.0])] == ["b", "a"]
    assert rrf([left, right], constant=0.0, k=1) == [("a", 1.0)]
    assert rrf([]) == []


def test_scores_are_brought_to_one_scale_and_averaged():
    words, vectors = [("a", 9.0), ("b", 8.0), ("c", 1.0)], [("b", 0.9), ("d", 0.7), ("a", 0.1)]
    fused = dict(min_max([words, vectors]))
    assert fused == pytest.approx({"a": (1 + 0) / 2, "b": (7 / 8 + 1) / 2, "c": 0.0, "d": 0.75 / 2})
    assert dict(min_max([words, vectors], weights=[1.0, 3.0]))["a"] == pytest.approx(1 / 4)
    assert dict(min_max([words, vectors], floors=[0.0, None]))["c"] == pytest.approx(1 / 9 / 2)


def test_the_scale_of_a_ranking_does_not_matter_its_distances_do():
    vectors = [("b", 0.9), ("c", 0.85), ("a", 0.1)]
    one = min_max([[("a", 9.0), ("b", 8.0), ("c", 1.0)], vectors])
    assert [score for _, score in one] == pytest.approx(
        [score for _, score in min_max([[("a", 90.0), ("b", 80.0), ("c", 10.0)], vectors])]
    )
    assert one != min_max([[("a", 9.0), ("b", 2.0), ("c", 1.0)], vectors])


def test_rankings_of_one_or_none_are_fused_too():
    assert min_max([[("a", 3.0)], []]) == [("a", 0.5)]
    assert min_max([[("b", 1.0)], [("a", 1.0)]], k=1) == [("a", 0.5)]
    assert min_max([]) == []


def test_of_equal_scores_what_both_rankings_hold_comes_first():
    """Of two documents that a filter leaves, one is the best by words and hardly worse by vectors."""
    assert min_max([[("z", 5.0)], [("a", 0.8), ("z", 0.79)]], floors=[0.0, None]) == [("z", 0.5), ("a", 0.5)]


@pytest.mark.parametrize("fuse", [min_max, rrf])
def test_a_ranking_of_weight_0_finds_nothing(fuse):
    words, vectors = [("y", 2.0), ("z", 1.0)], [("a", 0.9), ("y", 0.8), ("z", 0.7)]
    assert [name for name, _ in fuse([words, vectors], weights=[1.0, 0.0])] == ["y", "z"]
    assert fuse([[], vectors], weights=[1.0, 0.0]) == []


@pytest.mark.parametrize("faulty", [{"weights": [1.0]}, {"weights": [0.0, 0.0]}, {"floors": [0.0]}])
def test_faulty_parameters_of_scores_are_refused(faulty):
    with pytest.raises(ConfigError, match=r"weight|floors"):
        min_max([[("a", 1.0)], []], **faulty)


@pytest.mark.parametrize("faulty", [{"weights": [1.0]}, {"weights": [1.0, -1.0]}, {"constant": -1.0}])
def test_faulty_parameters_are_refused(faulty):
    with pytest.raises(ConfigError, match="2 rankings"):
        rrf([[], []], **faulty)
