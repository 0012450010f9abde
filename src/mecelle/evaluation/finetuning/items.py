"""What is learnt and scored: items of four forms, in three parts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

TaskType = Literal["CLF", "NER", "QA", "STS", "NLI", "POS"]
"""Columns of Mecellem's Table 23."""
TYPES: tuple[TaskType, ...] = ("CLF", "NER", "QA", "STS", "NLI", "POS")
Part = Literal["train", "dev", "test"]
Label = str | float | tuple[str, ...]
"""A class or an answer, a score in 0..1, or the tag of each word."""


@dataclass(frozen=True)
class Item:
    """One thing to be labelled."""

    id: str
    label: Label
    text: str = ""
    """A text, the first of two, or a question."""
    second: str | None = None
    """The second text, or the context that holds the answer."""
    words: tuple[str, ...] = ()
    """Of a sentence whose words are tagged."""
    cluster: str = ""
    """What several items share: a premise, a context."""

    @property
    def characters(self) -> int:
        """Of all that is read."""
        return len(self.text) + len(self.second or "") + sum(map(len, self.words))


@dataclass
class Parts:
    """The items of a task, and how many were left out for which reason."""

    train: list[Item] = field(default_factory=list)
    dev: list[Item] = field(default_factory=list)
    test: list[Item] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=dict)

    def drop(self, reason: str, count: int = 1) -> None:
        """Count items that are left out."""
        if count:
            self.dropped[reason] = self.dropped.get(reason, 0) + count


@dataclass(frozen=True)
class FineTuningTask:
    """A data set in its role."""

    name: str
    type: TaskType
    file: str
    """Under the folder that holds `general/` and `legal/`."""
    read: Callable[[Path], Parts]
    """From the file."""
    note: str
    """What a reader of the score must know."""
