"""Models on tasks: what was measured before is taken from its record, everything else is run by mteb and recorded."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mecelle.base.errors import ConfigError
from mecelle.base.progress import Progress
from mecelle.evaluation import record as records
from mecelle.evaluation.contestants import Contestant
from mecelle.evaluation.record import TaskRecord
from mecelle.evaluation.robustness import columns, perturbed
from mecelle.evaluation.tasks.definition import Caps, Data, LabelledData, LocalTask, PairData, RetrievalData, Source
from mecelle.evaluation.tasks.hub import HubTask
from mecelle.evaluation.vectors import Vectors

if TYPE_CHECKING:
    from mecelle.evaluation.units import Measured

SEARCHES = ("retrieval", "legal retrieval")
"""Kinds that a model without vectors (BM25) can do."""
ROBUSTNESS = "robustness"
"""Folder of the records of damaged forms, beside those of the models."""
_PACKAGES = ("mecelle", "mteb", "torch", "transformers", "sentence-transformers", "scikit-learn", "scipy")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What all models and tasks of a run share."""

    out: Path
    source: Source
    caps: Caps = field(default_factory=Caps)
    forms: tuple[str, ...] = ()
    """Damaged forms that retrieval and classification are asked in again."""
    seed: int
    cache: Path | None = None
    """Folder of vectors that runs share."""


def evaluate(models: Sequence[Contestant], tasks: Sequence[LocalTask | HubTask], setting: Setting) -> list[TaskRecord]:
    """The record of every model on every task that it can do, in this order; written to `setting.out` one by one.

    Raises ConfigError if no model can do any of the tasks, InputError where data cannot be had.
    """
    pairs = [(model, task) for model in models for task in tasks if model.words is None or task.kind in SEARCHES]
    if not pairs:
        raise ConfigError("nothing to evaluate: BM25 does retrieval alone; name a model with vectors, or other tasks")
    bench = _Bench(setting)
    made: list[TaskRecord] = []
    with Progress("evaluate", total=len(pairs), unit="records") as progress:
        for model, task in pairs:
            made.append(bench.record(model, task))
            progress.advance(model=model.name, task=task.name)
    return made


class _Bench:
    """Runs one pair after another; keeps data and the model at work in memory."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self._data: dict[str, Data] = {}
        self._vectors: tuple[str, Vectors] | None = None

    def record(self, model: Contestant, task: LocalTask | HubTask) -> TaskRecord:
        """The record of a pair, with the columns of its damaged forms."""
        forms = self.setting.forms if isinstance(task, LocalTask) else ()
        found = self._kept(model, task, task.name, self.setting.out, forms)
        if found is None:
            plain = self._run(model, task, task.name, forms)
            others = dict(self._damaged(model, task, forms)) if isinstance(task, LocalTask) else {}
            more = columns(plain, others, seed=self.setting.seed)
            found = plain.model_copy(update={"scores": plain.scores | more})
            records.write(found, self.setting.out)
        return found

    def _damaged(self, model: Contestant, task: LocalTask, forms: Sequence[str]) -> Iterator[tuple[str, TaskRecord]]:
        folder = self.setting.out / ROBUSTNESS
        for form in forms:
            changed = perturbed(self._read(task), form, most=self.setting.caps.perturbed, seed=self.setting.seed)
            if changed is None:
                continue
            name = _form_name(task.name, form)
            found = self._kept(model, task, name, folder, ())
            if found is None:
                data, count = changed
                found = self._run(model, task, name, (), data=data)
                share = {"changed share": count / found.n}
                found = found.model_copy(update={"scores": found.scores | share})
                records.write(found, folder)
            yield form, found

    def _kept(
        self, model: Contestant, task: LocalTask | HubTask, name: str, folder: Path, forms: Sequence[str]
    ) -> TaskRecord | None:
        return records.reusable(
            folder,
            model=model.name,
            task=name,
            fingerprint=model.fingerprint,
            data=self._data_hash(task),
            parameters=self._parameters(forms),
            seed=self.setting.seed,
        )

    def _run(
        self,
        model: Contestant,
        task: LocalTask | HubTask,
        name: str,
        forms: Sequence[str],
        *,
        data: Data | None = None,
    ) -> TaskRecord:
        started = time.perf_counter()
        seconds, measured, clusters = self._measure(model, task, data)
        return TaskRecord(
            model=model.name,
            fingerprint=model.fingerprint,
            task=name,
            kind=task.kind,
            language=task.language if isinstance(task, HubTask) else "tur",
            split=task.split,
            main_score=measured.main_score,
            scores=measured.scores,
            unit=measured.unit,
            ids=measured.ids,
            values=measured.values,
            clusters=clusters,
            n=len(measured.ids),
            seed=self.setting.seed,
            parameters=self._parameters(forms),
            data=self._data_hash(task),
            versions={package: version(package) for package in _PACKAGES},
            seconds=round(time.perf_counter() - started, 3),
            embedding_seconds=round(seconds, 3),
            notes=(*task.notes, *measured.notes),
        )

    def _measure(
        self, model: Contestant, task: LocalTask | HubTask, data: Data | None
    ) -> tuple[float, "Measured", tuple[str, ...]]:
        """Seconds in the encoder, scores, and the cluster of each unit."""
        # mteb takes seconds to import: a run that finds all its records does without it.
        from mecelle.evaluation.adapters import MtebBm25, MtebEncoder
        from mecelle.evaluation.mteb_run import run_task
        from mecelle.evaluation.tasks.as_mteb import SPLIT, as_mteb

        seed = self.setting.seed
        vectors = self._vectors_of(model) if model.words is None else None
        adapter: Any = MtebEncoder(vectors) if vectors else MtebBm25(model.name, model.words)  # type: ignore[arg-type]
        before = vectors.embedding_seconds if vectors else 0.0
        clusters: tuple[str, ...] = ()
        if isinstance(task, HubTask):
            measured = run_task(task.load(seed=seed), adapter, split=task.split, subset=task.subset)
        else:
            data = data or self._read(task)
            measured = run_task(as_mteb(task, data, seed=seed), adapter, split=SPLIT, ids=_ids(data))
            if isinstance(data, RetrievalData) and data.clusters:
                clusters = tuple(data.clusters[identifier] for identifier in measured.ids)
        return (vectors.embedding_seconds - before if vectors else 0.0), measured, clusters

    def _vectors_of(self, model: Contestant) -> Vectors:
        if self._vectors is None or self._vectors[0] != model.name:
            self._vectors = model.name, Vectors(model.encoder, self.setting.cache, cut=model.cut)
        return self._vectors[1]

    def _read(self, task: LocalTask) -> Data:
        if task.name not in self._data:
            self._data[task.name] = task.read(self.setting.source, self.setting.caps, self.setting.seed)
        return self._data[task.name]

    def _data_hash(self, task: LocalTask | HubTask) -> str:
        if isinstance(task, LocalTask):
            return task.data_hash(self.setting.source)
        return f"hub:{task.task or task.dataset}/{task.subset}/{task.split}"

    def _parameters(self, forms: Sequence[str]) -> dict[str, Any]:
        return {"caps": self.setting.caps.model_dump(), "forms": list(forms)}


def _form_name(task: str, form: str) -> str:
    name, _, number = task.rpartition(".")
    return f"{name}.{form}.{number}"


def _ids(data: Data) -> list[str] | None:
    if isinstance(data, LabelledData):
        return [identifier for identifier, _, _ in data.test]
    return [row[0] for row in data.rows] if isinstance(data, PairData) else None
