"""The tables of the papers, as data: facts that our tables print beside ours."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from mecelle.base.config import nearest, read_plain
from mecelle.base.errors import ConfigError
from mecelle.corpus.statistics.categories import covers

PAPERS = ("hukukbert", "mecellem")


@dataclass(frozen=True)
class PaperRow:
    """One printed row."""

    category: str
    """Ours; several rows of the paper may share it."""
    name: str
    """The paper's."""
    numbers: dict[str, float | None]
    """By column (documents, gigabytes, sequences, tokens); None where the paper prints no number ("<0.01")."""


@dataclass(frozen=True)
class PaperTable:
    """One printed table."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[PaperRow, ...]

    def total(self, column: str, selector: str | None = None) -> float | None:
        """The sum of a column over the rows that a selector covers; None where none has a number."""
        numbers = [row.numbers[column] for row in self.rows if selector is None or covers(selector, row.category)]
        known = [number for number in numbers if number is not None]
        return round(sum(known), 2) if known else None

    @property
    def categories(self) -> tuple[str, ...]:
        """Ours, each once, in the order of the table."""
        return tuple(dict.fromkeys(row.category for row in self.rows))


@cache
def paper_tables(paper: str) -> dict[str, PaperTable]:
    """The tables of a paper by name. Raises ConfigError for an unknown paper.

    hukukbert: raw, deduplicated, balanced (its Tables 1 to 3). mecellem: sources (§3.2.1), phases (Table 3).
    """
    if paper not in PAPERS:
        raise ConfigError(f"paper '{paper}': no tables of it{nearest(paper, list(PAPERS))}")
    text = files("mecelle.corpus.statistics").joinpath("data", f"{paper}.yaml").read_text(encoding="utf-8")
    return {name: _table(values) for name, values in read_plain(text).items()}


def _table(values: dict[str, Any]) -> PaperTable:
    columns = tuple(values["columns"])
    rows = (PaperRow(row[0], row[1], dict(zip(columns, row[2:], strict=True))) for row in values["rows"])
    return PaperTable(caption=values["caption"], columns=columns, rows=tuple(rows))
