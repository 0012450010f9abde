"""Records of one kind of task as a table: scores, intervals, and groups that cannot be told apart."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mecelle.base.seeds import derive
from mecelle.evaluation.board.view import Cell, Column, Row, Section
from mecelle.evaluation.intervals import score_interval, trainings_interval
from mecelle.evaluation.means import LANGUAGE
from mecelle.evaluation.record import SEARCHES, TaskRecord
from mecelle.evaluation.statistics.bootstrap import Interval
from mecelle.evaluation.statistics.tables import pairwise_p, rank_groups
from mecelle.evaluation.tasks.definition import Caps

Link = Callable[[TaskRecord], str]
"""Record -> address of its file, from the page."""

OTHER_DATA = "scored on other data or units than the rest of the column: not compared"
OTHER_SCORE = "the interval is of the mean over units, shifted to the score of the whole"


@dataclass(frozen=True)
class Scored:
    """One model on one task: its records, more than one if it was trained with several seeds."""

    model: str
    records: tuple[TaskRecord, ...]

    @property
    def score(self) -> float:
        """Mean of the main score over trainings."""
        return float(np.mean([record.score for record in self.records]))

    def merged(self) -> TaskRecord:
        """One record: the score, and each unit, with its mean over trainings."""
        first = self.records[0]
        values = np.mean([record.values_of(first.ids) for record in self.records], axis=0)
        scores = first.scores | {first.main_score: self.score}
        return first.model_copy(update={"values": tuple(values.tolist()), "scores": scores})


def section(kind: str, records: Sequence[TaskRecord], *, link: Link, seed: int, resamples: int) -> Section:
    """The table of `records`, all of one kind; models that are best on average stand first."""
    tasks = sorted({record.task for record in records})
    models = sorted({record.model for record in records})
    columns, cells = [], []
    warned: list[str] = []
    for task in tasks:
        scored = scored_by([record for record in records if record.task == task])
        first = scored[0].records[0]
        found = task_cells(scored, link=link, seed=derive(seed, task), resamples=resamples)
        units = f"{first.n:,} {_plural(first.unit)}" + ("" if first.language == LANGUAGE else f" · {first.language}")
        columns.append(Column(task, first.main_score, units, first.lower_is_better))
        cells.append(found)
        warned += cautions(scored)
    warned += smaller(records)
    rows = [Row(model, "measured", tuple(column.get(model) for column in cells)) for model in models]
    notes = dict.fromkeys(note for record in records for note in record.notes)
    return Section(kind, tuple(columns), tuple(sorted(rows, key=_by_rank(columns, cells))), tuple(notes), tuple(warned))


def task_cells(scored: Sequence[Scored], *, link: Link, seed: int, resamples: int) -> dict[str, Cell]:
    """Model -> cell on one task. Only models that were scored on the same data and units are compared."""
    shared, like = compared(scored)
    groups = _groups(shared, like, seed=seed, resamples=resamples)
    cells = {}
    for one in scored:
        notes: tuple[str, ...] = () if one in shared else (OTHER_DATA,)
        first = one.records[0]
        found = _interval(one, seed=seed, resamples=resamples) if first.ids else None
        if found and abs(one.score - float(np.mean([np.mean(record.values) for record in one.records]))) > 1e-6:
            notes += (OTHER_SCORE,)
        if len(one.records) > 1:
            notes += (f"mean of {len(one.records)} trainings",)
        cells[one.model] = Cell(
            value=one.score,
            low=found.low if found else None,
            high=found.high if found else None,
            group=groups.get(one.model, ""),
            best="a" in groups.get(one.model, ""),
            link=link(first),
            notes=notes,
        )
    return cells


def compared(scored: Sequence[Scored]) -> tuple[list[Scored], TaskRecord]:
    """The models that share data and units with most others, and a record that stands for these."""
    most, _ = Counter(_asked(one.records[0]) for one in scored).most_common(1)[0]
    shared = [one for one in scored if all(_asked(record) == most for record in one.records)]
    return shared, next(one.records[0] for one in scored if _asked(one.records[0]) == most)


def cautions(scored: Sequence[Scored]) -> list[str]:
    """A sentence where the rows of one task were not scored on the same units, or not with the same parameters."""
    first = scored[0].records[0]
    models: dict[str, list[str]] = {}
    for one in scored:
        for record in one.records:
            told = {f"{record.n:,} {_plural(record.unit)}": None}
            told |= dict.fromkeys(f"{name} {value}" for name, value in record.conditions.items())
            models.setdefault(", ".join([*told, f"seed {record.seed}"]), []).append(one.model)
    if len({_asked(record) for one in scored for record in one.records}) == 1 and len(models) == 1:
        return []
    rows = "; ".join(f"{', '.join(dict.fromkeys(members))}: {told}" for told, members in models.items())
    return [
        f"{first.task}: not all rows were scored alike ({rows}). Only those that share data and units are compared."
    ]


def smaller(records: Sequence[TaskRecord]) -> list[str]:
    """A sentence for each set of caps below the default: a score among fewer documents is higher."""
    default, found = Caps().model_dump(), dict[str, dict[str, None]]()
    for record in records:
        caps = record.parameters.get("caps", {})
        names = ("queries", "documents") if record.kind in SEARCHES else ("items", "pairs")
        if less := [f"{name} {caps[name]:,}" for name in names if caps.get(name, default[name]) < default[name]]:
            found.setdefault(", ".join(less), {})[record.task] = None
    return [
        f"{', '.join(tasks)}: scored with caps below the default ({less}). A score among fewer documents or texts is "
        "another score: it stands beside no published one."
        for less, tasks in found.items()
    ]


def _asked(record: TaskRecord) -> tuple[str, tuple[str, ...], str]:
    """What two records must share to be compared."""
    return record.data, tuple(sorted(record.ids)), repr(sorted(record.conditions.items()))


def groups_of(
    scores: Mapping[str, float], p_values: Mapping[tuple[str, str], float], *, lower_is_better: bool = False
) -> dict[str, str]:
    """Letters of each model; none where there is nothing to compare with."""
    if len(scores) < 2:
        return {}
    ranking = sorted(scores, key=lambda model: (scores[model] if lower_is_better else -scores[model], model))
    return rank_groups(ranking, p_values)


def comparable(records: Sequence[TaskRecord]) -> list[TaskRecord]:
    """One record for each model and task, of those that share data and units: what means are made of."""
    found = []
    for task in sorted({record.task for record in records}):
        shared, _ = compared(scored_by([record for record in records if record.task == task]))
        found += [one.merged() for one in shared]
    return found


def _groups(shared: Sequence[Scored], like: TaskRecord, *, seed: int, resamples: int) -> dict[str, str]:
    if not like.ids:
        return {}
    units = {one.model: np.array(one.merged().values_of(like.ids)) for one in shared}
    p_values = pairwise_p(units, clusters=like.clusters or None, seed=seed, resamples=resamples)
    means = {model: float(values.mean()) for model, values in units.items()}
    return groups_of(means, p_values, lower_is_better=like.lower_is_better)


def _interval(one: Scored, *, seed: int, resamples: int) -> Interval:
    first = one.records[0]
    if len(one.records) > 1 and all(set(record.ids) == set(first.ids) for record in one.records):
        trainings = [record.values_of(first.ids) for record in one.records]
        return trainings_interval(trainings, score=one.score, clusters=first.clusters, seed=seed, resamples=resamples)
    return score_interval(first, seed=seed, resamples=resamples)


def scored_by(records: Sequence[TaskRecord]) -> list[Scored]:
    """Records of one task, by model."""
    models: dict[str, list[TaskRecord]] = {}
    for record in sorted(records, key=lambda record: (record.model, record.seed, record.fingerprint)):
        models.setdefault(record.model, []).append(record)
    return [Scored(model, tuple(found)) for model, found in models.items()]


def _by_rank(columns: Sequence[Column], cells: Sequence[Mapping[str, Cell]]) -> Callable[[Row], tuple[float, str]]:
    """Mean rank over the tasks that a model was scored on: scores of different measures have no mean."""
    ranks: dict[str, list[int]] = {}
    for column, found in zip(columns, cells, strict=True):
        ordered = sorted(found, key=lambda model: found[model].value, reverse=not column.lower_is_better)
        for rank, model in enumerate(ordered):
            ranks.setdefault(model, []).append(rank)
    return lambda row: (float(np.mean(ranks[row.name])), row.name)


def _plural(unit: str) -> str:
    return f"{unit[:-1]}ies" if unit.endswith("y") else f"{unit}s"
