"""The tables of an index: units, documents and passages, in one SQLite file."""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

import orjson
import zstandard

from mecelle.base.accounts import Accounts
from mecelle.base.collection import JsonlWriter
from mecelle.documents.caching import PASSING_REASONS
from mecelle.documents.records import Failure
from mecelle.retrieval.cutting import CutDocument, Piece
from mecelle.retrieval.filters import Payload, payload
from mecelle.text.casing import fold
from mecelle.text.citations import article_of
from mecelle.text.stemming import Method, search_terms

RETRIED_REASONS = PASSING_REASONS | {"crashed"}
"""Failures whose file is read again by the next build, though it has not changed."""

_LIVE_IN_ORDER = """
UPDATE passages SET position = place.position FROM (
  SELECT passages.number AS number, ROW_NUMBER() OVER (ORDER BY documents.id, passages.ordinal) - 1 AS position
  FROM passages JOIN documents ON documents.number = passages.document WHERE documents.live
) AS place WHERE passages.number = place.number
"""
_FIRST_OF_EACH_ID = """
UPDATE documents SET live = number IN (
  SELECT number FROM (
    SELECT documents.number AS number, ROW_NUMBER() OVER (PARTITION BY id ORDER BY units.name, ordinal) AS place
    FROM documents JOIN units ON units.number = documents.unit
  ) WHERE place = 1
)
"""


@dataclass(frozen=True, slots=True, order=True)
class UnitState:
    """What tells whether a unit has changed."""

    name: str
    fingerprint: str
    """Empty for a unit that is to be read again, whatever it holds."""
    size: int
    """Bytes."""
    modified: int
    """Nanoseconds; with the size, it spares reading a file again to learn that it is the same."""


class Catalogue:
    """The tables, open for one writer or for many readers."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Use `create`, `open` or `read`."""
        self.connection = connection
        connection.row_factory = sqlite3.Row

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open for writing; the tables are made if they do not exist."""
        connection = sqlite3.connect(path)
        # A commit without waiting for the disk: thousands of small files, each its own transaction.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'passages_reference'").fetchone():
            schema = files("mecelle.retrieval").joinpath("schema.sql").read_text(encoding="utf-8")
            connection.executescript(f"BEGIN; {schema} COMMIT;")
        return cls(connection)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Open a finished catalogue, which never changes, for reading from any thread.

        Raises sqlite3.Error if the file is gone or no catalogue.
        """
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        connection.execute("PRAGMA query_only = ON")
        try:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()  # SQLite opens the file with the first query
        except sqlite3.Error:
            connection.close()
            raise
        return cls(connection)

    def close(self) -> None:
        """Let go of the file. A writer leaves one file, without the log beside it, so that it can be copied."""
        if not self.connection.execute("PRAGMA query_only").fetchone()[0]:
            self.connection.execute("PRAGMA journal_mode = DELETE")
        self.connection.close()

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        """All rows of a query."""
        with closing(self.connection.execute(query, values)) as cursor:
            return cursor.fetchall()

    def units(self) -> dict[str, UnitState]:
        """All units by name; those with a failure that may be gone in the next build look as if they had changed."""
        marks = ", ".join("?" * len(RETRIED_REASONS))
        failed = self.rows(
            f"SELECT DISTINCT name FROM failures JOIN units ON units.number = unit WHERE reason IN ({marks})",
            *sorted(RETRIED_REASONS),
        )
        again = {row["name"] for row in failed}
        found = self.rows("SELECT name, fingerprint, size, modified FROM units ORDER BY name")
        return {
            row["name"]: UnitState(row["name"], "", -1, -1) if row["name"] in again else UnitState(*row)
            for row in found
        }

    def touch(self, units: Iterable[UnitState]) -> None:
        """Note sizes and dates of units whose content is as it was."""
        rows = [(unit.size, unit.modified, unit.name, unit.fingerprint) for unit in units]
        with self.connection as connection:
            connection.executemany("UPDATE units SET size = ?, modified = ? WHERE name = ? AND fingerprint = ?", rows)

    def remove(self, units: Iterable[str]) -> None:
        """Take units and all that came out of them away."""
        with self.connection as connection:
            connection.executemany("DELETE FROM units WHERE name = ?", [(unit,) for unit in units])

    def delete(self, identifiers: Iterable[str]) -> None:
        """Take documents away, all that have these ids, and their bytes out of the file."""
        self.connection.execute("PRAGMA secure_delete = ON")
        with self.connection as connection:
            connection.executemany("DELETE FROM documents WHERE id = ?", [(one,) for one in identifiers])
        self.connection.execute("VACUUM")

    def replace(self, unit: UnitState, found: Iterable[CutDocument | Failure], *, terms: Method) -> int:
        """Read a unit in, in place of what it held before; whole or not at all. Returns how many documents.

        terms: how words become search terms.
        """
        documents = 0
        with self.connection as connection:
            connection.execute("DELETE FROM units WHERE name = ?", (unit.name,))
            number = connection.execute(
                "INSERT INTO units (name, fingerprint, size, modified) VALUES (?, ?, ?, ?)",
                (unit.name, unit.fingerprint, unit.size, unit.modified),
            ).lastrowid
            assert number is not None
            for item in found:
                if isinstance(item, Failure):
                    row = (number, item.path, item.position, item.reason, item.error)
                    connection.execute("INSERT INTO failures VALUES (?, ?, ?, ?, ?)", row)
                else:
                    _insert(connection, number, documents, item, terms)
                    documents += 1
        return documents

    def settle(self) -> None:
        """Decide which document of each id is live (the first by unit and place) and number the live passages.

        The numbers depend on what the tables hold, not on the order in which it came.
        """
        with self.connection as connection:
            connection.execute(_FIRST_OF_EACH_ID)
            connection.execute("UPDATE passages SET position = NULL")
            connection.execute(_LIVE_IN_ORDER)

    def terms(self) -> Iterator[list[str]]:
        """Search terms of the live passages, by position."""
        for row in self.connection.execute("SELECT terms FROM passages WHERE position NOT NULL ORDER BY position"):
            yield row["terms"].split(" ") if row["terms"] else []

    def points(self) -> set[int]:
        """Points of the live passages."""
        return {row["point"] for row in self.rows("SELECT DISTINCT point FROM passages WHERE position NOT NULL")}

    def all_points(self, *, without: Iterable[str] = ()) -> set[int]:
        """Points of all passages, live or not, but for those that only documents with these ids have."""
        query = (
            "SELECT DISTINCT point FROM passages JOIN documents ON documents.number = document "
            "WHERE id NOT IN (SELECT value FROM json_each(?))"
        )
        return {row["point"] for row in self.rows(query, orjson.dumps(list(without)).decode())}

    def to_embed(self, points: Iterable[int]) -> list[tuple[str, Payload]]:
        """Searched text and payload of each point; passages that share a point share both."""
        found: list[tuple[str, Payload]] = []
        for point in points:
            row = self.rows(
                "SELECT text, heading, article, section, metadata FROM passages JOIN documents "
                "ON documents.number = passages.document WHERE point = ? AND position NOT NULL LIMIT 1",
                point,
            )[0]
            metadata = orjson.loads(row["metadata"])
            text = searched_text(metadata, row["text"], heading=row["heading"], article=row["article"])
            found.append((text, payload(metadata, section=row["section"])))
        return found

    def accounts(self) -> Accounts:
        """Documents by fate."""
        accounts = Accounts()
        for row in self.rows("SELECT live, COUNT(*) AS count FROM documents GROUP BY live ORDER BY live DESC"):
            accounts.keep(row["count"]) if row["live"] else accounts.drop("same_id", row["count"])
        for row in self.rows("SELECT reason, COUNT(*) AS count FROM failures GROUP BY reason ORDER BY reason"):
            accounts.fail(row["reason"], row["count"])
        return accounts

    def write_failures(self, path: Path) -> None:
        """One JSON line for each thing that could not be read: path, position, reason, error."""
        with JsonlWriter(path) as writer:
            for row in self.rows("SELECT path, position, reason, error FROM failures ORDER BY path, rowid"):
                writer.write(dict(row))


