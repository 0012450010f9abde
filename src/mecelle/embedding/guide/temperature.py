"""How sure the guide is: the temperature at which its softmax over cosines is right as often as it claims.

Cosines of one model lie between .8 and .9, those of another between .1 and .7: at one temperature the first would
hardly prefer any document to another. Source: temperature scaling, Guo et al. 2017 (arXiv 1706.04599, §4.2).
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

BOUNDS = (0.005, 1.0)
"""A guide that errs in no batch would want 0, which leaves nothing of its order but the first."""


def calibrated(cosines: Iterable[NDArray[np.floating]]) -> float:
    """The temperature of `BOUNDS` that makes the own documents of the queries likeliest.

    To four digits. cosines: one batch each, (B, N) with N >= B, the guide's between queries and documents; query i has
    document i.
    """
    batches = [np.asarray(one, dtype=np.float64) for one in cosines]
    own = [np.diagonal(one) for one in batches]

    def surprise(logarithm: float) -> float:
        """Mean nats of the own documents."""
        inverse = np.exp(-logarithm)
        nats = [logsumexp(one * inverse, axis=1) - mine * inverse for one, mine in zip(batches, own, strict=True)]
        return float(np.concatenate(nats).mean())

    # Convex in the inverse, so there is one minimum.
    found = minimize_scalar(surprise, bounds=tuple(np.log(BOUNDS)), method="bounded").x
    return float(f"{np.exp(found):.4g}")
