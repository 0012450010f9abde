"""Pairs as people keep them: CSV, TSV, JSON Lines, Parquet, or a dataset of the hub, with a column for each text."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from math import isfinite, nan
from pathlib import Path
from typing import Any

from pydantic import Field

from mecelle.base.collection import read_jsonl
from mecelle.base.config import Config, load, nearest
from mecelle.base.errors import InputError, require
from mecelle.documents.decoding import UndecodableError, decode
from mecelle.documents.headers import repeated
from mecelle.documents.hub import described
from mecelle.documents.readers.hub import SUFFIX as HUB
from mecelle.documents.readers.hub import HubDataset
from mecelle.text.casing import fold

QUERY = ("query", "question", "anchor", "sentence1", "premise", "soru", "sorgu")
DOCUMENT = (
    "document", "positive", "answer", "passage", "sentence2", "hypothesis", "context", "yanıt", "cevap", "belge",
)  # fmt: skip
NEGATIVE = "negative"
"""What the names of all columns with hard negatives begin with: negative, negatives, negative_2."""
GRADE = ("grade", "score")
LINES = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".ndjson")
TABLES = (".csv", ".tsv")
FORMATS = (*LINES, *TABLES, ".parquet", HUB)
_DELIMITERS = ",;\t|"  # Turkish Excel writes semicolons


class Columns(Config):
    """Which column holds what; null looks for a name that says it."""

    query: str | None = None
    """Column of the queries; null: query, question, anchor, sentence1, premise, soru or sorgu."""
    document: str | None = None
    """Column of the texts that answer; null: document, positive, answer, passage, sentence2, hypothesis, ..."""
    negatives: tuple[str, ...] | None = None
    """Columns of texts that do not answer; null: those whose names begin with "negative"."""
    grade: str | None = None
    """Column of numbers that say how close both texts are; null: grade or score."""
    keep: dict[str, str] = Field(default_factory=dict)
    """Column -> the value that a row must have in it, such as {split: train}; others are passed over."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table of pairs."""

    number: int
    """From 1, the header not counted."""
    query: str
    document: str
    negatives: tuple[str, ...]
    grade: float | None
    fields: Mapping[str, Any]
    negative_rows: tuple[int, ...] = ()
    """Numbers of the rows that the negatives stand in; empty: they all stand in this one."""


def read_rows(source: Path, columns: Columns | None = None) -> Iterator[Row]:
    """The pairs of a table, in order.

    source: a file of `FORMATS`, or `hub:owner/name[,config=...][,split=...]`. Lists in a column of negatives are taken
    apart. Raises InputError that names file, row and column for a row without its two texts.
    """
    columns = columns or Columns()
    found: _Names | None = None
    for number, fields in enumerate(_raw(source), start=1):
        if not isinstance(fields, dict):
            raise InputError(f"{source}: row {number}: a {type(fields).__name__}; expected named columns")
        if any(str(fields.get(name)) != value for name, value in columns.keep.items()):
            continue
        found = found or _Names(columns, fields, source)
        yield found.row(number, fields)
    if found is None:
        wanted = f" with {columns.keep}" if columns.keep else ""
        raise InputError(f"{source}: no row{wanted} in it; expected a table of pairs, one in each row")


