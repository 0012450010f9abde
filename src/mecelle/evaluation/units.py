"""From what mteb leaves of a task to the score of every unit: what intervals and paired tests are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from mteb.abstasks import (
    AbsTask,
    AbsTaskClassification,
    AbsTaskClustering,
    AbsTaskPairClassification,
    AbsTaskRetrieval,
    AbsTaskSTS,
)
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.metrics import average_precision_score

from mecelle.base.errors import InputError
from mecelle.evaluation.metrics.pseudo_values import pseudo_values
from mecelle.evaluation.metrics.ranking import TABLE_MEASURES, score_rankings


@dataclass(frozen=True)
class Measured:
    """All scores of a task, and the main one unit by unit: its mean over the units is the score."""

    main_score: str
    scores: dict[str, float]
    unit: str
    ids: tuple[str, ...]
    values: tuple[float, ...]
    notes: tuple[str, ...] = ()


def measure(
    task: AbsTask, split: Any, scores: Mapping[str, Any], predictions: Any, ids: Sequence[str] | None
) -> Measured:
    """split: the evaluated side of the task's dataset; scores, predictions: what mteb returned and wrote; ids: of the
    items, in order; None numbers them. Raises InputError for a kind of task without a rule here."""
    if isinstance(task, AbsTaskRetrieval):
        return _retrieval(split["relevant_docs"], predictions, scores)
    if isinstance(task, AbsTaskClassification):
        return _classification(split["label"], predictions, scores, ids)
    if isinstance(task, AbsTaskPairClassification):
        return _pair_classification(split["labels"], predictions["cosine_scores"], scores, ids)
    if isinstance(task, AbsTaskSTS):
        return _sts(split["score"], predictions["cosine_scores"], scores, ids)
    if isinstance(task, AbsTaskClustering):
        return _clustering(scores)
    raise InputError(f"task {task.metadata.name}: no unit scores for mteb's type {task.metadata.type}")


def _retrieval(
    gold: Mapping[str, Any], found: Mapping[str, Mapping[str, float]], scores: Mapping[str, Any]
) -> Measured:
    relevant = {query: {d for d, grade in members.items() if grade > 0} for query, members in gold.items()}
    # TREC's order of equal scores, so that the sums agree with mteb's to the last digit.
    rankings = {
        query: [d for d, _ in sorted(hits.items(), key=lambda hit: (hit[1], hit[0]), reverse=True)]
        for query, hits in found.items()
    }
    rows = score_rankings(rankings, relevant, TABLE_MEASURES)
    values = rows["ndcg@10"]
    means = {name: float(np.mean(list(row.values()))) for name, row in rows.items()}
    graded = any(grade not in (0, 1) for members in gold.values() for grade in members.values())
    notes = (f"Relevance is graded; mteb's own nDCG@10 is {scores['ndcg_at_10']}.",) if graded else ()
    return Measured("ndcg@10", means, "query", tuple(values), tuple(values.values()), notes)


def _classification(
    gold: Sequence[Any], experiments: Sequence[Sequence[Any]], scores: Mapping[str, Any], ids: Sequence[str] | None
) -> Measured:
    right = np.asarray(experiments) == np.asarray(gold)[None, :]
    return Measured(
        "accuracy",
        _plain(scores),
        "item",
        _ids(ids, len(gold)),
        tuple(right.mean(axis=0).tolist()),
        (f"An item's value is the share of {len(experiments)} draws of training examples in which it was right.",),
    )


def _pair_classification(
    gold: Sequence[int], cosines: Sequence[float], scores: Mapping[str, Any], ids: Sequence[str] | None
) -> Measured:
    values = pseudo_values(lambda y, s: float(average_precision_score(y, s)), gold, cosines)
    return Measured("cosine_ap", _plain(scores), "pair", _ids(ids, len(gold)), tuple(values.tolist()), (PSEUDO,))


def _sts(
    gold: Sequence[float], cosines: Sequence[float], scores: Mapping[str, Any], ids: Sequence[str] | None
) -> Measured:
    values = pseudo_values(_spearman, gold, cosines)
    return Measured("cosine_spearman", _plain(scores), "pair", _ids(ids, len(gold)), tuple(values.tolist()), (PSEUDO,))


def _clustering(scores: Mapping[str, Any]) -> Measured:
    values = [value for level in scores["v_measures"].values() for value in level]
    ids = tuple(f"draw {number}" for number in range(len(values)))
    note = "Draws share texts: intervals over draws tell the spread of k-means and sampling, not of other texts."
    return Measured("v_measure", _plain(scores), "experiment", ids, tuple(values), (note,))


PSEUDO = "A pair's value is its jackknife pseudo-value: the score is no mean of pairs."


def _spearman(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    return float(spearmanr(x, y).statistic)


def _plain(scores: Mapping[str, Any]) -> dict[str, float]:
    """The finite numbers of mteb's scores."""
    numbers = {name: value for name, value in scores.items() if isinstance(value, int | float)}
    return {name: float(value) for name, value in numbers.items() if np.isfinite(value) and name != "main_score"}


def _ids(ids: Sequence[str] | None, count: int) -> tuple[str, ...]:
    return tuple(ids) if ids is not None else tuple(f"{number:06d}" for number in range(count))
