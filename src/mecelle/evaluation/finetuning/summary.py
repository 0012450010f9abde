"""The table of the suite, as Mecellem's Table 23: a mean for each type, and the mean of the types."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot
from statistics import mean

from mecelle.evaluation.finetuning.items import TYPES
from mecelle.evaluation.finetuning.search import PREFIX
from mecelle.evaluation.record import TaskRecord

OVERALL = "Overall"
_WIDE = 1.96


@dataclass(frozen=True)
class Estimate:
    """A score, and its standard error over test items (not over seeds, nor over other training items)."""

    value: float
    error: float

    def text(self) -> str:
        """`.612 ±.034`: half the width of the normal 95% interval."""
        return f"{self.value:.3f} ±{_WIDE * self.error:.3f}".replace("0.", ".")


def table(records: Sequence[TaskRecord]) -> tuple[dict[str, dict[str, Estimate]], list[str]]:
    """Model -> type -> mean over the tasks that all models were scored on, with `Overall`; and those tasks.

    `Overall` is the mean of the types, whatever number of tasks each has; best models first. Tasks share no items, so
    that their errors are independent.
    """
    scores: dict[str, dict[str, TaskRecord]] = {}
    for record in _own(records):
        scores.setdefault(record.model, {})[record.task] = record
    if not scores:
        return {}, []
    shared = sorted(set.intersection(*(set(tasks) for tasks in scores.values())))
    rows = {model: _means([tasks[name] for name in shared]) for model, tasks in scores.items()} if shared else {}
    return dict(sorted(rows.items(), key=lambda row: (-row[1][OVERALL].value, row[0]))), shared


def grid_edges(records: Sequence[TaskRecord]) -> dict[str, str]:
    """Model -> how often the lowest and the highest learning rate won: a wider grid might then have found better."""
    told: dict[str, str] = {}
    for model in dict.fromkeys(record.model for record in _own(records)):
        own = [record for record in _own(records) if record.model == model]
        rates = [(record.scores["chosen_learning_rate"], record.parameters["learning_rates"]) for record in own]
        lowest = sum(chosen == min(tried) for chosen, tried in rates)
        highest = sum(chosen == max(tried) for chosen, tried in rates)
        told[model] = f"the lowest learning rate won {lowest}, the highest {highest} of {len(own)} times"
    return told


def _own(records: Sequence[TaskRecord]) -> list[TaskRecord]:
    return [record for record in records if record.kind == "fine-tuning" and record.task.startswith(PREFIX)]


def _means(records: Sequence[TaskRecord]) -> dict[str, Estimate]:
    types = {
        kind: _mean([_estimate(record) for record in own])
        for kind in TYPES
        if (own := [record for record in records if record.parameters["type"] == kind])
    }
    return {OVERALL: _mean(list(types.values()))} | types


def _estimate(record: TaskRecord) -> Estimate:
    return Estimate(record.score, record.scores[f"{record.main_score}.error"])


def _mean(estimates: Sequence[Estimate]) -> Estimate:
    """The mean of independent estimates."""
    return Estimate(mean(one.value for one in estimates), hypot(*(one.error for one in estimates)) / len(estimates))
