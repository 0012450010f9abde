"""The two means by which the papers rank models."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from mecelle.evaluation.record import Kind, TaskRecord

MTEB_TYPES: tuple[Kind, ...] = ("classification", "clustering", "pair classification", "retrieval", "sts")
LEGAL_TYPES: tuple[Kind, ...] = ("legal retrieval",)
LANGUAGE = "tur"

MEANS: Mapping[str, tuple[Kind, ...]] = {"MTEB Score": MTEB_TYPES, "Legal Score": LEGAL_TYPES}
"""Name -> types. MTEB Score: the mean of five task types, each the mean of its tasks, legal tasks excluded (Mecellem
§3.5.2). Legal Score: the plain mean of contracts, regulation and case law, as the printed scores have it; the text
calls it weighted."""

LEGAL_SCORE = frozenset(
    {"Contracts.v1", "Regulation.v1", "Caselaw.v1"}  # of the hub
    | {"legal_answers.v1", "citizen_questions.v1", "decision_summaries.v1"}  # their stand-ins
)
"""Tasks of the Legal Score; other legal tasks have columns of their own."""

UnitScores = dict[str, dict[str, tuple[float, ...]]]
"""Type -> task -> score of each unit, the shape that `statistics.strata` takes."""


def unit_scores(
    records: Sequence[TaskRecord], types: Sequence[Kind], *, ids: Mapping[str, Sequence[str]]
) -> UnitScores | None:
    """Scores of one model on the tasks of `ids`, units in that order, or None if it lacks one of them.

    None also where a type has no task at all: a mean over what a model happens to have would compare with nothing.
    """
    found = {record.task: record for record in records}
    scores: UnitScores = {kind: {} for kind in types}
    for task, units in ids.items():
        if task not in found or set(found[task].ids) != set(units):
            return None
        scores[found[task].kind][task] = found[task].values_of(units)
    return scores if all(scores.values()) else None


def mean_score(records: Sequence[TaskRecord], scores: UnitScores) -> float:
    """Mean over types of the mean over tasks of the main score, on the tasks of `scores`.

    A correlation or an F1 of the whole is not the mean of its units: tables print this, tests draw units.
    """
    main = {record.task: record.score for record in records}
    return fmean(fmean(main[task] for task in tasks) for tasks in scores.values())


def ids_of(records: Sequence[TaskRecord], types: Sequence[Kind]) -> dict[str, tuple[str, ...]]:
    """Turkish tasks of the types that any record has, with their units; other languages count in no mean, and of legal
    tasks only those of the Legal Score do."""
    counted = [
        record
        for record in records
        if record.kind in types
        and record.ids
        and record.language == LANGUAGE
        and (record.kind not in LEGAL_TYPES or record.task in LEGAL_SCORE)
    ]
    return {record.task: record.ids for record in sorted(counted, key=lambda record: record.task)}
