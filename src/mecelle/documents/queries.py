"""Files of evaluation queries, read in one way by everyone: what is scored, and what must be kept out of training."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mecelle.base.collection import open_binary, read_jsonl
from mecelle.base.errors import InputError
from mecelle.documents.headers import repeated
from mecelle.documents.records import plain_name

FIELDS = ("query", "question")
"""Where the text of a query may stand; the first that holds a text counts."""

_PARTS = {",": re.compile(r"[;|]"), ";": re.compile(r"[|\s]+")}
"""Delimiter of a table -> what parts the ids in its column `gold`."""


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a file."""

    id: str
    """Its own, else "q" and the number of its row."""
    query: str
    gold: tuple[str, ...] = ()
    """Ids of the documents that answer it."""
    subset: str | None = None


def read_queries(path: Path, *, gold: bool = False) -> Iterator[Query]:
    """Queries of JSON Lines {query | question, id?, gold?: [ids], subset?} or a CSV table with the same columns.

    Tables are UTF-8; their delimiter, `,` or `;`, is told from the header. Ids in the column `gold` are parted by `;`
    or `|`, in tables with the delimiter `;` by `|` or a space. gold: whether `gold` must be there.
    Raises InputError that names file and row, and what was found, if the file is absent, empty or of another form: a
    file that was passed over would neither score nor guard anything.
    """
    if not path.exists():
        raise InputError(f"{path}: no such file; expected queries as JSON Lines (query, gold) or CSV (query, gold)")
    found = False
    for query in _table(path, gold) if is_table(path) else _lines(path, gold):
        found = True
        yield query
    if not found:
        raise InputError(f"{path}: no query in it; expected the questions of an evaluation set")


def is_table(path: Path) -> bool:
    """Whether a file is read as a table, by its name: in capitals, too, and packed."""
    return ".csv" in map(plain_name, path.suffixes)


def row_id(row: Mapping[str, Any], default: str) -> str:
    """A row's own id as text; null and an empty text are none."""
    return default if row.get("id") in (None, "") else str(row["id"])


def _lines(path: Path, gold: bool) -> Iterator[Query]:
    needed = "'query' (or 'question', text)" + (" and 'gold' (list of ids)" if gold else "")
    for number, row in enumerate(read_jsonl(path), start=1):
        text = _text(row) if isinstance(row, dict) else None
        ids = row.get("gold") if isinstance(row, dict) else None
        if text is None or (gold and not isinstance(ids, list)):
            found = f"the fields {', '.join(map(str, row))}" if isinstance(row, dict) else f"a {type(row).__name__}"
            found = f"no text in {_empty(row)}" if isinstance(row, dict) and text is None and _empty(row) else found
            raise InputError(f"{path}:{number}: expected an object with {needed}; found {found}")
        answers = tuple(map(str, ids)) if isinstance(ids, list) else ()
        yield Query(row_id(row, f"q{number}"), text, answers, row.get("subset"))


def _table(path: Path, gold: bool) -> Iterator[Query]:
    try:
        with open_binary(path) as file:
            whole = file.read().decode("utf-8-sig").lstrip("\r\n")
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8; save the table as UTF-8 (in Excel: CSV UTF-8)") from None
    if not whole:
        raise InputError(f"{path}: empty; expected a table whose first line names the columns, such as query,gold")
    lines = io.StringIO(whole, newline="")  # `str.splitlines` would end a row at signs that Word and PDF leave in texts
    header = next(lines)
    lines.seek(0)
    delimiter = ";" if header.count(";") > header.count(",") else ","
    table = csv.DictReader(lines, delimiter=delimiter)
    columns = list(table.fieldnames or ())
    if fault := repeated(columns):
        raise InputError(f"{path}: {fault}")
    needed = ("query", "gold") if gold else ("query",)
    if not set(FIELDS) & set(columns) or (gold and "gold" not in columns):
        verb = "are" if gold else "is"
        raise InputError(f"{path}: columns {', '.join(columns)}; {' and '.join(map(repr, needed))} {verb} needed")
    for number, row in enumerate(_rows(table, path), start=1):
        if None not in row and not any(cell and cell.strip() for cell in row.values()):
            continue  # of delimiters alone: spreadsheets write such rows below the last
        text = _text(row)
        if text is None and _empty(row) and None not in row:
            raise InputError(f"{path}: row {number}: no text in {_empty(row)}; write the query, or take the row out")
        if text is None or None in row:
            raise InputError(
                f"{path}: row {number} does not have the {len(columns)} cells of the header ({', '.join(columns)}); "
                f"put texts with '{delimiter}' or line breaks into quotation marks"
            )
        parts = _PARTS[delimiter].split(row.get("gold") or "")
        answers = tuple(part.strip() for part in parts if part.strip())
        yield Query(row_id(row, f"q{number}"), text, answers, row.get("subset") or None)


def _rows(table: Any, path: Path) -> Iterator[dict[str, Any]]:
    try:
        yield from table
    except csv.Error as error:
        raise InputError(f"{path}: line {table.line_num}: not a CSV table ({error})") from None


def _text(row: Mapping[str, Any]) -> str | None:
    return next((row[name] for name in FIELDS if isinstance(row.get(name), str) and row[name].strip()), None)


def _empty(row: Mapping[str, Any]) -> str:
    """The fields for the text that are there and hold none."""
    return " and ".join(repr(name) for name in FIELDS if isinstance(row.get(name), str))
