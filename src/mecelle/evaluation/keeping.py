"""Records that are made once: a task is run again only if model, data, parameters or version changed."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mecelle.evaluation import record as records
from mecelle.evaluation.record import Kind, TaskRecord

_PACKAGES = ("mecelle", "torch", "transformers", "tokenizers")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a task measured."""

    main_score: str
    scores: dict[str, float]
    unit: str
    ids: tuple[str, ...]
    values: tuple[float, ...]
    """Main score of each unit."""
    lower_is_better: bool = False
    notes: tuple[str, ...] = ()


def keep(
    folder: Path,
    make: Callable[[], Outcome],
    *,
    model: str,
    fingerprint: str,
    task: str,
    kind: Kind,
    split: str,
    data: str,
    parameters: Mapping[str, Any],
    seed: int,
    beside: Path | None = None,
) -> TaskRecord:
    """The record of (model, task) in `folder`, made and written if it is not there already.

    beside: a file that `make` writes, too; without it the record is made again.
    """
    found = records.reusable(
        folder, model=model, task=task, fingerprint=fingerprint, data=data, parameters=parameters, seed=seed
    )
    if found and (beside is None or beside.exists()):
        return found
    started = time.perf_counter()
    outcome = make()
    made = TaskRecord(
        model=model,
        fingerprint=fingerprint,
        task=task,
        kind=kind,
        split=split,
        main_score=outcome.main_score,
        lower_is_better=outcome.lower_is_better,
        scores=outcome.scores,
        unit=outcome.unit,
        ids=outcome.ids,
        values=outcome.values,
        n=len(outcome.ids),
        seed=seed,
        parameters=dict(parameters),
        data=data,
        versions={name: version(name) for name in _PACKAGES},
        seconds=round(time.perf_counter() - started, 3),
        notes=outcome.notes,
    )
    records.write(made, folder)
    return made
