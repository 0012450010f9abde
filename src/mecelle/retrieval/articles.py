"""Articles in force: the wording of a day where the collection has it, and a caution where it has not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import orjson

from mecelle.retrieval.catalogue import Catalogue, body_text
from mecelle.retrieval.hits import citation
from mecelle.text.casing import fold
from mecelle.text.citations import article_of
from mecelle.text.dates import DATE, iso_date

Notice = Literal["repealed", "repealed_later", "changed_later", "other_day"]
"""repealed: not in force on the day asked for, nor now. repealed_later: repealed after that day. changed_later: the
wording given is a later one. other_day: none of the collection's versions covers the day, the nearest is given."""

_CHANGE = re.compile(rf"[(;]\s?(?:değişik|ek|mülga|iptal|yeniden)[^()\d;]{{0,80}}{DATE}")
"""What consolidated acts write behind a change, folded: (değişik fıkra: 30/3/2023-7447/1 md.)."""
_BEGINNING = re.compile(r"(?:(?:ek|geçici|mükerrer)\s+)*madde\s+\d+\S*\s*[-–—:.]?\s*(?:\(\d+\)\s*)?")
_REPEALED = re.compile(rf"\(?\s?(?:mülga|iptal)\b[^()\d]{{0,40}}(?:{DATE})?")
_MOST_REPEALED_CHARS = 250
"""A longer text that begins with "mülga" says more than that."""


@dataclass(frozen=True, slots=True)
class Caution:
    """What a reader must know of a wording."""

    notice: Notice
    day: str | None
    """Of the repeal or change (the amending act's own date), or first day of the version given; ISO, None if untold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """An article of an act as one document has it."""

    key: str
    """`6098:m49`."""
    document_id: str
    citation: str
    """`6098 sayılı Kanun m. 49`."""
    title: str | None
    """Of the act."""
    heading: str | None
    text: str
    start: int
    """Half-open character offsets in the document."""
    end: int
    in_force_from: str | None
    """First day of a version, ISO, from the document's metadata of that name; None where it does not say."""
    in_force_to: str | None
    """First day on which it is in force no more."""
    is_repealed: bool
    """Whether the text or its document says that it is repealed or annulled as a whole."""
    cautions: tuple[Caution, ...] = ()

    def covers(self, day: str) -> bool:
        """Whether the version was in force on a day, as far as its document tells."""
        return (self.in_force_from or "") <= day and (self.in_force_to is None or day < self.in_force_to)


def wordings(catalogue: Catalogue, key: str) -> list[Wording]:
    """All wordings of the article that a key lies in, oldest version first; those without days first of all.

    A key without an act (`m5`, of a regulation without a number) has none: every such act has an article 5.
    """
    reference = fold(article_of(key))
    if ":" not in reference:
        return []
    query = (
        "SELECT documents.id, metadata, body, article, heading, MIN(start) AS start, MAX(end) AS end FROM passages "
        "JOIN documents ON documents.number = passages.document WHERE reference = ? AND position NOT NULL "
        "GROUP BY documents.number ORDER BY documents.id"
    )
    found = [_wording(row, reference) for row in catalogue.rows(query, reference)]
    return sorted(found, key=lambda one: (one.in_force_from or "", one.in_force_to or ""))


def article_in_force(catalogue: Catalogue, key: str, *, on: str | None = None) -> Wording | None:
    """The article that a key names (`6098:m49/2` lies in `6098:m49`), as it stood on a day; None if it is not held.

    on: ISO day, as of the decision that cites it; None: the newest wording. Versions are documents with `in_force_from`
    and `in_force_to` in their metadata. A collection without versions has one wording, with all changes up to its own
    day: what changed after `on`, as far as the marks in the text tell, stands in the cautions.
    """
    found = wordings(catalogue, key)
    if not found:
        return None
    chosen = _of_day(found, on) if on else _newest(found)
    return _with_cautions(chosen, on)


def _wording(row: Any, reference: str) -> Wording:
    metadata: dict[str, Any] = orjson.loads(row["metadata"])
    text = body_text(row["body"])[row["start"] : row["end"]]
    said = metadata.get("repealed") is True or metadata.get("status") == "repealed"
    return Wording(
        key=reference,
        document_id=row["id"],
        citation=citation(metadata, row["article"]),
        title=metadata.get("title") or metadata.get("law"),
        heading=row["heading"],
        text=text,
        start=row["start"],
        end=row["end"],
        in_force_from=_day(metadata.get("in_force_from")),
        in_force_to=_day(metadata.get("in_force_to")),
        is_repealed=said or _repeal(text) is not None,
    )


def _day(value: object) -> str | None:
    return str(value)[:10] if value else None


def _newest(found: Sequence[Wording]) -> Wording:
    return max(found, key=lambda one: (not one.is_repealed, one.in_force_to is None, one.in_force_from or ""))


def _of_day(found: Sequence[Wording], day: str) -> Wording:
    """The version that covers the day; else one without days, else the nearest before, else the first."""
    dated = [one for one in found if one.in_force_from or one.in_force_to]
    covering = [one for one in dated if one.covers(day)]
    if covering:
        return covering[-1]
    if undated := [one for one in found if one not in dated]:
        return _newest(undated)
    before = [one for one in dated if (one.in_force_from or "") <= day]
    return before[-1] if before else dated[0]


def _with_cautions(one: Wording, day: str | None) -> Wording:
    cautions: list[Caution] = []
    is_version = bool(one.in_force_from or one.in_force_to)
    if one.is_repealed:
        repeal = _repeal(one.text) or None
        cautions.append(Caution("repealed_later" if day and repeal and day < repeal else "repealed", repeal))
    elif one.in_force_to and (day is None or day >= one.in_force_to):
        cautions.append(Caution("repealed" if day is None else "other_day", one.in_force_to))
    elif is_version and day and not one.covers(day):
        cautions.append(Caution("other_day", one.in_force_from))
    if day and not is_version and not one.is_repealed:
        later = [changed for changed in changes(one.text) if changed > day]
        cautions += [Caution("changed_later", changed) for changed in later[:1]]
    return replace(one, cautions=tuple(cautions))


def changes(text: str) -> list[str]:
    """Days, ISO and sorted, of the changes that an article's own text tells.

    >>> changes("MADDE 1- (Değişik: 14/3/2007-5602/10 md.) Belediye")
    ['2007-03-14']
    """
    return sorted(day for match in _CHANGE.finditer(fold(text)) if (day := iso_date(match[1])))


def _repeal(text: str) -> str | None:
    """The day on which the whole article was repealed, "" if it does not tell, None if it was not."""
    folded = fold(text[: _MOST_REPEALED_CHARS + 1])
    beginning = _BEGINNING.match(folded)
    said = _REPEALED.match(folded, beginning.end() if beginning else 0)
    if said is None or len(text) > _MOST_REPEALED_CHARS:
        return None
    return (iso_date(said[1]) if said[1] else None) or ""
