"""The interval of a record's score, as every table prints it."""

from mecelle.evaluation.record import TaskRecord
from mecelle.evaluation.statistics.bootstrap import RESAMPLES, Interval, cluster_interval, interval


def score_interval(record: TaskRecord, *, seed: int, resamples: int = RESAMPLES) -> Interval:
    """The main score with the 95% interval of its units, those of a cluster drawn together.

    A correlation or an F1 of the whole is not the mean of its units: the interval is then shifted to the score.
    Raises InputError for a record without units.
    """
    if record.clusters:
        found = cluster_interval(record.values, record.clusters, seed=seed, resamples=resamples)
    else:
        found = interval(record.values, seed=seed, resamples=resamples)
    shift = record.score - found.mean
    return Interval(n=found.n, mean=record.score, low=found.low + shift, high=found.high + shift)
