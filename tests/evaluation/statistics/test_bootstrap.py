import numpy as np
import pytest
from scipy import stats

from mecelle.base.errors import InputError
from mecelle.evaluation.statistics import bootstrap
from mecelle.evaluation.statistics.bootstrap import Interval, bca_interval, blocks, cluster_interval, interval

SKEWED = np.random.default_rng(1).exponential(size=40)


@pytest.mark.parametrize(("ours", "method"), [(interval, "percentile"), (bca_interval, "BCa")])
def test_intervals_agree_with_scipy(ours, method: str) -> None:  # type: ignore[no-untyped-def]
    theirs = stats.bootstrap(
        (SKEWED,), np.mean, n_resamples=20_000, method=method, rng=np.random.default_rng(9)
    ).confidence_interval
    found = ours(SKEWED, seed=2, resamples=20_000)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=0.015)
    assert found.mean == pytest.approx(SKEWED.mean())


def test_bca_moves_towards_the_long_tail() -> None:
    assert bca_interval(SKEWED, seed=1).high > interval(SKEWED, seed=1).high + 0.02


def test_equal_values_are_a_point() -> None:
    assert bca_interval([0.25, 0.25, 0.25], seed=1) == Interval(n=3, mean=0.25, low=0.25, high=0.25)


def grouped(rng: np.random.Generator, *, groups: int = 30, each: int = 20) -> tuple[np.ndarray, list[int]]:
    """Documents that differ among each other as much as the words in them do; the true mean is 0."""
    shared = rng.normal(0, 1, groups)
    return np.repeat(shared, each) + rng.normal(0, 1, groups * each), [g for g in range(groups) for _ in range(each)]


def test_intervals_over_documents_cover_where_those_over_words_do_not() -> None:
    covered = {"words": 0, "documents": 0}
    for run in range(300):
        values, clusters = grouped(np.random.default_rng(run))
        for name, found in {
            "words": interval(values, seed=run, resamples=300),
            "documents": cluster_interval(values, clusters, seed=run, resamples=300),
        }.items():
            covered[name] += found.low <= 0 <= found.high
    # 30 documents: a percentile interval covers about 93%; 99.9% of 300 runs lie within +- .049 of that.
    assert covered["documents"] / 300 == pytest.approx(0.93, abs=0.05)
    assert covered["words"] / 300 < 0.6


def test_clusters_of_one_are_plain_units_and_their_order_does_not_matter() -> None:
    values, clusters = grouped(np.random.default_rng(3), groups=10, each=3)
    plain = interval(values, seed=1)
    assert cluster_interval(values, range(30), seed=1) == plain
    shuffled = np.random.default_rng(4).permutation(30)
    again = cluster_interval(values[shuffled], [clusters[place] for place in shuffled], seed=1, resamples=20_000)
    found = cluster_interval(values, clusters, seed=2, resamples=20_000)
    assert (again.low, again.high) == pytest.approx((found.low, found.high), abs=0.05)


def test_a_score_without_its_cluster_is_refused() -> None:
    with pytest.raises(InputError, match="2 clusters for 3 scores"):
        cluster_interval([1, 2, 3], ["a", "b"], seed=1)


def test_many_units_are_drawn_in_small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(blocks(2_500, 100)) == [1_000, 1_000, 500]
    assert max(blocks(100, 2_000_000)) * 2_000_000 <= bootstrap.CELLS
    assert list(blocks(2, 10**9)) == [1, 1]
