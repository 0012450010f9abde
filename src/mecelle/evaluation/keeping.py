"""Records that are made once: a task is run again only if model, data, parameters or version changed."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mecelle.evaluation import record as records
from mecelle.evaluation.record import Kind, TaskRecord

_PACKAGES = ("mecelle", "torch", "transformers", "tokenizers")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a task measured."""

    main_score: str
    scores: dict[str, float]
    unit: str
    ids: tuple[str, ...]
    values: tuple[float, ...]
    """Main score of each unit."""
    clusters: tuple[str, ...] = ()
    """Of each unit, where units come in groups."""
    weights: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """What units weigh in a score of the whole: name -> of each unit, such as the tokens of a document."""
    lower_is_better: bool = False
    embedding_seconds: float = 0.0
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
    language: str = "tur",
    additions: Sequence[str] = (),
    beside: Path | None = None,
    packages: Sequence[str] = _PACKAGES,
) -> TaskRecord:
    """The record of (model, task) in `folder`, made and written if it is not there already.

    additions: parameters that say what was added to a record later, and are not compared. beside: a file that `make`
    writes, too; without it the record is made again. packages: whose versions take part in the score.
    A record of other parameters that is about to be replaced is told as a warning of `logging`.
    """
    asked: dict[str, Any] = {
        "model": model, "task": task, "fingerprint": fingerprint, "data": data, "parameters": parameters, "seed": seed,
    }  # fmt: skip
    found = records.reusable(folder, **asked, additions=additions)
    if found and (beside is None or beside.exists()):
        return found
    if changed := records.changes(folder, **asked, additions=additions):
        before, now = (", ".join(f"{name}={pair[side]}" for name, pair in changed.items()) for side in (0, 1))
        _log.warning(
            "%s of %s was measured before with %s; measuring again with %s, which replaces it (another --out keeps "
            "both)", task, model, before, now
        )  # fmt: skip
    started = time.perf_counter()
    outcome = make()
    made = TaskRecord(
        model=model,
        fingerprint=fingerprint,
        task=task,
        kind=kind,
        language=language,
        split=split,
        main_score=outcome.main_score,
        lower_is_better=outcome.lower_is_better,
        scores=outcome.scores,
        unit=outcome.unit,
        ids=outcome.ids,
        values=outcome.values,
        clusters=outcome.clusters,
        weights=dict(outcome.weights),
        n=len(outcome.ids),
        seed=seed,
        parameters=dict(parameters),
        data=data,
        versions={name: version(name) for name in packages},
        seconds=round(time.perf_counter() - started, 3),
        embedding_seconds=round(outcome.embedding_seconds, 3),
        notes=outcome.notes,
    )
    records.write(made, folder)
    return made
