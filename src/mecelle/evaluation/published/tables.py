"""Tables of the papers, one file of `data/` each.

rows:
  - ["HukukBERT", [84.40, 81.63, 86.82], ...]   a number with its printed interval
  - ["Mursit-Base", 40.23, "155M", null]        a number, a word, a place left empty
notes:
  - row: "HukukBERT"                            null: of the whole table
    text: what contradicts it elsewhere
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from mecelle.base.config import nearest
from mecelle.base.errors import InputError


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(_Frozen):
    """One place of a table."""

    value: float | str | None
    low: float | None = None
    high: float | None = None


class Column(_Frozen):
    """One column: its name, and the measure or the unit under it."""

    name: str
    measure: str = ""


class Row(_Frozen):
    """One row, its figures in the order of the columns."""

    name: str
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()

    def number(self, place: int) -> float:
        """The figure at `place` as a number. Raises InputError if none is printed there."""
        value = self.figures[place].value
        if not isinstance(value, float):
            raise InputError(f"{self.name}: column {place} holds {value!r}, which is no number")
        return value


class PublishedTable(_Frozen):
    """A table of a paper. Scores are as printed, mostly percent; measures of Mecelle are fractions of 1."""

    paper: str
    arxiv: str
    table: str
    title: str
    kind: str
    """What is measured; "mteb" where a table spans types of tasks."""
    lower_is_better: bool = False
    n: int | None = Field(default=None, gt=0)
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """`Mecellem, Table 22`."""
        return f"{self.paper}, Table {self.table}"

    def place(self, column: str) -> int:
        """Where a column stands. Raises InputError if there is none of that name."""
        names = [one.name for one in self.columns]
        if column not in names:
            raise InputError(f"{self.name}: no column '{column}'{nearest(column, names)}")
        return names.index(column)

    def row(self, name: str) -> Row:
        """A row by its name. Raises InputError if there is none."""
        found = next((row for row in self.rows if row.name == name), None)
        if not found:
            raise InputError(f"{self.name}: no row '{name}'{nearest(name, [row.name for row in self.rows])}")
        return found

    def number(self, row: str, column: str) -> float:
        """One printed number."""
        return self.row(row).number(self.place(column))

    @model_validator(mode="after")
    def _square(self) -> Self:
        odd = [row.name for row in self.rows if len(row.figures) != len(self.columns)]
        if odd:
            raise ValueError(f"rows {', '.join(odd)} have not {len(self.columns)} figures")
        return self


@cache
def published_tables() -> tuple[PublishedTable, ...]:
    """All tables, by paper and number."""
    folder = files(__package__).joinpath("data")
    sources = [entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".yaml")]
    tables = [_table(yaml.safe_load(source)) for source in sources]
    return tuple(sorted(tables, key=lambda table: (table.paper, table.table.rjust(3))))


def published_table(paper: str, number: str) -> PublishedTable:
    """One table. Raises InputError if it is not at hand."""
    found = next((one for one in published_tables() if (one.paper, one.table) == (paper, number)), None)
    if not found:
        known = ", ".join(one.name for one in published_tables())
        raise InputError(f"{paper}, Table {number}: not at hand; there are {known}")
    return found


def _table(values: Mapping[str, Any]) -> PublishedTable:
    notes: dict[str | None, list[str]] = {}
    for note in values.get("notes", ()):
        notes.setdefault(note["row"], []).append(note["text"])
    rows = [
        Row(name=name, figures=tuple(map(_figure, figures)), notes=tuple(notes.pop(name, ())))
        for name, *figures in values["rows"]
    ]
    table = PublishedTable.model_validate({**values, "rows": rows, "notes": notes.pop(None, ())})
    assert not notes, f"{table.name}: notes of rows that are not there: {list(notes)}"
    return table


def _figure(value: Any) -> Figure:
    if isinstance(value, list):
        number, low, high = map(float, value)
        return Figure(value=number, low=low, high=high)
    return Figure(value=float(value) if isinstance(value, int | float) else value)