def searched_text(metadata: Mapping[str, Any], text: str, *, heading: str | None, article: str | None) -> str:
    """What is searched of a passage: before an article its act's title and its own heading, before others theirs.

    An article seldom says what it is about; its act's title and its heading do.
    """
    title = metadata.get("title") or metadata.get("law") if article else None
    return "\n".join([*(str(part) for part in (title, heading) if part), text])


def body_text(body: bytes) -> str:
    """The text of a document from its row."""
    return zstandard.decompress(body).decode()


def _point(searched: str, told: Payload) -> int:
    """63 bits of a text and of what filters compare: a million passages meet by chance once in 20 million runs."""
    key = orjson.dumps([searched, dict(told)], option=orjson.OPT_SORT_KEYS)
    return int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big") >> 1


def _insert(connection: sqlite3.Connection, unit: int, ordinal: int, cut: CutDocument, terms: Method) -> None:
    document, metadata = cut.document, cut.document.metadata
    told = payload(metadata)
    columns = {
        "unit": unit,
        "ordinal": ordinal,
        "id": document.id,
        "kind": told.get("kind", "other"),
        **{name: told.get(name) for name in ("court", "chamber", "year", "law_number")},
        **{name: metadata.get(name) for name in ("case_number", "decision_number")},
        "metadata": orjson.dumps(metadata).decode(),
        "sections": orjson.dumps(cut.sections).decode(),
        "body": zstandard.compress(document.text.encode()),
    }
    number = connection.execute(
        f"INSERT INTO documents ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
        tuple(columns.values()),
    ).lastrowid
    connection.executemany(
        "INSERT INTO passages "
        "(document, ordinal, article, reference, heading, section, start, end, text, terms, point) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (_passage(number, place, piece, metadata, terms) for place, piece in enumerate(cut.pieces)),
    )
    connection.executemany(
        "INSERT INTO citations VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (number, one.start, one.end, one.kind, key, *_article_and_law(one.kind, key))
            for one in cut.citations
            for key in one.normalised
        ),
    )


def _passage(
    document: int | None, place: int, piece: Piece, metadata: Mapping[str, Any], terms: Method
) -> tuple[int | str | None, ...]:
    searched = searched_text(metadata, piece.text, heading=piece.heading, article=piece.article)
    words = " ".join(search_terms(searched, method=terms))
    reference = piece.article and fold(piece.article)
    point = _point(searched, payload(metadata, section=piece.section))
    return (
        *(document, place, piece.article, reference, piece.heading, piece.section),
        *(piece.start, piece.end, piece.text, words, point),
    )


def _article_and_law(kind: str, key: str) -> tuple[str | None, str | None]:
    if kind == "decision":
        return None, None
    return (article_of(key) if kind == "article" else None), key.partition(":")[0]
