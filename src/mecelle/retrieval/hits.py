"""What a search returns: documents, or articles of acts, each with its best passage."""

import re
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from mecelle.base.config import nearest
from mecelle.base.document import KINDS
from mecelle.base.errors import ConfigError
from mecelle.retrieval.catalogue import filter_values
from mecelle.text.casing import fold
from mecelle.text.headers import citation_form
from mecelle.text.stemming import Method, search_terms
from mecelle.text.words import word_spans

_DECREES = (("kanun hükmünde kararname", "KHK"), ("cumhurbaşkanlığı kararnamesi", "Cumhurbaşkanlığı Kararnamesi"))
_ARTICLE = re.compile(r"m(?:(?P<kind>[^\d#]+)_)?(?P<number>[^#]+)(?:#\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What hits must be; None is not compared."""

    kind: str | None = None
    """One of mecelle.base.document.KINDS."""
    court: str | None = None
    """Name of the court; case does not matter."""
    law_number: str | None = None

    def payload(self) -> dict[str, str]:
        """What is compared. Raises ConfigError for an unknown kind."""
        if self.kind is not None and self.kind not in KINDS:
            raise ConfigError(f"kind '{self.kind}' is unknown{nearest(self.kind, list(KINDS))}")
        return filter_values({"kind": self.kind, "court": self.court, "law_number": self.law_number})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A decision or other document, or one article of an act, with the passage that fits best."""

    document_id: str
    source_id: str | None
    kind: str
    title: str | None
    court: str | None
    chamber: str | None
    case_number: str | None
    decision_number: str | None
    date: str | None
    law_number: str | None
    article: str | None
    """As `6098:m264`."""
    citation: str
    """As Turkish legal writing cites it, else the title, else where it was read."""
    passage: str
    start: int
    """Half-open character offsets of the passage in the document."""
    end: int
    spans: tuple[tuple[int, int], ...]
    """Half-open character offsets in the passage of words that the question holds, in another form perhaps."""
    score: float
    """BM25, cosine or fused, by the mode; hits compare within one answer only. 0 for what was named outright."""
    ranks: Mapping[str, int]
    """Place, from 1, in each kind of search that found it: `exact`, `bm25`, `dense`."""
    source: str
    """Where it was read: file, and row or page in it."""


def make_hit(
    row: sqlite3.Row, *, score: float, ranks: Mapping[str, int], terms: Collection[str], method: Method
) -> Hit:
    """A hit from a joined row of passages and documents."""
    metadata: dict[str, Any] = orjson.loads(row["metadata"])
    title = metadata.get("title") or metadata.get("law")
    return Hit(
        document_id=row["id"],
        source_id=metadata.get("source_id"),
        kind=row["kind"],
        title=title,
        court=metadata.get("court"),
        chamber=metadata.get("chamber"),
        case_number=metadata.get("case_number"),
        decision_number=metadata.get("decision_number"),
        date=metadata.get("date"),
        law_number=row["law_number"],
        article=row["article"],
        citation=citation(metadata, row["article"]),
        passage=row["text"],
        start=row["start"],
        end=row["end"],
        spans=matched_spans(row["text"], terms, method),
        score=score,
        ranks=ranks,
        source=str(metadata.get("source", "")),
    )


def citation(metadata: Mapping[str, Any], article: str | None) -> str:
    """How a decision, an act or an article is cited; else the title, else the source.

    >>> citation({"kind": "statute", "law_number": "6098"}, "6098:mGeçici_2")
    '6098 sayılı Kanun geçici m. 2'
    """
    title = metadata.get("title") or metadata.get("law")
    if metadata.get("kind") == "decision":
        parts = (metadata.get(key) for key in ("court", "chamber", "case_number", "decision_number", "date"))
        cited = citation_form(*parts)
    elif number := metadata.get("law_number"):
        said = fold(f"{metadata.get('said_kind', '')} {title or ''}")
        act = next((form for name, form in _DECREES if name in said), "Kanun")
        cited = f"{number} sayılı {act}"
    else:
        cited = str(title or metadata.get("source_id") or metadata.get("source") or "")
    match = _ARTICLE.fullmatch(article.rpartition(":")[2]) if article else None
    if match is None:
        return cited or str(title or metadata.get("source") or "")
    kind = fold(match["kind"].replace("_", " ")) + " " if match["kind"] else ""
    return f"{cited} {kind}m. {match['number']}"


def matched_spans(text: str, terms: Collection[str], method: Method) -> tuple[tuple[int, int], ...]:
    """Offsets of the words of `text` whose search term is among `terms`."""
    return tuple(
        (start, end)
        for start, end in word_spans(text)
        if any(term in terms for term in search_terms(text[start:end], method=method))
    )
