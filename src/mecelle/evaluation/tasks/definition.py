"""A task over files: what it asks, of which kind it is, and how its data are read. No model and no mteb in it.

`mecelle.evaluation.tasks.as_mteb` makes an mteb task of one, which runs in anybody's mteb.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field

from mecelle.base.artifacts import hash_input
from mecelle.base.collection import read_jsonl
from mecelle.base.config import Config
from mecelle.base.document import content_hash
from mecelle.base.errors import InputError
from mecelle.base.registry import Registry
from mecelle.base.seeds import generator
from mecelle.evaluation.record import Kind
from mecelle.evaluation.splits import Splits

T = TypeVar("T")


@dataclass(frozen=True)
class RetrievalData:
    """Queries, a collection, and what answers each query."""

    queries: Mapping[str, str]
    documents: Mapping[str, str]
    gold: Mapping[str, frozenset[str]]
    clusters: Mapping[str, str] = field(default_factory=dict)
    """Query -> what it shares with others (the decision it was cut from): drawn again together."""


@dataclass(frozen=True)
class LabelledData:
    """Texts of one label each."""

    train: Sequence[tuple[str, str]]
    """(text, label)."""
    test: Sequence[tuple[str, str, str]]
    """(id, text, label)."""


@dataclass(frozen=True)
class PairData:
    """Pairs of texts with a value: 1 or 0 where it is a class, a similarity where it is a score."""

    rows: Sequence[tuple[str, str, str, float]]
    """(id, left, right, value)."""


@dataclass(frozen=True)
class GroupedData:
    """Texts and the group of each."""

    rows: Sequence[tuple[str, str]]


Data = RetrievalData | LabelledData | PairData | GroupedData


class Caps(Config):
    """How much of a set is used, so that one model takes minutes on two cores. What is more is drawn by the seed."""

    queries: int = Field(default=500, ge=10)
    """Queries of a retrieval task."""
    documents: int = Field(default=4_000, ge=100)
    """Documents of a collection: all that answer a query, and others."""
    items: int = Field(default=1_000, ge=20)
    """Test texts of a classification."""
    pairs: int = Field(default=1_500, ge=20)
    """Pairs of a pair classification."""
    perturbed: int = Field(default=300, ge=10)
    """Queries or test texts that are asked again in each damaged form."""


@dataclass(frozen=True)
class Source:
    """Where tasks read: a folder with `legal/` and `general/`, and which questions and decisions are for the test."""

    data: Path
    splits: Path | None = None

    def rows(self, name: str) -> list[Any]:
        """Rows of a file. Raises InputError if it is absent."""
        path = self.data / name
        if not path.is_file():
            raise InputError(f"{path}: no such file; --data needs a folder that holds {name}")
        return _rows(path)

    def scored(self) -> Splits:
        """Which questions and decisions are for the test. Raises InputError without a file of splits."""
        if self.splits is None:
            raise InputError("this task scores what docs/splits.json keeps for the test: give it with --splits")
        return Splits.load(self.splits)


@dataclass(frozen=True)
class LocalTask:
    """One task. `name` carries its version, which changes when old scores do not compare any more."""

    name: str
    kind: Kind
    about: str
    """What is asked, in a sentence."""
    files: tuple[str, ...]
    read: Callable[[Source, Caps, int], Data]
    split: str = "test"
    stands_for: str = ""
    """The slot of MTEB-Turkish that it fills, where the original is not at hand."""
    by_splits: bool = False
    """Whether docs/splits.json says what is scored."""
    notes: tuple[str, ...] = ()

    def data_hash(self, source: Source) -> str:
        """Hash of all that the data are made of, without reading it as data."""
        paths = [source.data / name for name in self.files] + ([source.splits] if self.by_splits else [])  # type: ignore[list-item]
        return content_hash("\x1f".join(str(path and hash_input(path)) for path in paths))


@lru_cache(maxsize=2)  # tasks of a family read the same files one after another
def _rows(path: Path) -> list[Any]:
    return list(read_jsonl(path))


TASKS: Registry[LocalTask] = Registry("mecelle.evaluation.tasks.local", kind="task")


def register(task: LocalTask) -> LocalTask:
    """File a task under its name."""
    return TASKS.register(task.name)(task)


def draw(items: Sequence[T], most: int, *, seed: int, name: str) -> list[T]:
    """At most `most` of `items`, drawn by the seed, in their old order."""
    if len(items) <= most:
        return list(items)
    places = generator(seed, "task", name).permutation(len(items))[:most]
    return [items[place] for place in sorted(places.tolist())]


def pool(
    documents: Mapping[str, str], gold: Mapping[str, frozenset[str]], most: int, *, seed: int, name: str
) -> dict[str, str]:
    """A collection of at most `most` documents (or as many as answer a query), the others drawn by the seed."""
    wanted = {identifier for members in gold.values() for identifier in members}
    ids = list(documents)
    # One order for all tasks of a name: their collections share most documents, which are then encoded once.
    order = (ids[place] for place in generator(seed, "task", name).permutation(len(ids)))
    others = [identifier for identifier in order if identifier not in wanted]
    kept = wanted | set(others[: max(0, most - len(wanted))])
    return {identifier: text for identifier, text in documents.items() if identifier in kept}
