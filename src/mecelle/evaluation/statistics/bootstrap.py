"""Intervals of a mean by drawing units again (Efron 1979): queries, documents, items, whatever was scored."""

import warnings
from collections.abc import Hashable, Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict
from scipy import stats

from mecelle.base.errors import InputError

Floats = NDArray[np.float64]

RESAMPLES = 10_000
BLOCK = 1_000
CELLS = 20_000_000
"""Numbers drawn at once: a block of 1,000 resamples, or fewer where there are more than 20,000 units (160 MB)."""


class Interval(BaseModel):
    """A mean with its 95% interval."""

    model_config = ConfigDict(frozen=True)

    n: int
    mean: float
    low: float
    high: float

    def text(self, digits: int = 3) -> str:
        """`.561 [.470, .649]`, as tables print it."""
        numbers = [f"{value:.{digits}f}".removeprefix("0") for value in (self.mean, self.low, self.high)]
        return f"{numbers[0]} [{numbers[1]}, {numbers[2]}]"


def interval(values: ArrayLike, *, seed: int, level: float = 0.95, resamples: int = RESAMPLES) -> Interval:
    """Mean and percentile bootstrap interval (Efron 1979). Raises InputError if there are no values."""
    x = checked(values)
    return spanned(x.mean(), resampled_means(x, np.random.default_rng(seed), resamples), n=len(x), level=level)


def bca_interval(values: ArrayLike, *, seed: int, level: float = 0.95, resamples: int = RESAMPLES) -> Interval:
    """Mean and bias-corrected, accelerated interval (Efron 1987): for few, skewed values.

    Where all values are equal there is nothing to correct, and the interval is the point.
    Raises InputError if there are no values.
    """
    x = checked(values)
    mean = float(x.mean())
    if np.ptp(x) == 0:
        return Interval(n=len(x), mean=mean, low=mean, high=mean)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        found = stats.bootstrap(
            (x,),
            np.mean,
            confidence_level=level,
            n_resamples=resamples,
            batch=block_size(len(x)),
            method="BCa",
            rng=np.random.default_rng(seed),
        ).confidence_interval
    return Interval(n=len(x), mean=mean, low=float(found.low), high=float(found.high))


def cluster_interval(
    values: ArrayLike,
    clusters: Sequence[Hashable],
    *,
    seed: int,
    level: float = 0.95,
    resamples: int = RESAMPLES,
) -> Interval:
    """Mean over units, where those of one cluster (the words of a document) are drawn together.

    Units that share a document are alike: drawn one by one they make an interval too narrow. `n` counts the units.
    Raises InputError if a value has no cluster.
    """
    x = checked(values)
    sums, counts = sums_by_cluster(x, clusters)
    rng = np.random.default_rng(seed)
    means = []
    for size in blocks(resamples, len(sums)):
        drawn = rng.integers(0, len(sums), size=(size, len(sums)))
        means.append(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1))
    return spanned(x.mean(), np.concatenate(means), n=len(x), level=level)


def spanned(mean: float, resampled: Floats, *, n: int, level: float) -> Interval:
    """The interval between the tails of `resampled`."""
    tail = (1 - level) / 2
    low, high = np.quantile(resampled, [tail, 1 - tail])
    return Interval(n=n, mean=float(mean), low=float(low), high=float(high))


def checked(values: ArrayLike) -> Floats:
    """A list of finite numbers, or an InputError that says what it is instead."""
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1 or not len(x):
        raise InputError(f"scores of shape {x.shape}; a list of at least one score is needed")
    if not np.isfinite(x).all():
        raise InputError(
            f"{int((~np.isfinite(x)).sum())} of {len(x)} scores are not finite; mend them before comparing"
        )
    return x


def resampled_means(x: Floats, rng: np.random.Generator, resamples: int) -> Floats:
    """Means of `resamples` draws of len(x) values with replacement."""
    return np.concatenate(
        [x[rng.integers(0, len(x), size=(size, len(x)))].mean(axis=1) for size in blocks(resamples, len(x))]
    )


def sums_by_cluster(x: Floats, clusters: Sequence[Hashable]) -> tuple[Floats, Floats]:
    """Sum and count of each cluster, in the order in which clusters first come."""
    if len(clusters) != len(x):
        raise InputError(f"{len(clusters)} clusters for {len(x)} scores: each score needs the cluster it belongs to")
    place = {cluster: number for number, cluster in enumerate(dict.fromkeys(clusters))}
    member = [place[cluster] for cluster in clusters]
    sums = np.bincount(member, weights=x).astype(np.float64)
    return sums, np.bincount(member).astype(np.float64)


def blocks(resamples: int, units: int) -> Iterator[int]:
    """Sizes that sum to `resamples`, so that no block holds more numbers than memory likes."""
    size = block_size(units)
    for start in range(0, resamples, size):
        yield min(size, resamples - start)


def block_size(units: int) -> int:
    """Resamples of `units` that are drawn at once."""
    return max(1, min(BLOCK, CELLS // units))
