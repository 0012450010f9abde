"""What a question or a citation names outright, found in the tables."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from mecelle.retrieval.catalogue import Catalogue
from mecelle.retrieval.hits import citation
from mecelle.retrieval.references import find_references
from mecelle.text.casing import fold
from mecelle.text.chambers import chamber_abbreviation
from mecelle.text.citations import find_citations

LIVE = "FROM passages JOIN documents ON documents.number = passages.document WHERE position NOT NULL"
_NUMBERS = re.compile(r":(?P<label>[ekb])(?P<number>\d{4}/[\d\-]+)")


def named_passages(catalogue: Catalogue, question: str) -> list[int]:
    """Positions of the decisions and articles that the question names by number, those of a named chamber first."""
    references = find_references(question)
    decisions: list[tuple[bool, int]] = []
    for number in references.decisions:
        query = f"SELECT position, metadata {LIVE} AND (case_number = ? OR decision_number = ?) ORDER BY position"
        rows = catalogue.rows(query, number, number)
        decisions += [(not _names_chamber(question, orjson.loads(row["metadata"])), row["position"]) for row in rows]
    positions = [position for _, position in sorted(decisions)]
    for reference in references.articles:
        rows = catalogue.rows(f"SELECT position {LIVE} AND reference = ? ORDER BY position", reference)
        positions += [row["position"] for row in rows]
    return list(dict.fromkeys(positions))


def cited_decisions(catalogue: Catalogue, key: str) -> list[str]:
    """Ids of the decisions that a key of `mecelle.text.citations` names (`yargıtay:4hd:e2024/3494:k2024/5460`).

    A number that the key lacks is not compared; a court that the key does not know ("?") is any court.
    """
    numbers = {match["label"]: match["number"] for match in _NUMBERS.finditer(key)}
    case, decision = numbers.get("e") or numbers.get("b"), numbers.get("k")
    if not (case or decision):
        return []
    query = "SELECT id, metadata FROM documents WHERE live"
    wanted = [(column, value) for column, value in (("case_number", case), ("decision_number", decision)) if value]
    query += "".join(f" AND {column} = ?" for column, _ in wanted) + " ORDER BY id"
    court = _NUMBERS.sub("", key)
    rows = catalogue.rows(query, *(value for _, value in wanted))
    return [row["id"] for row in rows if court == "?" or _own_court(orjson.loads(row["metadata"])) == court]


def _own_court(metadata: Mapping[str, Any]) -> str | None:
    """Court and chamber of a decision, as a key writes them."""
    found = find_citations(citation(metadata, None))
    return next((_NUMBERS.sub("", key) for one in found for key in one.normalised), None)


def _names_chamber(question: str, metadata: Mapping[str, Any]) -> bool:
    """Whether the question names the decision's chamber, in full or cut."""
    chamber, asked = str(metadata.get("chamber") or ""), fold(question)
    return bool(chamber) and any(fold(form) in asked for form in (chamber, chamber_abbreviation(chamber)))
