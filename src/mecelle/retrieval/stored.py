"""A document of an index whole: text, sections, what it cites and whether the collection has that."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from mecelle.base.document import Document
from mecelle.retrieval.catalogue import Catalogue, body_text
from mecelle.retrieval.hits import citation
from mecelle.retrieval.lookup import LIVE, cited_decisions
from mecelle.retrieval.sections import SectionSpan
from mecelle.text.casing import fold
from mecelle.text.citations import article_of


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCitation:
    """A place of a text that cites something: half-open characters, and the key of one thing cited there."""

    start: int
    end: int
    kind: str
    """article, law or decision."""
    key: str
    """As `mecelle.text.citations` writes it: `6098:m49/2`. A list in the text gives one row for each member."""
    is_held: bool
    """Whether the collection has it: `Searcher.article`, `Searcher.act` or `Searcher.decisions` finds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """A document as it was read."""

    id: str
    kind: str
    citation: str
    """As Turkish legal writing cites it."""
    text: str
    metadata: Mapping[str, Any]
    sections: tuple[SectionSpan, ...]
    citations: tuple[StoredCitation, ...]
    """In the order of the text; of acts none are kept."""


def stored_document(catalogue: Catalogue, identifier: str, *, hidden: Collection[str] = ()) -> StoredDocument | None:
    """The live document of an id, None if the index has none. hidden: ids of documents that no citation leads to."""
    rows = catalogue.rows("SELECT * FROM documents WHERE id = ? AND live", identifier)
    if not rows:
        return None
    row, metadata = rows[0], orjson.loads(rows[0]["metadata"])
    return StoredDocument(
        id=row["id"],
        kind=row["kind"],
        citation=citation(metadata, None),
        text=body_text(row["body"]),
        metadata=metadata,
        sections=tuple(SectionSpan(**one) for one in orjson.loads(row["sections"])),
        citations=_citations(catalogue, row["number"], hidden),
    )


def documents(catalogue: Catalogue) -> Iterator[Document]:
    """All documents as they were read, those too that are not live because another one bears their id."""
    for row in catalogue.connection.execute("SELECT id, metadata, body FROM documents ORDER BY number"):
        yield Document(text=body_text(row["body"]), id=row["id"], metadata=orjson.loads(row["metadata"]))


def is_held(catalogue: Catalogue, kind: str, key: str, *, hidden: Collection[str] = ()) -> bool:
    """Whether the collection has what a citation's key names, in a document that is not hidden."""
    match kind:
        case "article":
            found = [row["id"] for row in catalogue.rows(f"SELECT id {LIVE} AND reference = ?", fold(article_of(key)))]
        case "law":
            found = acts(catalogue, key)
        case _:
            found = cited_decisions(catalogue, key)
    return any(one not in hidden for one in found)


def acts(catalogue: Catalogue, law_number: str) -> list[str]:
    """Ids of the acts with this number; repealed provisions are documents of their own."""
    query = "SELECT id FROM documents WHERE law_number = ? AND kind = 'statute' AND live ORDER BY id"
    return [row["id"] for row in catalogue.rows(query, law_number)]


def _citations(catalogue: Catalogue, number: int, hidden: Collection[str]) -> tuple[StoredCitation, ...]:
    query = "SELECT start, end, kind, key FROM citations WHERE document = ? ORDER BY start, rowid"
    rows = catalogue.rows(query, number)
    named = {(row["kind"], row["key"]) for row in rows}
    held = {(kind, key): is_held(catalogue, kind, key, hidden=hidden) for kind, key in named}
    return tuple(StoredCitation(**dict(row), is_held=held[row["kind"], row["key"]]) for row in rows)
