import numpy as np
import pytest

from mecelle.base.errors import InputError
from mecelle.evaluation.statistics.bootstrap import interval
from mecelle.evaluation.statistics.paired import compare
from mecelle.evaluation.statistics.strata import compare_means, mean_of_means


def drawn(rng: np.random.Generator, effect: float = 0.0) -> dict[str, dict[str, np.ndarray]]:
    """Two types, three tasks of very different size."""
    return {
        "retrieval": {"large": rng.normal(0.5 + effect, 0.3, 400), "small": rng.normal(0.3 + effect, 0.3, 25)},
        "sts": {"only": rng.normal(0.7 + effect, 0.2, 60)},
    }


def test_a_type_weighs_as_much_as_another_whatever_its_size() -> None:
    scores = {"retrieval": {"a": [1.0] * 100, "b": [0.0]}, "sts": {"c": [0.0, 0.0]}}
    assert mean_of_means(scores, seed=1).mean == pytest.approx(0.25)


def test_intervals_cover() -> None:
    covered = [
        (found := mean_of_means(drawn(np.random.default_rng(run)), seed=run, resamples=400)).low <= 0.55 <= found.high
        for run in range(300)
    ]
    assert np.mean(covered) == pytest.approx(0.94, abs=0.05)


def test_false_positives_and_power() -> None:
    def claimed(effect: float, runs: int) -> float:
        found = []
        for run in range(runs):
            rng = np.random.default_rng(run)
            found.append(compare_means(drawn(rng, effect), drawn(rng), seed=run, resamples=400).p < 0.05)
        return float(np.mean(found))

    assert claimed(0.0, 300) == pytest.approx(0.05, abs=0.042)
    assert claimed(0.15, 100) > 0.9


def test_one_task_is_the_plain_comparison() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(0.1, 1, 60), rng.normal(0, 1, 60)
    means, plain = compare_means({"t": {"x": a}}, {"t": {"x": b}}, seed=1), compare(a, b, seed=1)
    assert means.difference == pytest.approx(plain.difference)
    assert (means.low, means.high) == pytest.approx((plain.low, plain.high), abs=0.02)
    assert means.p == pytest.approx(plain.p, abs=0.03)
    single = mean_of_means({"t": {"x": a}}, seed=1)
    assert (single.low, single.high) == pytest.approx((interval(a, seed=1).low, interval(a, seed=1).high), abs=0.02)


def test_different_tasks_do_not_compare() -> None:
    with pytest.raises(InputError, match="different tasks"):
        compare_means({"t": {"x": [1.0]}}, {"t": {"y": [1.0]}}, seed=1)
    with pytest.raises(InputError, match="no tasks of type t"):
        mean_of_means({"t": {}}, seed=1)
