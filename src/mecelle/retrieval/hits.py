"""What a search returns: documents, or articles of acts, each with its best passage."""

import re
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import orjson

from mecelle.text.casing import fold
from mecelle.text.headers import citation_form
from mecelle.text.stemming import Method, search_terms
from mecelle.text.words import word_spans

_DECREES = (("kanun hükmünde kararname", "KHK"), ("cumhurbaşkanlığı kararnamesi", "Cumhurbaşkanlığı Kararnamesi"))
_ARTICLE = re.compile(r"m(?:(?P<kind>[^\d#]+)_)?(?P<number>[^#]+)(?:#\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A passage as it is shown."""

    passage: str
    start: int
    """Half-open character offsets of the passage in the document."""
    end: int
    section: str | None
    """Of a decision: one of mecelle.sample.records.SECTION_LABELS; None where sections are not known."""
    spans: tuple[tuple[int, int], ...]
    """Half-open character offsets in the passage of words that the question holds, in another form perhaps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit(Snippet):
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
    others: tuple[Snippet, ...]
    """The next best passages of the same decision or article."""
    score: float | None
    """BM25, cosine, fused, or the re-ranker's if `ranks` has `rerank`; hits compare within one answer only.

    0 for what was named outright; None for what stands behind the hits that a re-ranker ordered anew.
    """
    ranks: Mapping[str, int]
    """Place, from 1, in each kind of search that found it: `exact`, `bm25`, `dense`, and `rerank`."""
    source: str
    """Where it was read: file, and row or page in it."""


def make_hit(
    rows: Sequence[sqlite3.Row],
    *,
    score: float | None,
    ranks: Mapping[str, int],
    terms: Collection[str],
    method: Method,
) -> Hit:
    """A hit from the joined rows of its passages and their document, best first."""
    best, metadata = rows[0], orjson.loads(rows[0]["metadata"])
    first, *others = (_snippet(row, terms, method) for row in rows)
    return Hit(
        **{one.name: getattr(first, one.name) for one in fields(Snippet)},
        document_id=best["id"],
        source_id=metadata.get("source_id"),
        kind=best["kind"],
        title=metadata.get("title") or metadata.get("law"),
        court=metadata.get("court"),
        chamber=metadata.get("chamber"),
        case_number=metadata.get("case_number"),
        decision_number=metadata.get("decision_number"),
        date=metadata.get("date"),
        law_number=best["law_number"],
        article=best["article"],
        citation=citation(metadata, best["article"]),
        others=tuple(others),
        score=score,
        ranks=ranks,
        source=str(metadata.get("source", "")),
    )


def _snippet(row: sqlite3.Row, terms: Collection[str], method: Method) -> Snippet:
    return Snippet(
        passage=row["text"],
        start=row["start"],
        end=row["end"],
        section=row["section"],
        spans=matched_spans(row["text"], terms, method),
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
    elif (number := metadata.get("law_number")) and metadata.get("kind") != "regulation":  # it is cited by its title
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
    if not terms:
        return ()
    asked = frozenset(terms)
    return tuple(
        (start, end) for start, end in word_spans(text) if not asked.isdisjoint(_terms(text[start:end], method))
    )


@lru_cache(maxsize=50_000)
def _terms(word: str, method: Method) -> frozenset[str]:
    """Passages share most of their words, and the stems of thirty passages would take longer than the search."""
    return frozenset(search_terms(word, method=method))
