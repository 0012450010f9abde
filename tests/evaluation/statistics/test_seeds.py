import numpy as np
import pytest

from mecelle.base.errors import InputError
from mecelle.evaluation.statistics.paired import compare
from mecelle.evaluation.statistics.seeds import compare_seeds


def trainings(rng: np.random.Generator, *, effect: float, seeds: int, n: int = 100) -> np.ndarray:
    """Scores of one recipe: each training is a little better or worse as a whole."""
    return effect + rng.normal(0, 0.03, (seeds, 1)) + rng.normal(0, 0.1, (seeds, n))


def decided(effect: float, *, seeds: int, runs: int = 300) -> tuple[float, float]:
    """Share of runs that claim a difference, and share of intervals that hold the true one."""
    claimed, covered = [], []
    for run in range(runs):
        rng = np.random.default_rng(run)
        difficulty = rng.uniform(0, 0.8, 100)
        a = difficulty + trainings(rng, effect=effect, seeds=seeds)
        b = difficulty + trainings(rng, effect=0.0, seeds=seeds)
        found = compare_seeds(a, b, seed=run, resamples=400)
        claimed.append(found.p < 0.05)
        covered.append(found.low <= effect <= found.high)
    return float(np.mean(claimed)), float(np.mean(covered))


def test_luck_of_a_seed_is_not_taken_for_a_better_recipe() -> None:
    claimed, covered = decided(0.0, seeds=5)
    assert claimed <= 0.05 + 0.042  # 99.9% of 300 runs
    assert covered >= 0.95 - 0.042
    one_each = []
    for run in range(200):
        rng = np.random.default_rng(run)
        a, b = trainings(rng, effect=0.0, seeds=1)[0], trainings(rng, effect=0.0, seeds=1)[0]
        one_each.append(compare(a, b, seed=run, resamples=400).p < 0.05)
    assert np.mean(one_each) > 0.3  # what a single training of each would have claimed


def test_a_real_effect_is_found_and_more_often_with_more_seeds() -> None:
    few, many = decided(0.06, seeds=3, runs=100)[0], decided(0.06, seeds=10, runs=100)[0]
    assert few < many
    assert many > 0.9


def test_one_training_each_is_the_paired_comparison() -> None:
    rng = np.random.default_rng(4)
    a, b = rng.normal(0.1, 1, (1, 80)), rng.normal(0, 1, (1, 80))
    by_seeds, plain = compare_seeds(a, b, seed=1), compare(a[0], b[0], seed=1)
    assert by_seeds.difference == pytest.approx(plain.difference)
    assert (by_seeds.low, by_seeds.high) == pytest.approx((plain.low, plain.high), abs=0.02)
    assert by_seeds.p == pytest.approx(plain.p, abs=0.03)


def test_units_must_be_the_same() -> None:
    with pytest.raises(InputError, match="3 units against 2"):
        compare_seeds([[1, 2, 3]], [[1, 2]], seed=1)
    with pytest.raises(InputError, match="rows of finite scores"):
        compare_seeds([1, 2, 3], [[1, 2, 3]], seed=1)