class _Names:
    """The columns of one table."""

    def __init__(self, columns: Columns, fields: Mapping[str, Any], source: Path) -> None:
        self.source = source
        self.query = _find(columns.query, QUERY, "query", fields, source)
        self.document = _find(columns.document, DOCUMENT, "document", fields, source)
        self.negatives = columns.negatives
        known = [name for name in fields if fold(name) in GRADE]
        self.grade = columns.grade or (known[0] if known else None)
        for name in (*(self.negatives or ()), *filter(None, [self.grade])):
            if name not in fields:
                raise InputError(f"{source}: no column '{name}'{nearest(name, list(map(str, fields)))}")

    def row(self, number: int, fields: Mapping[str, Any]) -> Row:
        negatives: list[str] = []
        # Of JSON Lines, each row has the columns that it needs.
        own = [name for name in fields if fold(name).startswith(NEGATIVE)] if self.negatives is None else self.negatives
        for name in own:
            value = fields.get(name)
            texts = value if isinstance(value, list | tuple) else [value]
            negatives += [self._text(text, name, number) for text in texts if text not in (None, "")]
        return Row(
            number,
            self._text(fields.get(self.query), self.query, number),
            self._text(fields.get(self.document), self.document, number),
            tuple(dict.fromkeys(negatives)),
            self._number(fields.get(self.grade), number) if self.grade else None,
            fields,
        )

    def _text(self, value: Any, name: str, number: int) -> str:
        if isinstance(value, str) and value.strip():
            return value.strip()
        found = "empty" if value is None or isinstance(value, str) else f"a {type(value).__name__}"
        raise InputError(f"{self.source}: row {number}: column '{name}' is {found}; a text is needed")

    def _number(self, value: Any, number: int) -> float:
        try:
            grade = float(value)
        except (TypeError, ValueError):
            grade = nan
        if not isfinite(grade):
            raise InputError(f"{self.source}: row {number}: column '{self.grade}' holds {value!r}; a number is needed")
        return grade


def _find(wanted: str | None, known: tuple[str, ...], what: str, fields: Mapping[str, Any], source: Path) -> str:
    names = list(map(str, fields))
    if wanted is not None:
        if wanted not in fields:
            raise InputError(f"{source}: no column '{wanted}'{nearest(wanted, names)}")
        return wanted
    by_meaning = {fold(name): name for name in reversed(names)}
    found = next((by_meaning[name] for name in known if name in by_meaning), None)
    if found is None:
        raise InputError(
            f"{source}: no column for the {what} (one of {', '.join(known)}); columns: {', '.join(names)}. Rename one, "
            f"or give the table's own names: mecelle embedding import {source} --out PAIRS --set columns.query=NAME "
            "--set columns.document=NAME; PAIRS then takes the table's place"
        )
    return found


def _raw(source: Path) -> Iterator[Any]:
    with described([source]) as [path]:
        if not path.exists():
            raise InputError(f"{source}: no such file; expected a table of pairs ({', '.join(FORMATS)})")
        if path.name.endswith(LINES):
            yield from read_jsonl(path)
        elif path.name.endswith(TABLES):
            yield from _table(path)
        elif path.suffix == ".parquet":
            yield from _parquet(path)
        elif path.name.endswith(HUB):
            yield from _hub(load(HubDataset, path))
        else:
            raise InputError(f"{source}: a table of pairs is needed: {', '.join(FORMATS)}")


def _table(path: Path) -> Iterator[dict[str, Any]]:
    try:
        text = decode(path.read_bytes()).text
    except UndecodableError as error:
        raise InputError(f"{path}: {error}") from None
    header = text.partition("\n")[0]
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=header.count), strict=True)
    number = 0
    try:
        if fault := repeated(rows.fieldnames):
            raise InputError(f"{path}: {fault}")
        for number, row in enumerate(rows, start=1):
            if None in row or None in row.values():
                raise InputError(
                    f"{path}: row {number} (line {rows.line_num}): not the {len(rows.fieldnames or ())} cells of the "
                    "header; put texts with the delimiter or line breaks into quotation marks"
                )
            yield dict(row)
    except csv.Error as error:
        raise InputError(f"{path}: row {number + 1} (line {rows.line_num}): not a table ({error})") from None


def _parquet(path: Path) -> Iterator[Any]:
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path) as table:
            if fault := repeated(table.schema_arrow.names):
                raise InputError(f"{path}: {fault}")
            for batch in table.iter_batches(use_threads=False):
                yield from batch.to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(f"{path}: not a whole Parquet file ({error})") from None


def _hub(wanted: HubDataset) -> Iterator[Any]:
    datasets = require("datasets", extra="train", why=f"reading the hub dataset '{wanted.dataset}'")
    try:
        rows = datasets.load_dataset(
            wanted.dataset, wanted.config, split=wanted.split, revision=wanted.revision, streaming=True
        )
        yield from islice(rows, wanted.rows)
    except (OSError, ValueError, RuntimeError) as error:  # of the network, of the hub, of the format of its files
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise InputError(f"{wanted.dataset}: cannot be read from the hub ({reason})") from error
