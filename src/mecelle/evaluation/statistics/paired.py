"""Two systems on the same units: how far apart, and could it be chance."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike
from pydantic import BaseModel, ConfigDict
from scipy import stats

from mecelle.base.errors import InputError
from mecelle.evaluation.statistics.bootstrap import (
    RESAMPLES,
    Floats,
    blocks,
    checked,
    cluster_interval,
    interval,
    sums_by_cluster,
)


class Comparison(BaseModel):
    """The paired difference of two systems."""

    model_config = ConfigDict(frozen=True)

    n: int
    difference: float
    """Mean of a - b."""
    low: float
    high: float
    p: float
    """Two-sided, by flipping the signs of the differences at random."""
    p_holm: float | None = None
    """The same, corrected for all comparisons of its table."""


def compare(
    a: ArrayLike,
    b: ArrayLike,
    *,
    seed: int,
    clusters: Sequence[Hashable] | None = None,
    level: float = 0.95,
    resamples: int = RESAMPLES,
) -> Comparison:
    """Paired difference of a and b: bootstrap interval and sign-flip permutation test.

    a, b: scores of the same units in the same order. clusters: of each unit, where units come in groups; a group is
    then drawn, and flipped, as one. Raises InputError if lengths differ.
    """
    differences = paired_differences(a, b)
    if clusters:
        found = cluster_interval(differences, clusters, seed=seed, level=level, resamples=resamples)
        flipped, _ = sums_by_cluster(differences, clusters)
    else:
        found = interval(differences, seed=seed, level=level, resamples=resamples)
        flipped = differences
    p = sign_flip_p(flipped, seed=seed + 1, resamples=resamples)
    return Comparison(n=len(differences), difference=found.mean, low=found.low, high=found.high, p=p)


def paired_differences(a: ArrayLike, b: ArrayLike) -> Floats:
    """a - b, unit by unit. Raises InputError if there are not as many scores on both sides."""
    x, y = checked(a), checked(b)
    if len(x) != len(y):
        raise InputError(f"{len(x)} scores against {len(y)}: a paired test needs the same queries on both sides")
    return x - y


def sign_flip_p(differences: ArrayLike, *, seed: int, resamples: int = RESAMPLES) -> float:
    """Two-sided p value: how often random signs give a mean at least as far from 0 (Fisher 1935).

    The observed signs count as one draw, so p is never 0 (Phipson and Smyth 2010).
    """
    return sign_flip_ps(checked(differences)[:, None], seed=seed, resamples=resamples)[0]


def sign_flip_ps(differences_NK: Floats, *, seed: int, resamples: int = RESAMPLES) -> list[float]:
    """p value of each column, N units x K comparisons, by the same random signs: one pass for a whole table."""
    n, columns = differences_NK.shape
    rng = np.random.default_rng(seed)
    # A sum that equals the observed one up to rounding counts as reached.
    slack = 1e-12 * np.maximum(1.0, np.abs(differences_NK).sum(axis=0))
    observed = np.abs(differences_NK.sum(axis=0)) - slack
    reached = np.zeros(columns, dtype=np.int64)
    for size in blocks(resamples, n):
        signs = rng.integers(0, 2, size=(size, n), dtype=np.int8) * 2 - 1
        reached += (np.abs(signs.astype(np.float64) @ differences_NK) >= observed).sum(axis=0)
    return [float(p) for p in (reached + 1) / (resamples + 1)]


class McNemar(BaseModel):
    """Right and wrong answers of two systems on the same items."""

    model_config = ConfigDict(frozen=True)

    n: int
    only_a: int
    """Items that a answers and b does not."""
    only_b: int
    p: float
    """Exact and two-sided: under chance, the items on which they differ fall to either side like a fair coin."""


def mcnemar(a: ArrayLike, b: ArrayLike) -> McNemar:
    """McNemar's exact test (1947) of two accuracies. a, b: 1 or 0 for each item, in one order.

    Raises InputError if a score is neither 0 nor 1: graded scores go to `compare`.
    """
    differences = paired_differences(a, b)
    if not np.isin(np.concatenate([checked(a), checked(b)]), (0.0, 1.0)).all():
        raise InputError("McNemar's test takes right (1) and wrong (0) only; compare graded scores by sign flips")
    only_a, only_b = int((differences > 0).sum()), int((differences < 0).sum())
    p = float(stats.binomtest(only_a, only_a + only_b).pvalue) if only_a + only_b else 1.0
    return McNemar(n=len(differences), only_a=only_a, only_b=only_b, p=p)
