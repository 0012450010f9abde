"""Models on tasks: what was measured before is taken from its record, everything else is run by mteb and recorded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from mecelle.base.errors import ConfigError
from mecelle.base.progress import Progress
from mecelle.evaluation import record as records
from mecelle.evaluation.contestants import Contestant
from mecelle.evaluation.exposure import columns as leakage_columns
from mecelle.evaluation.exposure import items_of
from mecelle.evaluation.keeping import Outcome, keep
from mecelle.evaluation.leakage import TrainingTexts
from mecelle.evaluation.record import ADDITIONS, SEARCHES, TaskRecord
from mecelle.evaluation.robustness import columns as form_columns
from mecelle.evaluation.robustness import perturbed
from mecelle.evaluation.tasks.definition import Caps, Data, LabelledData, LocalTask, PairData, RetrievalData, Source
from mecelle.evaluation.tasks.hub import HubTask
from mecelle.evaluation.vectors import Vectors
from mecelle.evaluation.workload import Workload

ROBUSTNESS = "robustness"
"""Folder of the records of damaged forms, beside those of the models."""
FORMS_ASKED, LEAKAGE = ADDITIONS
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
    training: Path | None = None
    """What the models were trained on: scores are told without what it holds, too."""


def evaluate(
    models: Sequence[Contestant],
    tasks: Sequence[LocalTask | HubTask],
    setting: Setting,
    *,
    tell: Callable[[str], None] | None = None,
) -> list[TaskRecord]:
    """The record of every model on every task that it can do, in this order; written to `setting.out` one by one.

    tell: is given a sentence on what the run will cost, before it begins.
    Raises ConfigError if no model can do any of the tasks, InputError where data cannot be had.
    """
    pairs = [(model, task) for model in models for task in tasks if model.words is None or task.kind in SEARCHES]
    if not pairs:
        raise ConfigError(
            "nothing to evaluate: no model was given that can do these tasks (BM25 does retrieval alone); name a model "
            "with vectors, or other tasks"
        )
    bench = _Bench(setting, tasks)
    if tell and (cost := bench.cost(pairs)):
        tell(cost)
    made: list[TaskRecord] = []
    with Progress("evaluate", total=len(pairs), unit="records") as progress:
        for model, task in pairs:
            made.append(bench.record(model, task))
            progress.advance(model=model.name, task=task.name)
    return made


class _Bench:
    """Runs one pair after another; keeps data and the model at work in memory."""

    def __init__(self, setting: Setting, tasks: Sequence[LocalTask | HubTask]) -> None:
        self.setting = setting
        self._local = [task for task in tasks if isinstance(task, LocalTask)]
        self._data: dict[str, Data] = {}
        self._vectors: tuple[str, Vectors] | None = None

    def record(self, model: Contestant, task: LocalTask | HubTask) -> TaskRecord:
        """The record of a pair, with the columns of its damaged forms and of what the training text held."""
        found = self._kept(model, task)
        if isinstance(task, HubTask):
            return found
        added = self._with_leakage(self._with_forms(found, model, task), model, task)
        if added != found:
            records.write(added, self.setting.out)
        return added

    def cost(self, pairs: Sequence[tuple[Contestant, LocalTask | HubTask]]) -> str:
        """A sentence on how many texts must be embedded; empty where nothing must."""
        load = Workload(self.setting.cache)
        for model, task in pairs:
            if model.words is not None or isinstance(task, HubTask):
                continue
            found = self._found(model, task)
            if found is None:
                load.add(model, task, self._read(task))
            for form in self._missing_forms(found):
                if changed := self._changed(task, form):
                    load.add(model, task, changed[0])
        return load.sentence()

    def _with_forms(self, found: TaskRecord, model: Contestant, task: LocalTask) -> TaskRecord:
        missing = self._missing_forms(found)
        if not missing:
            return found
        others = {form: one for form in missing if (one := self._damaged(model, task, form))}
        asked = {FORMS_ASKED: [*found.parameters[FORMS_ASKED], *missing]}
        columns = form_columns(found, others, seed=self.setting.seed)
        return found.model_copy(update={"scores": found.scores | columns, "parameters": found.parameters | asked})

    def _with_leakage(self, found: TaskRecord, model: Contestant, task: LocalTask) -> TaskRecord:
        if self.setting.training is None:
            return found
        facts = {LEAKAGE: self._texts.facts(model.folder)}
        if found.parameters.get(LEAKAGE) == facts[LEAKAGE]:
            return found
        columns = leakage_columns(found, self._read(task), self._texts.touched(model.folder))
        return found.model_copy(update={"scores": found.scores | columns, "parameters": found.parameters | facts})

    @cached_property
    def _texts(self) -> TrainingTexts:
        assert self.setting.training is not None
        return TrainingTexts(
            self.setting.training,
            lambda: {key: text for task in self._local for key, text in items_of(task.name, self._read(task)).items()},
        )

    def _damaged(self, model: Contestant, task: LocalTask, form: str) -> TaskRecord | None:
        changed = self._changed(task, form)
        if changed is None:
            return None
        data, count = changed
        return self._kept(model, task, form=form, data=data, changed=count)

    def _changed(self, task: LocalTask, form: str) -> tuple[Data, int] | None:
        return perturbed(self._read(task), form, most=self.setting.caps.perturbed, seed=self.setting.seed)

    def _missing_forms(self, found: TaskRecord | None) -> list[str]:
        asked = found.parameters[FORMS_ASKED] if found else ()
        return [form for form in self.setting.forms if form not in asked]

    def _found(self, model: Contestant, task: LocalTask | HubTask) -> TaskRecord | None:
        return records.reusable(self.setting.out, **self._asked(model, task, task.name), additions=ADDITIONS)

    def _asked(self, model: Contestant, task: LocalTask | HubTask, name: str) -> dict[str, Any]:
        """What a record must have been made of."""
        return {
            "model": model.name,
            "task": name,
            "fingerprint": model.fingerprint,
            "data": self._data_hash(task),
            "parameters": {"caps": self.setting.caps.model_dump(), FORMS_ASKED: []},
            "seed": self.setting.seed,
        }

    def _kept(
        self,
        model: Contestant,
        task: LocalTask | HubTask,
        *,
        form: str = "",
        data: Data | None = None,
        changed: int = 0,
    ) -> TaskRecord:
        """The record of a pair, or of a damaged form of it, without more columns."""

        def make() -> Outcome:
            outcome = self._measure(model, task, data)
            share = {"changed share": changed / len(outcome.ids)} if form else {}
            return replace(outcome, scores=outcome.scores | share)

        return keep(
            self.setting.out / ROBUSTNESS if form else self.setting.out,
            make,
            **self._asked(model, task, _form_name(task.name, form) if form else task.name),
            kind=task.kind,
            language=task.language if isinstance(task, HubTask) else "tur",
            split=task.split,
            additions=ADDITIONS,
            packages=_PACKAGES,
        )

    def _measure(self, model: Contestant, task: LocalTask | HubTask, data: Data | None) -> Outcome:
        # mteb takes seconds to import: a run that finds all its records does without it.
        from mecelle.evaluation.adapters import MtebEncoder
        from mecelle.evaluation.mteb_run import run_task
        from mecelle.evaluation.tasks.as_mteb import SPLIT, as_mteb

        seed = self.setting.seed
        vectors = self._vectors_of(model) if model.words is None else None
        adapter = MtebEncoder(vectors) if vectors else _search_of(model)
        before = vectors.embedding_seconds if vectors else 0.0
        clusters: tuple[str, ...] = ()
        if isinstance(task, HubTask):
            measured = run_task(task.load(seed=seed), adapter, split=task.split, subset=task.subset)
        else:
            data = data or self._read(task)
            measured = run_task(as_mteb(task, data, seed=seed), adapter, split=SPLIT, ids=_ids(data))
            if isinstance(data, RetrievalData) and data.clusters:
                clusters = tuple(data.clusters[identifier] for identifier in measured.ids)
        return Outcome(
            main_score=measured.main_score,
            scores=measured.scores,
            unit=measured.unit,
            ids=measured.ids,
            values=measured.values,
            clusters=clusters,
            embedding_seconds=vectors.embedding_seconds - before if vectors else 0.0,
            notes=(*task.notes, *measured.notes),
        )

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


def _search_of(model: Contestant) -> Any:
    """What ranks without one vector for a text: BM25, alone or before late interaction."""
    from mecelle.evaluation.adapters import MtebBm25
    from mecelle.evaluation.late import MtebLate

    assert model.words is not None, f"{model.name} ranks by vectors"
    return MtebLate(model.name, model.words, model.late) if model.late else MtebBm25(model.name, model.words)


def _form_name(task: str, form: str) -> str:
    name, _, number = task.rpartition(".")
    return f"{name}.{form}.{number}"


def _ids(data: Data) -> list[str] | None:
    if isinstance(data, LabelledData):
        return [identifier for identifier, _, _ in data.test]
    return [row[0] for row in data.rows] if isinstance(data, PairData) else None
