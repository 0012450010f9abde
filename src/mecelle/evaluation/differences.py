"""One model against another on all tasks that both were scored on: what `mecelle compare` tells."""

from collections.abc import Hashable, Mapping, Sequence
from statistics import fmean
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from pydantic import BaseModel, ConfigDict

from mecelle.base.errors import MismatchError
from mecelle.base.seeds import derive
from mecelle.evaluation.means import MEANS, ids_of, mean_score, unit_scores
from mecelle.evaluation.record import TaskRecord
from mecelle.evaluation.statistics.bootstrap import RESAMPLES
from mecelle.evaluation.statistics.paired import Comparison, compare, mcnemar
from mecelle.evaluation.statistics.seeds import compare_seeds
from mecelle.evaluation.statistics.strata import compare_means
from mecelle.evaluation.statistics.tables import holm

Test = Literal["sign flips", "McNemar, exact", "sign flips by cluster", "seeds and units", "sign flips by task"]
SHOWN = 5
"""Ids that an error names."""


class Difference(BaseModel):
    """a - b on one task, or on a mean of tasks."""

    model_config = ConfigDict(frozen=True)

    task: str
    kind: str
    measure: str
    unit: str
    score_a: float
    score_b: float
    seeds: tuple[int, int]
    """Trainings of each side."""
    test: Test
    comparison: Comparison
    """Of the means over units."""
    lower_is_better: bool = False
    notes: tuple[str, ...] = ()

    def verdict(self, a: str, b: str, *, alpha: float = 0.05) -> str:
        """Which model is better, in words, after Holm's correction."""
        found = self.comparison
        if (found.p if found.p_holm is None else found.p_holm) >= alpha:
            return "cannot be told apart"
        return f"{a if (found.difference > 0) != self.lower_is_better else b} is better"


class Differences(BaseModel):
    """All tasks of two models. p values are Holm-corrected over the whole table."""

    model_config = ConfigDict(frozen=True)

    a: str
    b: str
    rows: tuple[Difference, ...]
    only_a: tuple[str, ...]
    """Tasks that b was not scored on."""
    only_b: tuple[str, ...]
    without_units: tuple[str, ...]
    """Tasks whose records keep no units: nothing can be tested."""
    not_compared: tuple[str, ...] = ()
    """Why tasks that both were scored on cannot be compared: other data, units or parameters."""


def differences(
    a: Sequence[TaskRecord], b: Sequence[TaskRecord], *, seed: int, resamples: int = RESAMPLES
) -> Differences:
    """Compare two models, task by task, and by the two means where both have all their tasks.

    a, b: records of one model each; several of one task are trainings with several seeds. Tasks that were scored on
    other data, units or measures are told; means then fail, too.
    Raises MismatchError if the two share no task, or none that can be compared.
    """
    by_task_a, by_task_b = _by_task(a), _by_task(b)
    shared = [task for task in by_task_a if task in by_task_b]
    names = a[0].model, b[0].model
    if not shared:
        raise MismatchError(
            f"{names[0]} and {names[1]} share no task: {', '.join(by_task_a)} against {', '.join(by_task_b)}; evaluate "
            "one of them on a task of the other"
        )
    tested = [task for task in shared if by_task_a[task][0].ids and by_task_b[task][0].ids]
    rows, faults = [], []
    for task in tested:
        try:
            rows.append(_difference(by_task_a[task], by_task_b[task], seed=derive(seed, task), resamples=resamples))
        except MismatchError as error:
            faults.append(str(error))
    if faults and not rows:
        raise MismatchError("\n".join(faults))
    single = all(len(records) == 1 for side in (by_task_a, by_task_b) for records in side.values())
    if single and not faults:
        rows = [*_means(a, b, seed=seed, resamples=resamples), *rows]
    corrected = holm([row.comparison.p for row in rows])
    return Differences(
        a=names[0],
        b=names[1],
        rows=tuple(
            row.model_copy(update={"comparison": row.comparison.model_copy(update={"p_holm": p})})
            for row, p in zip(rows, corrected, strict=True)
        ),
        only_a=tuple(task for task in by_task_a if task not in by_task_b),
        only_b=tuple(task for task in by_task_b if task not in by_task_a),
        without_units=tuple(task for task in shared if task not in tested),
        not_compared=tuple(faults),
    )


def _difference(a: Sequence[TaskRecord], b: Sequence[TaskRecord], *, seed: int, resamples: int) -> Difference:
    first = a[0]
    for record in [*a[1:], *b]:
        check_same(first, record)
    a_SN, b_SN = ([record.values_of(first.ids) for record in side] for side in (a, b))
    comparison, test = compare_trainings(a_SN, b_SN, clusters=first.clusters, seed=seed, resamples=resamples)
    scores = fmean(record.score for record in a), fmean(record.score for record in b)
    return Difference(
        task=first.task,
        kind=first.kind,
        measure=first.main_score,
        unit=first.unit,
        score_a=scores[0],
        score_b=scores[1],
        seeds=(len(a), len(b)),
        test=test,
        comparison=comparison,
        lower_is_better=first.lower_is_better,
        notes=_shift_notes(comparison, scores, f"{first.main_score} of the whole"),
    )


