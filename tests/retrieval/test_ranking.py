import numpy as np
import pytest

from mecelle.base.errors import ConfigError, InputError
from mecelle.retrieval.ranking import Identifiers


def test_ties_stand_in_the_order_of_ids_whatever_the_order_of_the_collection():
    scores = np.array([1.0, 3.0, 1.0, 1.0])
    assert Identifiers(["d", "a", "c", "b"]).best(scores, 3) == [("a", 3.0), ("b", 1.0), ("c", 1.0)]
    assert Identifiers(["b", "a", "d", "c"]).best(scores, 3) == [("a", 3.0), ("b", 1.0), ("c", 1.0)]


def test_best_agrees_with_a_full_sort():
    rng = np.random.default_rng(7)
    scores = rng.integers(0, 20, 500).astype(np.float32)  # many ties
    ids = [f"{number:03d}" for number in rng.permutation(500)]
    wanted = sorted(zip(ids, scores.tolist(), strict=True), key=lambda item: (-item[1], item[0]))
    for k in (1, 10, 499, 1000):
        assert Identifiers(ids).best(scores, k) == wanted[:k]


def test_above_leaves_out_what_is_not_above():
    assert Identifiers(["a", "b"]).best(np.array([0.0, 0.5]), 5, above=0.0) == [("b", 0.5)]


def test_ids_must_be_unique_and_k_positive():
    with pytest.raises(InputError, match="'a' stands twice"):
        Identifiers(["a", "b", "a"])
    with pytest.raises(ConfigError, match="k is 0"):
        Identifiers(["a"]).best(np.array([1.0]), 0)
