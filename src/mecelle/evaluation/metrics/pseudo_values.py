"""Values of single units for a score that is no mean of units (a correlation, an average precision).

Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", ch. 11: jackknife influence values.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray


def pseudo_values(
    statistic: Callable[[NDArray[np.float64], NDArray[np.float64]], float], left: ArrayLike, right: ArrayLike
) -> NDArray[np.float64]:
    """How much each pair (left[i], right[i]) bears on the statistic, shape (n,); their mean is the statistic itself.

    Value i is the statistic plus n - 1 times what it loses without pair i. The spread of the values, and of the
    differences of two systems' values, is the sampling spread of the statistic: paired tests on means may use them.
    """
    x, y = np.asarray(left, dtype=np.float64), np.asarray(right, dtype=np.float64)
    without = np.array([statistic(np.delete(x, place), np.delete(y, place)) for place in range(len(x))])
    values: NDArray[np.float64] = statistic(x, y) + (len(x) - 1) * (without.mean() - without)
    return values
