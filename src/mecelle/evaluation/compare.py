"""Intervals and tests: no difference is claimed without one.

Queries (or documents) are the unit that is drawn again; two systems are always compared on the same ones.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict

from mecelle.base.errors import InputError

RESAMPLES = 10_000
BLOCK = 1_000
"""Resamples drawn at once: 1,000 x 10,000 queries are 80 MB."""


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


def interval(values: ArrayLike, *, seed: int, level: float = 0.95, resamples: int = RESAMPLES) -> Interval:
    """Mean and percentile bootstrap interval (Efron 1979). Raises InputError if there are no values."""
    x = _checked(values)
    means = _resampled_means(x, np.random.default_rng(seed), resamples)
    tail = (1 - level) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Interval(n=len(x), mean=float(x.mean()), low=float(low), high=float(high))


def compare(a: ArrayLike, b: ArrayLike, *, seed: int, level: float = 0.95, resamples: int = RESAMPLES) -> Comparison:
    """Paired difference of a and b: bootstrap interval and sign-flip permutation test.

    a, b: scores of the same units in the same order. Raises InputError if their lengths differ.
    """
    x, y = _checked(a), _checked(b)
    if len(x) != len(y):
        raise InputError(f"{len(x)} scores against {len(y)}: a paired test needs the same queries on both sides")
    difference = interval(x - y, seed=seed, level=level, resamples=resamples)
    p = sign_flip_p(x - y, seed=seed + 1, resamples=resamples)
    return Comparison(n=len(x), difference=difference.mean, low=difference.low, high=difference.high, p=p)


def sign_flip_p(differences: ArrayLike, *, seed: int, resamples: int = RESAMPLES) -> float:
    """Two-sided p value: how often random signs give a mean at least as far from 0 (Fisher 1935).

    The observed signs count as one draw, so p is never 0 (Phipson and Smyth 2010).
    """
    x = _checked(differences)
    rng = np.random.default_rng(seed)
    observed = abs(x.sum()) - 1e-12 * max(1.0, float(np.abs(x).sum()))
    reached = 0
    for start in range(0, resamples, BLOCK):
        signs = rng.integers(0, 2, size=(min(BLOCK, resamples - start), len(x)), dtype=np.int8) * 2 - 1
        reached += int((np.abs(signs @ x) >= observed).sum())
    return (reached + 1) / (resamples + 1)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction (1979), in the order given."""
    corrected = [0.0] * len(p_values)
    running = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = running
    return corrected


def compare_many(
    systems: Mapping[str, ArrayLike], baselines: Sequence[str], *, seed: int, resamples: int = RESAMPLES
) -> dict[str, dict[str, Comparison]]:
    """Every system against every baseline: baseline -> system -> Comparison.

    p values are Holm-corrected over all different pairs: two baselines against each other are one comparison, told from
    both sides.
    """
    table: dict[tuple[str, str], Comparison] = {}
    for baseline in baselines:
        for name, values in systems.items():
            if name != baseline and (name, baseline) not in table:
                table[baseline, name] = compare(values, systems[baseline], seed=seed, resamples=resamples)
    corrected = holm([comparison.p for comparison in table.values()])
    result: dict[str, dict[str, Comparison]] = {baseline: {} for baseline in baselines}
    for (baseline, name), p in zip(table, corrected, strict=True):
        found = table[baseline, name].model_copy(update={"p_holm": p})
        result[baseline][name] = found
        if name in result:
            result[name][baseline] = found.model_copy(
                update={"difference": -found.difference, "low": -found.high, "high": -found.low}
            )
    return result


def _checked(values: ArrayLike) -> NDArray[np.float64]:
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1 or not len(x):
        raise InputError(f"scores of shape {x.shape}; a list of at least one score is needed")
    if not np.isfinite(x).all():
        raise InputError(
            f"{int((~np.isfinite(x)).sum())} of {len(x)} scores are not finite; mend them before comparing"
        )
    return x


def _resampled_means(x: NDArray[np.float64], rng: np.random.Generator, resamples: int) -> NDArray[np.float64]:
    means = [
        x[rng.integers(0, len(x), size=(min(BLOCK, resamples - start), len(x)))].mean(axis=1)
        for start in range(0, resamples, BLOCK)
    ]
    return np.concatenate(means)
