"""Geometry against hand-made spaces, and rank correlation against scipy."""

import numpy as np
import pytest
from scipy.stats import permutation_test, spearmanr

from mecelle.evaluation.probing.correlation import least_p, spearman
from mecelle.evaluation.probing.geometry import alignment, mean_cosine, participation_ratio, uniformity

AXES = np.eye(4, dtype=np.float32)


def unit(x: np.ndarray) -> np.ndarray:
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def test_mean_cosine() -> None:
    assert mean_cosine(AXES) == pytest.approx(0)
    assert mean_cosine(np.repeat(AXES[:1], 5, axis=0)) == pytest.approx(1)
    x = unit(np.random.default_rng(0).normal(1, 1, (30, 8)))
    cosines = x @ x.T
    assert mean_cosine(x) == pytest.approx(cosines[~np.eye(30, dtype=bool)].mean(), abs=1e-6)


def test_participation_ratio() -> None:
    line = np.outer(np.arange(10), [1.0, 2.0, 3.0]).astype(np.float32) + 5
    assert participation_ratio(line) == pytest.approx(1)
    both = np.concatenate([AXES, -AXES])
    assert participation_ratio(both) == pytest.approx(4)
    assert participation_ratio(np.ones((5, 3), np.float32)) == 0


def test_uniformity() -> None:
    assert uniformity(np.repeat(AXES[:1], 5, axis=0)) == pytest.approx(0)
    assert uniformity(AXES) == pytest.approx(-4)  # all squared distances are 2


def test_alignment() -> None:
    assert alignment(AXES, AXES) == 0
    assert alignment(AXES, -AXES) == pytest.approx(4)
    assert alignment(AXES, AXES[[1, 0, 3, 2]]) == pytest.approx(2)


def test_rank_correlation_is_exact_for_few() -> None:
    x, y = [1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5]
    found = spearman(x, y, seed=1)
    expected = permutation_test(
        (x,), lambda order: spearmanr(order, y).statistic, permutation_type="pairings", n_resamples=np.inf
    )
    assert found.rho == pytest.approx(spearmanr(x, y).statistic)
    assert found.p == pytest.approx(expected.pvalue)
    assert spearman(x, x, seed=1).p == pytest.approx(least_p(6))


def test_rank_correlation_of_many_is_drawn() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=30)
    assert (spearman(x, rng.normal(size=30), seed=1, resamples=500).p or 0) > 0.05
    near = spearman(x, x + rng.normal(0, 0.1, 30), seed=1, resamples=500)
    assert near.p == pytest.approx(1 / 501)


def test_no_correlation_where_there_is_nothing_to_rank() -> None:
    assert spearman([1, 2], [1, 2], seed=1).rho is None
    assert spearman([1, 1, 1, 1], [1, 2, 3, 4], seed=1).p is None
