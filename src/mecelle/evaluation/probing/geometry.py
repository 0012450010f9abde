"""How a model's text vectors lie in their space: all in one cone, in few directions, or spread out."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist

Vectors = NDArray[np.float32]


def mean_cosine(unit_ND: Vectors) -> float:
    """Mean cosine of all pairs of different rows, -1..1: 0 where all directions are alike, near 1 in a narrow cone.

    unit_ND: unit rows, N >= 2. Source: Ethayarajh 2019, "How Contextual are Contextualized Word Representations?",
    §3.3, there for words.
    """
    x = unit_ND.astype(np.float64)
    total = np.square(x.sum(axis=0)).sum()
    return float((total - np.square(x).sum()) / (len(x) * (len(x) - 1)))


def participation_ratio(vectors_ND: Vectors) -> float:
    """Directions that the rows use, 1..min(N - 1, D): over principal axes, (sum of variances)^2 / sum of their squares.

    0 where all rows are equal. Source: Gao et al. 2017, "A theory of multineuronal dimensionality", eq. 5.
    """
    x = vectors_ND.astype(np.float64)
    variances = np.square(np.linalg.svd(x - x.mean(axis=0), compute_uv=False))
    squares = float(np.square(variances).sum())
    return float(variances.sum() ** 2 / squares) if squares else 0.0


def uniformity(unit_ND: Vectors, *, t: float = 2.0) -> float:
    """Log of the mean of exp(-t * squared distance) over all pairs of rows: at most 0, lower is more evenly spread.

    Source: Wang and Isola 2020, "Understanding Contrastive Representation Learning", §4.1.2.
    """
    return float(np.log(np.exp(-t * pdist(unit_ND.astype(np.float64), "sqeuclidean")).mean()))


def alignment(left_ND: Vectors, right_ND: Vectors) -> float:
    """Mean squared distance of unit rows that belong together, 0..4: lower is closer.

    Source: Wang and Isola 2020, §4.1.1, with alpha = 2.
    """
    return float(np.square(left_ND.astype(np.float64) - right_ND).sum(axis=1).mean())