def compare_trainings(
    a_SN: ArrayLike,
    b_SN: ArrayLike,
    *,
    clusters: Sequence[Hashable] = (),
    seed: int,
    resamples: int = RESAMPLES,
) -> tuple[Comparison, Test]:
    """Difference of two recipes on the same units, a row for each training, and the test that fits: seeds are drawn
    where either was trained with several."""
    a, b = np.asarray(a_SN, dtype=np.float64), np.asarray(b_SN, dtype=np.float64)
    if len(a) > 1 or len(b) > 1:
        return compare_seeds(a, b, clusters=clusters, seed=seed, resamples=resamples), "seeds and units"
    comparison = compare(a[0], b[0], clusters=clusters, seed=seed, resamples=resamples)
    if clusters:
        return comparison, "sign flips by cluster"
    if np.isin([a[0], b[0]], (0, 1)).all():
        # Signs of right and wrong answers flip like coins: the exact p needs no drawing.
        return comparison.model_copy(update={"p": mcnemar(a[0], b[0]).p}), "McNemar, exact"
    return comparison, "sign flips"


def _means(a: Sequence[TaskRecord], b: Sequence[TaskRecord], *, seed: int, resamples: int) -> list[Difference]:
    rows = []
    for name, types in MEANS.items():
        ids = ids_of([*b, *a], types)
        of_a, of_b = unit_scores(a, types, ids=ids), unit_scores(b, types, ids=ids)
        if not of_a or not of_b or len(ids) == 1:  # of one task there is no mean, and no second test
            continue
        comparison = compare_means(of_a, of_b, seed=derive(seed, name), resamples=resamples)
        scores = mean_score(a, of_a), mean_score(b, of_b)
        kinds = f"{len(types)} type{'s' if len(types) > 1 else ''}"
        rows.append(
            Difference(
                task=name,
                kind="mean",
                measure=f"mean of {len(ids)} tasks of {kinds}",
                unit="unit",
                score_a=scores[0],
                score_b=scores[1],
                seeds=(1, 1),
                test="sign flips by task",
                comparison=comparison,
                notes=_shift_notes(comparison, scores, "the mean of main scores"),
            )
        )
    return rows


def _shift_notes(comparison: Comparison, scores: tuple[float, float], printed: str) -> tuple[str, ...]:
    """A correlation or an F1 is not the mean of its units: say that the test is on these."""
    same = np.isclose(comparison.difference, scores[0] - scores[1], atol=1e-6)
    return () if same else (f"tested on the mean over units, which is not {printed}",)


def check_same(a: TaskRecord, b: TaskRecord) -> None:
    """Raises MismatchError, saying how they differ, unless two records may be compared unit by unit."""
    for what in ("data", "split", "main_score", "unit"):
        of_a, of_b = getattr(a, what), getattr(b, what)
        if of_a != of_b:
            raise MismatchError(
                f"{a.task}: {a.model} and {b.model} differ in {what.replace('_', ' ')} ({of_a} against {of_b}); "
                "evaluate both again with one version of the task"
            )
    for name in sorted(a.conditions.keys() | b.conditions.keys()):
        of_a, of_b = a.conditions.get(name), b.conditions.get(name)
        if of_a != of_b:
            raise MismatchError(
                f"{a.task}: {a.model} and {b.model} were scored with other parameters ({name}: {of_a} against {of_b}); "
                "evaluate both with the same"
            )
    missing_b, missing_a = sorted(set(a.ids) - set(b.ids)), sorted(set(b.ids) - set(a.ids))
    if missing_a or missing_b:
        told = [
            f"{model} lacks {len(ids)} ({', '.join(ids[:SHOWN])}{', ...' if len(ids) > SHOWN else ''})"
            for model, ids in ((a.model, missing_a), (b.model, missing_b))
            if ids
        ]
        raise MismatchError(
            f"{a.task}: not the same {a.unit} ids: {'; '.join(told)}; evaluate both with one cap and seed"
        )


def _by_task(records: Sequence[TaskRecord]) -> Mapping[str, list[TaskRecord]]:
    """Records by task; one that stands in two folders is one training."""
    tasks: dict[str, dict[object, TaskRecord]] = {}
    for record in sorted(records, key=lambda record: (record.task, record.seed, record.fingerprint)):
        told = record.seed, record.fingerprint, record.data, record.ids, record.values
        tasks.setdefault(record.task, {}).setdefault(told, record)
    return {task: list(found.values()) for task, found in tasks.items()}
