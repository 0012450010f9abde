import pytest

from mecelle.base.errors import ConfigError
from mecelle.retrieval.fusion import rrf


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


@pytest.mark.parametrize("faulty", [{"weights": [1.0]}, {"weights": [1.0, -1.0]}, {"constant": -1.0}])
def test_faulty_parameters_are_refused(faulty):
    with pytest.raises(ConfigError, match="2 rankings"):
        rrf([[], []], **faulty)
