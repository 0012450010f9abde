"""Means of means: the score of a benchmark is the mean of its types, of a type that of its tasks ("Mean TaskType").

Units are drawn again within their task. The tasks themselves are not: what is said holds for these tasks.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from mecelle.base.errors import InputError
from mecelle.base.seeds import derive
from mecelle.evaluation.statistics.bootstrap import RESAMPLES, Floats, Interval, checked, resampled_means, spanned
from mecelle.evaluation.statistics.paired import Comparison, paired_differences, sign_flip_p

Scores = Mapping[str, Mapping[str, ArrayLike]]
"""Type -> task -> score of each unit."""


def mean_of_means(scores: Scores, *, seed: int, level: float = 0.95, resamples: int = RESAMPLES) -> Interval:
    """Mean over types of the mean over tasks of the mean over units, with an interval stratified by task.

    Raises InputError if a type has no tasks, or a task no units.
    """
    strata = {(kind, task): checked(values) for kind, tasks in scores.items() for task, values in tasks.items()}
    return _interval(strata, _weights(scores), seed=seed, level=level, resamples=resamples)


def unit_shares(scores: Scores) -> Floats:
    """What each unit adds to the mean of means, tasks in their order; the shares sum to it.

    Flipping a unit's difference moves the mean by its share, so that tasks of all sizes flip together.
    """
    weights = _weights(scores)
    return np.concatenate(
        [w / len(x) * x for (kind, task), w in weights.items() for x in [checked(scores[kind][task])]]
    )


def compare_means(a: Scores, b: Scores, *, seed: int, level: float = 0.95, resamples: int = RESAMPLES) -> Comparison:
    """Paired difference of two such means. Raises InputError unless both sides have the same tasks and units."""
    shape_a, shape_b = ({kind: sorted(tasks) for kind, tasks in side.items()} for side in (a, b))
    if shape_a != shape_b:
        raise InputError(f"tasks {shape_a} against {shape_b}: means of different tasks do not compare")
    strata = {
        (kind, task): paired_differences(values, b[kind][task])
        for kind, tasks in a.items()
        for task, values in tasks.items()
    }
    weights = _weights(a)
    found = _interval(strata, weights, seed=seed, level=level, resamples=resamples)
    b_in_order = {kind: {task: b[kind][task] for task in tasks} for kind, tasks in a.items()}
    p = sign_flip_p(unit_shares(a) - unit_shares(b_in_order), seed=derive(seed, "flips"), resamples=resamples)
    return Comparison(n=found.n, difference=found.mean, low=found.low, high=found.high, p=p)


def _interval(
    strata: Mapping[tuple[str, str], Floats],
    weights: Mapping[tuple[str, str], float],
    *,
    seed: int,
    level: float,
    resamples: int,
) -> Interval:
    resampled = np.zeros(resamples)
    for (kind, task), x in strata.items():
        rng = np.random.default_rng(derive(seed, kind, task))
        resampled += weights[kind, task] * resampled_means(x, rng, resamples)
    mean = sum(weights[name] * float(x.mean()) for name, x in strata.items())
    return spanned(mean, resampled, n=sum(map(len, strata.values())), level=level)


def _weights(scores: Scores) -> dict[tuple[str, str], float]:
    empty = [kind for kind, tasks in scores.items() if not tasks]
    if empty or not scores:
        raise InputError(f"no tasks of type {', '.join(empty) or 'any'}: a mean over types needs a task of each")
    return {(kind, task): 1 / len(scores) / len(tasks) for kind, tasks in scores.items() for task in tasks}
