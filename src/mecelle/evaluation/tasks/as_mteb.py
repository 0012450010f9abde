"""Local tasks as mteb tasks: `mteb.evaluate(model, tasks=local_tasks(...))` runs them without the rest of Mecelle."""

from collections.abc import Iterable, Mapping
from typing import Any

from datasets import Dataset, DatasetDict
from mteb.abstasks import (
    AbsTask,
    AbsTaskClassification,
    AbsTaskClustering,
    AbsTaskPairClassification,
    AbsTaskRetrieval,
    AbsTaskSTS,
)
from mteb.abstasks.task_metadata import TaskMetadata

from mecelle.evaluation.record import Kind
from mecelle.evaluation.tasks.definition import (
    TASKS,
    Caps,
    Data,
    GroupedData,
    LabelledData,
    LocalTask,
    PairData,
    RetrievalData,
    Source,
)

_TYPES: Mapping[Kind, tuple[str, str]] = {
    "retrieval": ("Retrieval", "ndcg_at_10"),
    "legal retrieval": ("Retrieval", "ndcg_at_10"),
    "classification": ("Classification", "accuracy"),
    "pair classification": ("PairClassification", "max_ap"),
    "clustering": ("Clustering", "v_measure"),
    "sts": ("STS", "cosine_spearman"),
}
"""Kind -> mteb's type and main score."""
SPLIT = "test"
CLUSTERED_TEXTS = 2_048
"""Texts of one k-means, drawn with replacement; mteb's own 16,384 are for sets that large."""


class _Local:
    """What all local tasks share: their data are given, not fetched. Subclasses carry `metadata`, as mteb's do."""

    def __init__(self, data: Any, *, seed: int) -> None:
        self.data = data
        super().__init__(seed=seed)  # type: ignore[call-arg]  # AbsTask's, behind this class

    def load_data(self, num_proc: int | None = None, **_: Any) -> None:
        """Put the data where mteb looks for them."""
        if not self.data_loaded:  # type: ignore[has-type]
            self.dataset = self.as_dataset()
            self.data_loaded = True

    def as_dataset(self) -> Any:
        """The data in the form of the kind."""
        raise NotImplementedError


class LocalRetrieval(_Local, AbsTaskRetrieval):
    """Retrieval over local files."""

    k_values = (1, 3, 5, 10, 100)
    data: RetrievalData

    def as_dataset(self) -> Any:
        """Queries, corpus and relevance."""
        gold = {query: dict.fromkeys(sorted(members), 1) for query, members in self.data.gold.items()}
        split = {
            "queries": _rows(self.data.queries),
            "corpus": _rows(self.data.documents),
            "relevant_docs": gold,
            "top_ranked": None,
        }
        return {"default": {SPLIT: split}}


class LocalClassification(_Local, AbsTaskClassification):
    """Classification over local files; labels become numbers in the order of their names."""

    data: LabelledData

    def as_dataset(self) -> Any:
        """A training and a test side."""
        numbers = {label: number for number, label in enumerate(sorted({label for _, label in self.data.train}))}
        train = {"text": [t for t, _ in self.data.train], "label": [numbers[name] for _, name in self.data.train]}
        test = {"text": [t for _, t, _ in self.data.test], "label": [numbers[name] for _, _, name in self.data.test]}
        return DatasetDict({"train": Dataset.from_dict(train), SPLIT: Dataset.from_dict(test)})

    def _undersample_data(self, dataset: Dataset, experiment_num: int, idxs: list[int] | None = None) -> Any:
        # mteb's own draw. It asks the table for the label of every text, one at a time and twice for each of ten draws:
        # three fifths of a run whose vectors were cached.
        return super()._undersample_data(_ColumnsInMemory(dataset), experiment_num, idxs)  # type: ignore[arg-type]


class _ColumnsInMemory:
    """A dataset whose columns are lists."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, column: str) -> list[Any]:
        return list(self.dataset[column][:])

    def select(self, places: list[int]) -> Dataset:
        return self.dataset.select(places)


class LocalPairClassification(_Local, AbsTaskPairClassification):
    """Pair classification over local files."""

    data: PairData

    def as_dataset(self) -> Any:
        """sentence1, sentence2, labels."""
        return DatasetDict({SPLIT: _pairs(self.data, "labels", int)})


class LocalSTS(_Local, AbsTaskSTS):
    """Semantic textual similarity over local files."""

    data: PairData

    def as_dataset(self) -> Any:
        """sentence1, sentence2, score."""
        return DatasetDict({SPLIT: _pairs(self.data, "score", float)})


class LocalClustering(_Local, AbsTaskClustering):
    """Clustering over local files."""

    max_fraction_of_documents_to_embed = None
    max_documents_per_cluster = CLUSTERED_TEXTS
    data: GroupedData

    def as_dataset(self) -> Any:
        """sentences, labels."""
        columns = {"sentences": [t for t, _ in self.data.rows], "labels": [label for _, label in self.data.rows]}
        return DatasetDict({SPLIT: Dataset.from_dict(columns)})


_CLASSES: Mapping[str, Any] = {
    "Retrieval": LocalRetrieval,
    "Classification": LocalClassification,
    "PairClassification": LocalPairClassification,
    "STS": LocalSTS,
    "Clustering": LocalClustering,
}


def as_mteb(task: LocalTask, data: Data, *, seed: int) -> AbsTask:
    """The mteb task of a local one with these data. seed: of mteb's own draws (few-shot examples, k-means)."""
    kind, main_score = _TYPES[task.kind]
    metadata = TaskMetadata(
        name=task.name,
        description=task.about,
        type=kind,
        category="t2c" if kind in ("Classification", "Clustering") else "t2t",
        dataset={"path": "local", "revision": task.name},
        eval_splits=[SPLIT],
        eval_langs=["tur-Latn"],
        main_score=main_score,
        domains=["Legal"] if task.kind == "legal retrieval" else ["Written"],
    )
    return with_metadata(_CLASSES[kind], metadata, data, seed=seed)


def with_metadata(kind: Any, metadata: TaskMetadata, data: Data, *, seed: int) -> AbsTask:
    """A task of a class of its own: mteb reads metadata from the class, and drops those of an object."""
    made: AbsTask = type(kind.__name__, (kind,), {"metadata": metadata})(data, seed=seed)
    return made


def local_tasks(names: Iterable[str], source: Source, *, caps: Caps | None = None, seed: int) -> list[AbsTask]:
    """mteb tasks by name over the files of `source`. Raises ConfigError for an unknown name."""
    tasks = [TASKS.get(name) for name in names]
    return [as_mteb(task, task.read(source, caps or Caps(), seed), seed=seed) for task in tasks]


def _rows(texts: Mapping[str, str]) -> Dataset:
    return Dataset.from_dict({"id": list(texts), "text": list(texts.values())})


def _pairs(data: PairData, column: str, number: type[int] | type[float]) -> Dataset:
    _, left, right, values = zip(*data.rows, strict=True)
    return Dataset.from_dict({"sentence1": left, "sentence2": right, column: [number(value) for value in values]})
