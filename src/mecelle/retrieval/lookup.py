"""What a question or a citation names outright, found in the tables."""

import re
import sqlite3
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

import orjson

from mecelle.retrieval.catalogue import Catalogue
from mecelle.retrieval.hits import citation
from mecelle.retrieval.references import find_references
from mecelle.text.casing import fold
from mecelle.text.chambers import chamber_abbreviation
from mecelle.text.citations import Citation, find_citations

LIVE = "FROM passages JOIN documents ON documents.number = passages.document WHERE position NOT NULL"
_NUMBERS = re.compile(r":(?P<label>[ekb])(?P<number>\d{4}/[\d\-]+)")


def named_passages(catalogue: Catalogue, question: str) -> list[int]:
    """Positions of the decisions and articles that the question names by number.

    Decisions: first those that have all that a citation in the question says, then those with most of its numbers,
    whatever their label, of these first those of a named court and chamber.
    """
    references = find_references(question)
    keys = [key for one in _cited(question) for key in one.normalised]
    cited = {one for key in keys for one in cited_decisions(catalogue, key)}
    rows: dict[int, sqlite3.Row] = {}
    num_numbers: Counter[int] = Counter()
    for number in references.decisions:
        query = f"SELECT position, id, metadata {LIVE} AND (case_number = ? OR decision_number = ?)"
        for row in catalogue.rows(query, number, number):
            rows[row["position"]] = row
            num_numbers[row["position"]] += 1
    for identifier in cited:
        found = catalogue.rows(f"SELECT position, id, metadata {LIVE} AND id = ?", identifier)
        rows |= {row["position"]: row for row in found}
    folded = fold(question)

    def place(position: int) -> tuple[bool, int, int, int]:
        row = rows[position]
        num_named = _num_named(folded, orjson.loads(row["metadata"]))
        return row["id"] not in cited, -num_numbers[position], -num_named, position

    positions = sorted(rows, key=place)
    for reference in references.articles:
        held = catalogue.rows(f"SELECT position {LIVE} AND reference = ? ORDER BY position", reference)
        positions += [row["position"] for row in held]
    return list(dict.fromkeys(positions))


def missing_references(catalogue: Catalogue, question: str, *, hidden: Collection[str] = ()) -> list[str]:
    """What the question names by number and no document has: numbers of decisions, and articles as they are cited.

    hidden: ids of documents that do not count.
    """

    def is_held(query: str, *values: str) -> bool:
        return any(row["id"] not in hidden for row in catalogue.rows(query, *values))

    references = find_references(question)
    held = [
        question[one.start : one.end]
        for one in _cited(question)
        if any(found not in hidden for key in one.normalised for found in cited_decisions(catalogue, key))
    ]
    known = {number for said in held for number in find_references(said).decisions}
    query = "SELECT id FROM documents WHERE live AND (case_number = ? OR decision_number = ?)"
    decisions = [one for one in references.decisions if one not in known and not is_held(query, one, one)]
    query = f"SELECT id {LIVE} AND reference = ?"
    articles = [one for one in references.articles if not is_held(query, one)]
    return [*decisions, *(citation({"kind": "statute", "law_number": one.partition(":")[0]}, one) for one in articles)]


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


def _cited(question: str) -> list[Citation]:
    return [one for one in find_citations(question) if one.kind == "decision"]


def _num_named(folded: str, metadata: Mapping[str, Any]) -> int:
    """How many of a decision's court and chamber a folded question names; the chamber in full or cut."""
    court, chamber = (fold(str(metadata.get(key) or "")) for key in ("court", "chamber"))
    # Behind the full names case suffixes may stand; "3. D" must not be found in "3. Dava" nor "4. HD" in "14. HD".
    short = re.escape(fold(chamber_abbreviation(chamber))).replace(r"\.\ ", r"\.?\s?")
    forms = (court and re.escape(court), chamber and rf"(?:{re.escape(chamber)}|{short}(?!\w))")
    return sum(bool(re.search(rf"(?<!\w){form}", folded)) for form in forms if form)
