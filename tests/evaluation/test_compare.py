import numpy as np
import pytest

from mecelle.base.errors import InputError
from mecelle.evaluation.compare import compare, compare_many, holm, interval, sign_flip_p


def simulated(effect: float, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two systems whose scores share the difficulty of the query and differ by `effect` on average."""
    rng = np.random.default_rng(seed)
    difficulty = rng.uniform(0, 0.8, n)
    return difficulty + effect + rng.normal(0, 0.1, n), difficulty + rng.normal(0, 0.1, n)


def rejections(effect: float, n: int, runs: int = 400) -> float:
    return float(
        np.mean([compare(*simulated(effect, n, run), seed=run, resamples=400).p < 0.05 for run in range(runs)])
    )


def test_false_positives_come_at_the_stated_rate() -> None:
    # 400 runs at a true rate of .05: 99.9% of the time the share lies within .05 +- .036.
    assert rejections(0.0, 60) == pytest.approx(0.05, abs=0.036)


def test_power_grows_with_the_effect_and_with_n() -> None:
    assert rejections(0.02, 60, 200) < rejections(0.06, 60, 200)
    assert rejections(0.04, 30, 200) < rejections(0.04, 200, 200)
    assert rejections(0.06, 200, 100) > 0.95


def test_intervals_cover_the_truth_at_the_stated_rate() -> None:
    covered = []
    for run in range(400):
        difference = compare(*simulated(0.03, 80, 1_000 + run), seed=run, resamples=400)
        covered.append(difference.low <= 0.03 <= difference.high)
    assert np.mean(covered) == pytest.approx(0.94, abs=0.045)


def test_pairing_sees_what_single_intervals_do_not() -> None:
    a, b = simulated(0.05, 100, 3)
    assert interval(a, seed=1).low < interval(b, seed=1).high  # they overlap
    assert compare(a, b, seed=1).low > 0


def test_same_seed_same_numbers_and_no_p_of_zero() -> None:
    a, b = simulated(0.5, 50, 1)
    assert compare(a, b, seed=4) == compare(a, b, seed=4)
    assert 0 < compare(a, b, seed=4).p < 0.001
    assert compare(a, a, seed=4).p == 1.0


def test_sign_flip_agrees_with_all_permutations() -> None:
    x = np.array([0.4, 0.1, -0.2, 0.3, 0.25])
    signs = np.array(np.meshgrid(*[[-1, 1]] * 5)).reshape(5, -1).T
    exact = np.mean(np.abs(signs @ x) >= abs(x.sum()) - 1e-12)
    assert sign_flip_p(x, seed=2, resamples=20_000) == pytest.approx(exact, abs=0.01)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []


def test_a_table_is_corrected_as_a_whole() -> None:
    a, b = simulated(0.03, 60, 5)
    table = compare_many({"a": a, "b": b, "c": b + 0.0}, ["b", "a"], seed=1)
    single = compare(a, b, seed=1)
    corrected = table["b"]["a"].p_holm
    assert corrected is not None
    assert corrected > single.p
    assert table["b"]["c"].p_holm == 1.0


@pytest.mark.parametrize("values", [[], [1.0, float("nan")], [[1.0]]])
def test_bad_scores_are_refused(values: list[float]) -> None:
    with pytest.raises(InputError):
        interval(values, seed=1)
    with pytest.raises(InputError, match="same queries"):
        compare([1.0], [1.0, 2.0], seed=1)


def test_interval_text() -> None:
    assert interval([0.5, 0.5], seed=1).text() == ".500 [.500, .500]"


def test_two_baselines_are_one_comparison_told_from_both_sides() -> None:
    a, b = simulated(0.04, 60, 7)
    table = compare_many({"a": a, "b": b}, ["a", "b"], seed=1)
    assert table["a"]["b"].p_holm == table["b"]["a"].p == table["a"]["b"].p
    assert table["a"]["b"].difference == -table["b"]["a"].difference
    assert (table["a"]["b"].low, table["a"]["b"].high) == (-table["b"]["a"].high, -table["b"]["a"].low)
