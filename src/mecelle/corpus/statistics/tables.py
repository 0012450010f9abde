"""The tables of a corpus: what it holds by category, what each step passed on, and a paper's numbers beside ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mecelle.base.artifacts import RunRecord
from mecelle.corpus.statistics.amounts import UNITS, Amount, Amounts, summed, unit_of
from mecelle.corpus.statistics.categories import FIELDS, closest, field_of
from mecelle.corpus.statistics.papers import PaperTable, paper_tables

Cell = str | int | float | None

TOTAL = "TOTAL"
NOT_IN_PAPER = "not in the paper"
SMALLEST = 0.0001
"""Of what is shown to a person; JSON has it all."""


@dataclass(frozen=True)
class Table:
    """Rows of plain values under a header; None where there is no number."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {"caption": self.caption, "header": list(self.header), "rows": [list(row) for row in self.rows]}

    def shown(self) -> list[list[str]]:
        """Rows as a person reads them: 12,345; 0.0123; <0.0001; a dash for no number."""
        return [[_shown(cell) for cell in row] for row in self.rows]

    def markdown(self) -> str:
        """A pipe table under its caption; all columns but the first are set right."""
        lines = [self.header, ["---", *("---:" for _ in self.header[1:])], *self.shown()]
        return f"**{self.caption}**\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def content_table(amounts: Amounts, *, caption: str) -> Table:
    """Documents, sequences, tokens, size and its share by category. Source: HukukBERT Table 1, all of it in GB."""
    whole = summed(amounts)
    unit = unit_of(whole.bytes)
    rows = [(name, *_row(amounts[name], whole, unit)) for name in in_order(amounts)]
    header = ("category", "documents", "sequences", "tokens", unit, f"% of {unit}")
    return Table(caption, header, (*rows, (TOTAL, *_row(whole, whole, unit))))


def change_table(record: RunRecord, *, caption: str) -> Table | None:
    """Documents and size by category before and after a stage; None if its record does not tell."""
    stages = passed_on(record)
    if len(stages) < 2:
        return None
    before, after = stages[0][1], _after(record, stages)
    names, unit = in_order(before.keys() | after.keys()), unit_of(summed(before).bytes)
    rows = [(name, *_change(before.get(name, Amount()), after.get(name, Amount()), unit)) for name in names]
    header = ("category", "documents before", "after", "after %", f"{unit} before", "after")
    return Table(caption, header, (*rows, (TOTAL, *_change(summed(before), summed(after), unit))))


def step_table(record: RunRecord, *, caption: str) -> Table | None:
    """Documents by category as read and after each step that changed a number; None if the record does not tell.

    Source: HukukBERT Tables 1 to 3, of which each is one such column.
    """
    stages = passed_on(record)
    told = [stages[0]] if stages else []
    for name, amounts in stages[1:]:
        if _documents(amounts) != _documents(told[-1][1]):
            told.append((name, amounts))
    if len(told) < 2:
        return None
    names = in_order(told[0][1])
    columns = [(name, {one: amount.documents for one, amount in amounts.items()}) for name, amounts in told]
    rows: list[tuple[Cell, ...]] = [(name, *(column.get(name, 0) for _, column in columns)) for name in names]
    total: tuple[Cell, ...] = (TOTAL, *(sum(column.values()) for _, column in columns))
    return Table(caption, ("category", *(name for name, _ in columns)), (*rows, total))


def paper_table(amounts: Amounts, paper: str, table: str, *, caption: str) -> Table:
    """A paper's table beside ours, by the paper's categories; ours that it does not have stand in one row.

    paper, table: names of `papers.paper_tables`.
    """
    theirs = paper_tables(paper)[table]
    whole, names = summed(amounts), theirs.categories
    groups: dict[str, Amount] = {}
    for category, amount in amounts.items():
        groups.setdefault(closest(names, category) or NOT_IN_PAPER, Amount()).merge(amount)
    rows: list[tuple[Cell, ...]] = [
        (name, *_pairs(theirs, groups.get(name, Amount()), whole, selector=name)) for name in in_order(names)
    ]
    if NOT_IN_PAPER in groups:
        rows.append((NOT_IN_PAPER, *_pairs(theirs, groups[NOT_IN_PAPER], whole, selector=NOT_IN_PAPER)))
    header = ("category", *(f"{who} {column}" for column in (*theirs.columns, "%") for who in ("paper", "ours")))
    return Table(f"{caption}, beside {theirs.caption}", header, (*rows, (TOTAL, *_pairs(theirs, whole, whole))))


def passed_on(record: RunRecord) -> list[tuple[str, dict[str, Amount]]]:
    """("read", amounts), then what each step passed on, as a stage of the corpus records it."""
    if "read" not in record.figures:
        return []
    steps = [(step["step"], step["categories"]) for step in record.figures.get("steps", []) if "categories" in step]
    return [
        (name, {category: Amount.model_validate(amount) for category, amount in categories.items()})
        for name, categories in [("read", record.figures["read"]), *steps]
    ]


def in_order(categories: Mapping[str, Any] | Sequence[str] | set[str]) -> list[str]:
    """Categories by field (legislation, case law, doctrine, not law), then by name."""
    return sorted(categories, key=lambda name: (FIELDS.index(field_of(name) or FIELDS[-1]), name))


def _after(record: RunRecord, stages: list[tuple[str, dict[str, Amount]]]) -> dict[str, Amount]:
    """Of a curriculum, all phases together; else the last step."""
    if "phases" not in record.figures:
        return stages[-1][1]
    total: dict[str, Amount] = {}
    for _, amounts in stages[1:]:
        for name, amount in amounts.items():
            total.setdefault(name, Amount()).merge(amount)
    return total


def _row(amount: Amount, whole: Amount, unit: str) -> tuple[Cell, ...]:
    share = _percent(amount.bytes, whole.bytes)
    return (amount.documents, amount.sequences, amount.tokens, amount.bytes / UNITS[unit], share)


def _change(before: Amount, after: Amount, unit: str) -> tuple[Cell, ...]:
    kept = _percent(after.documents, before.documents)
    return (before.documents, after.documents, kept, before.bytes / UNITS[unit], after.bytes / UNITS[unit])


def _pairs(theirs: PaperTable, ours: Amount, whole: Amount, *, selector: str | None = None) -> tuple[Cell, ...]:
    """Theirs and ours for each column, then both shares of the last one."""
    last = theirs.columns[-1]
    cells: list[Cell] = []
    for column in theirs.columns:
        value = theirs.total(column, selector)
        cells += [value, getattr(ours, column)]
    cells.append(_percent(theirs.total(last, selector), theirs.total(last)))
    return (*cells, _percent(getattr(ours, last), getattr(whole, last)))


def _percent(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else round(100 * part / whole, 2)


def _documents(amounts: Amounts) -> dict[str, int]:
    return {name: amount.documents for name, amount in amounts.items()}


def _shown(cell: Cell) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, float):
        if cell >= 1 or cell == round(cell, 2):
            return f"{cell:,.2f}"
        return f"{cell:.4f}" if cell >= SMALLEST else f"<{SMALLEST}"
    return f"{cell:,}" if isinstance(cell, int) else cell
