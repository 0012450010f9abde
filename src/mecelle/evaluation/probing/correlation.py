"""Whether two measures of the same few models rise and fall together."""

from itertools import permutations
from math import factorial

import numpy as np
from numpy.typing import ArrayLike
from pydantic import BaseModel, ConfigDict
from scipy.stats import rankdata

from mecelle.base.seeds import generator
from mecelle.evaluation.statistics.bootstrap import RESAMPLES

EXACT = 8
"""Models up to which every order is tried: 40,320 of them."""


class Correlation(BaseModel):
    """Spearman's rank correlation."""

    model_config = ConfigDict(frozen=True)

    n: int
    rho: float | None
    """None where one side is the same for all models, or there are fewer than three."""
    p: float | None = None
    """Two-sided: how often the models in another order give a rho at least as far from 0."""
    p_holm: float | None = None
    """The same, corrected for all correlations of its table."""


def spearman(x: ArrayLike, y: ArrayLike, *, seed: int, resamples: int = RESAMPLES) -> Correlation:
    """Spearman's rho with a permutation p, exact up to EXACT models.

    Checkpoints of one run are not independent draws: what falls and what rises with training correlate anyway. The p
    tells chance orders from this one, not a cause from a common clock.
    """
    a, b = (_centred(np.asarray(values, np.float64)) for values in (x, y))
    n, norm = len(a), float(np.sqrt((a @ a) * (b @ b)))
    if n < 3 or norm == 0:
        return Correlation(n=n, rho=None)
    rho = float(a @ b) / norm
    if n <= EXACT:
        orders = np.array(list(permutations(range(n))))
        reached = np.abs(b[orders] @ a) >= abs(rho) * norm - 1e-9
        return Correlation(n=n, rho=rho, p=float(reached.mean()))
    rng = generator(seed, "spearman")
    shuffled = rng.permuted(np.tile(b, (resamples, 1)), axis=1)
    reached = np.abs(shuffled @ a) >= abs(rho) * norm - 1e-9
    return Correlation(n=n, rho=rho, p=float((reached.sum() + 1) / (resamples + 1)))


def least_p(n: int) -> float:
    """The smallest two-sided p that `n` different models can give at all.

    >>> least_p(4)
    0.08333333333333333
    """
    return 2 / factorial(n)


def _centred(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    ranks = rankdata(values)
    centred: np.ndarray[tuple[int], np.dtype[np.float64]] = ranks - ranks.mean()
    return centred
