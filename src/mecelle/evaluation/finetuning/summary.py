"""The table of the suite, as Mecellem's Table 23: a mean for each type, and the mean of the types."""

from collections.abc import Sequence
from statistics import mean

from mecelle.evaluation.finetuning.items import TYPES
from mecelle.evaluation.finetuning.search import PREFIX
from mecelle.evaluation.record import TaskRecord

OVERALL = "Overall"


def table(records: Sequence[TaskRecord]) -> tuple[dict[str, dict[str, float]], list[str]]:
    """Model -> type -> mean over the tasks that all models were scored on, with `Overall`; and those tasks.

    `Overall` is the mean of the types, whatever number of tasks each has; best models first.
    """
    own = [record for record in records if record.kind == "fine-tuning" and record.task.startswith(PREFIX)]
    scores: dict[str, dict[str, TaskRecord]] = {}
    for record in own:
        scores.setdefault(record.model, {})[record.task] = record
    if not scores:
        return {}, []
    shared = sorted(set.intersection(*(set(tasks) for tasks in scores.values())))
    rows = {model: _means([tasks[name] for name in shared]) for model, tasks in scores.items()} if shared else {}
    return dict(sorted(rows.items(), key=lambda row: (-row[1][OVERALL], row[0]))), shared


def _means(records: Sequence[TaskRecord]) -> dict[str, float]:
    types = {
        kind: mean(found)
        for kind in TYPES
        if (found := [record.score for record in records if record.parameters["type"] == kind])
    }
    return {OVERALL: mean(types.values())} | types
