import numpy as np
import pytest
from scipy import stats

from mecelle.base.errors import InputError
from mecelle.evaluation.statistics.paired import compare, mcnemar, sign_flip_p, sign_flip_ps


def right(only_a: int, only_b: int, both: int = 40, none: int = 20) -> tuple[list[int], list[int]]:
    a = [1] * only_a + [0] * only_b + [1] * both + [0] * none
    b = [0] * only_a + [1] * only_b + [1] * both + [0] * none
    return a, b


# statsmodels 0.15.0: mcnemar(exact=True).pvalue
@pytest.mark.parametrize(("only_a", "only_b", "p"), [(5, 14, 0.063568115234375), (1, 9, 0.021484375), (0, 0, 1.0)])
def test_mcnemar_agrees_with_statsmodels(only_a: int, only_b: int, p: float) -> None:
    found = mcnemar(*right(only_a, only_b))
    assert (found.only_a, found.only_b, found.n) == (only_a, only_b, only_a + only_b + 60)
    assert found.p == pytest.approx(p, abs=1e-12)


def test_mcnemar_takes_right_and_wrong_only() -> None:
    with pytest.raises(InputError, match="right"):
        mcnemar([0.5, 1.0], [1.0, 0.0])


def test_mcnemar_false_positives_and_power() -> None:
    def rejected(accuracy_a: float, accuracy_b: float) -> float:
        rng = np.random.default_rng(5)
        runs = [mcnemar(rng.random(250) < accuracy_a, rng.random(250) < accuracy_b).p < 0.05 for _ in range(400)]
        return float(np.mean(runs))

    assert rejected(0.7, 0.7) <= 0.05 + 0.036  # an exact test stays below its level; 99.9% of 400 runs
    assert rejected(0.7, 0.85) > 0.9


def test_sign_flips_agree_with_scipy() -> None:
    rng = np.random.default_rng(6)
    a, b = rng.normal(0.15, 1, 60), rng.normal(0, 1, 60)
    theirs = stats.permutation_test(
        (a, b), lambda x, y, axis: (x - y).mean(axis=axis), permutation_type="samples", vectorized=True,
        n_resamples=20_000, rng=np.random.default_rng(1),
    )  # fmt: skip
    assert sign_flip_p(a - b, seed=3, resamples=20_000) == pytest.approx(theirs.pvalue, abs=0.015)


def test_a_table_of_flips_is_its_columns() -> None:
    x = np.random.default_rng(7).normal(0.1, 1, (50, 3))
    assert sign_flip_ps(x, seed=4) == [sign_flip_p(x[:, k], seed=4) for k in range(3)]


def test_documents_flip_as_one() -> None:
    """Twenty copies of each document's difference are no more evidence than one."""
    documents = np.random.default_rng(8).normal(0.3, 1, 25)
    copies, clusters = np.repeat(documents, 20), np.repeat(np.arange(25), 20)
    once = compare(documents, np.zeros(25), seed=1)
    clustered = compare(copies, np.zeros(500), clusters=clusters.tolist(), seed=1)
    assert clustered.p == once.p
    assert (clustered.low, clustered.high) == pytest.approx((once.low, once.high))
    assert compare(copies, np.zeros(500), seed=1).p < once.p / 10
