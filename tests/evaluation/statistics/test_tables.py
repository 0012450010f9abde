from itertools import combinations

import numpy as np
import pytest

from mecelle.evaluation.statistics.tables import compare_many, holm, pairwise_p, rank_groups


def test_holm_agrees_with_statsmodels() -> None:
    # statsmodels 0.15.0: multipletests(method="holm")
    assert holm([0.001, 0.04, 0.03, 0.02, 0.5, 0.03]) == pytest.approx([0.006, 0.12, 0.12, 0.1, 0.5, 0.12])


def systems(seed: int, effects: dict[str, float], n: int = 80) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    difficulty = rng.uniform(0, 0.8, n)
    return {name: difficulty + effect + rng.normal(0, 0.1, n) for name, effect in effects.items()}


def test_a_table_of_equal_systems_is_rarely_called_different() -> None:
    """Family-wise: any of ten pairs, in at most 5% of tables; without Holm it would be about a quarter."""
    equal = dict.fromkeys("abcde", 0.0)
    runs = [min(pairwise_p(systems(run, equal), seed=run, resamples=500).values()) for run in range(300)]
    assert np.mean(np.array(runs) < 0.05) <= 0.05 + 0.041  # 99.9% of 300 runs


def test_pairs_agree_with_single_comparisons() -> None:
    drawn = systems(3, {"a": 0.03, "b": 0.0, "c": 0.02})
    found = pairwise_p(drawn, seed=5, resamples=20_000)
    table = compare_many(drawn, list(drawn), seed=6, resamples=20_000)
    assert list(found) == [("a", "b"), ("a", "c"), ("b", "c")]
    for (a, b), p in found.items():
        assert p == pytest.approx(table[a][b].p_holm, abs=0.02)


def test_pairs_in_clusters_are_tested_by_cluster() -> None:
    drawn = systems(4, {"a": 0.02, "b": 0.0}, n=20)
    copies = {name: np.repeat(values, 10) for name, values in drawn.items()}
    clustered = pairwise_p(copies, clusters=[place // 10 for place in range(200)], seed=1)
    assert clustered == pairwise_p(drawn, seed=1)
    assert pairwise_p(copies, seed=1)["a", "b"] < clustered["a", "b"]


def test_nothing_to_pair() -> None:
    assert pairwise_p({"a": [1.0]}, seed=1) == {}
    assert rank_groups(["a"], {}) == {"a": "a"}


def test_letters_by_hand() -> None:
    """Best and worst differ, the middle is like both: it stands in both groups."""
    p = {("x", "y"): 0.4, ("x", "z"): 0.01, ("y", "z"): 0.3}
    assert rank_groups(["x", "y", "z"], p) == {"x": "a", "y": "ab", "z": "b"}
    assert rank_groups(["x", "y", "z"], dict.fromkeys(p, 0.9)) == {"x": "a", "y": "a", "z": "a"}
    assert rank_groups(["x", "y", "z"], dict.fromkeys(p, 0.001)) == {"x": "a", "y": "b", "z": "c"}


@pytest.mark.parametrize("seed", range(20))
def test_two_systems_share_a_letter_exactly_when_they_cannot_be_told_apart(seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = [f"m{place}" for place in range(9)]
    p = {pair: float(rng.random() ** 2) for pair in combinations(names, 2)}
    p = {(pair if rng.random() < 0.5 else pair[::-1]): value for pair, value in p.items()}
    letters = rank_groups(names, p, alpha=0.2)
    assert letters["m0"].startswith("a")
    for a, b in combinations(names, 2):
        assert bool(set(letters[a]) & set(letters[b])) == (p.get((a, b), p.get((b, a), 0)) >= 0.2)
