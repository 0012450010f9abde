"""The interval of a record's score, as every table prints it."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from mecelle.evaluation.record import TaskRecord
from mecelle.evaluation.statistics.bootstrap import RESAMPLES, Interval, cluster_interval, interval
from mecelle.evaluation.statistics.seeds import compare_seeds


def score_interval(record: TaskRecord, *, seed: int, resamples: int = RESAMPLES) -> Interval:
    """The main score with the 95% interval of its units, those of a cluster drawn together.

    A correlation or an F1 of the whole is not the mean of its units: the interval is then shifted to the score.
    Raises InputError for a record without units.
    """
    return trainings_interval(
        [record.values], score=record.score, clusters=record.clusters, seed=seed, resamples=resamples
    )


def trainings_interval(
    values_SN: ArrayLike,
    *,
    score: float,
    clusters: Sequence[Hashable] | None = None,
    seed: int,
    resamples: int = RESAMPLES,
) -> Interval:
    """The mean score of several trainings of a recipe, with the 95% interval of its seeds and units.

    values_SN: of the units, a row for each training; of a single one, units alone are drawn. score: what the interval
    is shifted to. Raises InputError without units.
    """
    x_SN = np.asarray(values_SN, dtype=np.float64)
    if len(x_SN) > 1:
        change = compare_seeds(x_SN, np.zeros((1, x_SN.shape[1])), seed=seed, clusters=clusters, resamples=resamples)
        found = Interval(n=change.n, mean=change.difference, low=change.low, high=change.high)
    elif clusters:
        found = cluster_interval(x_SN[0], clusters, seed=seed, resamples=resamples)
    else:
        found = interval(x_SN[0], seed=seed, resamples=resamples)
    shift = score - found.mean
    return Interval(n=found.n, mean=score, low=found.low + shift, high=found.high + shift)
