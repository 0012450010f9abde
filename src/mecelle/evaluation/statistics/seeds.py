"""The seed of a training as a second source of chance: two trainings of one recipe differ, too."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from mecelle.base.errors import InputError
from mecelle.evaluation.statistics.bootstrap import RESAMPLES, Floats, blocks, spanned, sums_by_cluster
from mecelle.evaluation.statistics.paired import Comparison


def compare_seeds(
    a_SN: ArrayLike,
    b_SN: ArrayLike,
    *,
    seed: int,
    clusters: Sequence[Hashable] | None = None,
    level: float = 0.95,
    resamples: int = RESAMPLES,
) -> Comparison:
    """Difference of two recipes, trained with several seeds each: seeds and units are both drawn again.

    a_SN, b_SN: scores, a row for each training seed, a column for each unit, units in the same order; the numbers of
    seeds may differ. S - 1 of S seeds are drawn: drawing S would show (S - 1) / S of their variance (Rao and Wu 1988).
    Two or three seeds still say too much: equal recipes came out different in 13% and 8% of 500 simulations at a level
    of 5% (benchmarks/evaluation_statistics.py), in 3% with five. A recipe with one row is taken as if its seed did not
    matter. clusters: of each unit, where units come in groups, which are then drawn together.
    p: how much of the bootstrap lies beyond 0, doubled.
    Raises InputError if units differ in number.
    """
    a, b = _matrix(a_SN), _matrix(b_SN)
    if a.shape[1] != b.shape[1]:
        raise InputError(f"{a.shape[1]} units against {b.shape[1]}: a paired test needs the same units on both sides")
    n = a.shape[1]
    a_SC, b_SC, counts_1C = (_summed(x, clusters) for x in (a, b, np.ones((1, n))))
    groups = counts_1C.shape[1]
    rng = np.random.default_rng(seed)
    means = []
    for size in blocks(resamples, groups):
        times_RC = rng.multinomial(groups, np.full(groups, 1 / groups), size=size)
        change_RC = _drawn(a_SC, rng, size) - _drawn(b_SC, rng, size)
        means.append((change_RC * times_RC).sum(axis=1) / (times_RC @ counts_1C[0]))
    differences = np.concatenate(means)
    found = spanned(a.mean() - b.mean(), differences, n=n, level=level)
    beyond = min(int((differences <= 0).sum()), int((differences >= 0).sum()))
    p = min(1.0, 2 * (beyond + 1) / (resamples + 1))
    return Comparison(n=n, difference=found.mean, low=found.low, high=found.high, p=p)


def _summed(scores_SN: Floats, clusters: Sequence[Hashable] | None) -> Floats:
    """Sum of the units of each cluster, S x C; the units themselves without clusters."""
    if not clusters:
        return scores_SN
    return np.stack([sums_by_cluster(scores_N, clusters)[0] for scores_N in scores_SN])


def _drawn(scores_SC: Floats, rng: np.random.Generator, size: int) -> Floats:
    """Means over S - 1 seeds drawn with replacement, `size` times: R x C."""
    seeds = len(scores_SC)
    draws = max(1, seeds - 1)
    share_RS: Floats = rng.multinomial(draws, np.full(seeds, 1 / seeds), size=size) / draws
    return share_RS @ scores_SC


def _matrix(scores: ArrayLike) -> Floats:
    x = np.asarray(scores, dtype=np.float64)
    if x.ndim != 2 or not x.size or not np.isfinite(x).all():
        raise InputError(f"scores of shape {x.shape}; rows of finite scores are needed, one row for each seed")
    return x
