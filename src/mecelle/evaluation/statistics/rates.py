"""Intervals of a rate: right answers of n, documents passed of n."""

from scipy import stats

from mecelle.base.errors import InputError
from mecelle.evaluation.statistics.bootstrap import Interval


def wilson(successes: int, n: int, *, level: float = 0.95) -> Interval:
    """Wilson's score interval (1927): stays within 0..1 and covers also near the ends and for small n.

    Raises InputError if successes is not within 0..n, or n is 0.
    """
    if not 0 <= successes <= n or n == 0:
        raise InputError(f"{successes} of {n}: a rate needs at least one trial, and no more successes than trials")
    found = stats.binomtest(successes, n).proportion_ci(confidence_level=level, method="wilson")
    return Interval(n=n, mean=successes / n, low=float(found.low), high=float(found.high))
