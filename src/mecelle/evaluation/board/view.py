"""What the page shows, as plain values."""

from dataclasses import dataclass
from typing import Literal

Source = Literal["measured", "published"]


@dataclass(frozen=True)
class Cell:
    """One score."""

    value: float
    low: float | None = None
    high: float | None = None
    group: str = ""
    """Letters: two models that share one cannot be told apart on this column."""
    best: bool = False
    """Of the first group."""
    link: str = ""
    """Of the record, from the page."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """What is measured in a column."""

    name: str
    measure: str = ""
    n: str = ""
    """Units, in words: `144 queries`."""
    lower_is_better: bool = False


@dataclass(frozen=True)
class Row:
    """One model; for each column a cell, or None where it was not scored."""

    name: str
    source: Source
    cells: tuple[Cell | None, ...]
    origin: str = ""
    """Of a published row: paper and table."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """One kind of task."""

    kind: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    """Columns whose rows do not compare, and why."""
