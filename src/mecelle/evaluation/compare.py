"""Intervals and tests: no difference is claimed without one.

Queries (or documents) are the unit that is drawn again; two systems are always compared on the same ones. What most
callers need, under one name; `statistics/` has the rest.
"""

from mecelle.evaluation.statistics.bootstrap import RESAMPLES, Interval, interval
from mecelle.evaluation.statistics.paired import Comparison, compare, sign_flip_p
from mecelle.evaluation.statistics.tables import compare_many, holm

__all__ = ["RESAMPLES", "Comparison", "Interval", "compare", "compare_many", "holm", "interval", "sign_flip_p"]
