"""What hits must be: the conditions that tables and vectors compare alike."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mecelle.base.config import nearest
from mecelle.base.document import KINDS
from mecelle.base.errors import ConfigError
from mecelle.sample.records import SECTION_LABELS
from mecelle.text.casing import ascii_fold, fold
from mecelle.text.chambers import chamber_abbreviation, chamber_in
from mecelle.text.citations import find_citations
from mecelle.text.tables import table

KEYWORDS = ("kind", "court", "chamber", "law_number", "section")
"""Fields of a payload that are compared as words; `year` is a number."""
_COLUMNS = {"section": "passages.section"}
_CITED = "documents.number IN (SELECT document FROM citations WHERE key IN ({0}) OR article IN ({0}) OR law IN ({0}))"
_YEAR = re.compile(r"(\d{4})-\d\d-\d\d")
_SHORT = "|".join(fold(line.partition(" = ")[2]) for line in table("chamber_abbreviations"))
_CUT = re.compile(rf"0*(\d*)({_SHORT})")
"""A chamber that is cut, without dots and spaces."""
_CUT_IN_ASCII = re.compile(ascii_fold(_CUT.pattern))
_KEY = re.compile(r"\d+(?::m\S+)?|[^\W\d_]+:\S+")

Payload = Mapping[str, str | int]
"""What filters compare, beside a vector."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """The field has one of the values."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """The field's number lies between two bounds, both allowed; None is no bound."""

    field: str
    least: int | None
    most: int | None


Where = tuple[OneOf | Between, ...]
"""Conditions that must all hold; none: everything is let through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What hits must be; None and () are not compared. What is unknown of a document never fits."""

    kind: str | None = None
    """One of mecelle.base.document.KINDS."""
    court: str | None = None
    """Name of the court; an index takes it cut and without Turkish letters too (`mecelle.retrieval.holdings`)."""
    chamber: str | None = None
    """In full or cut: `4. Hukuk Dairesi`, `4. HD`, `4.HD`, `HGK`."""
    law_number: str | None = None
    """Of the act that is searched itself: `6098`; an index takes `TBK` too."""
    year_from: int | None = None
    """First year of the decision's date."""
    year_to: int | None = None
    """Last year of the decision's date."""
    sections: tuple[str, ...] = ()
    """Sections of a decision that the passage must be from, any of mecelle.sample.records.SECTION_LABELS."""
    cites: str | None = None
    """What the document cites anywhere: an act (`6098`), an article (`6098:m49`, `TBK 49`) or a decision."""

    def where(self) -> Where:
        """The conditions. Raises ConfigError for an unknown kind or section, bad years, or what is no citation."""
        if self.kind is not None and self.kind not in KINDS:
            raise ConfigError(f"kind '{self.kind}' is unknown{nearest(self.kind, list(KINDS))}")
        for section in self.sections:
            if section not in SECTION_LABELS:
                raise ConfigError(f"section '{section}' is unknown{nearest(section, list(SECTION_LABELS))}")
        if self.year_from is not None and self.year_to is not None and self.year_from > self.year_to:
            raise ConfigError(f"year_from {self.year_from} is after year_to {self.year_to}; swap them")
        asked = {name: getattr(self, name) for name in ("kind", "court", "chamber", "law_number")}
        found: list[OneOf | Between] = [OneOf(name, (str(value),)) for name, value in payload(asked).items()]
        if self.sections:
            found.append(OneOf("section", tuple(sorted(set(self.sections)))))
        if self.year_from is not None or self.year_to is not None:
            found.append(Between("year", self.year_from, self.year_to))
        if self.cites:
            found.append(OneOf("cites", (_cited_key(self.cites),)))
        return tuple(found)


def payload(metadata: Mapping[str, Any], *, section: str | None = None) -> dict[str, str | int]:
    """What filters compare of a passage, in the form they compare: names are folded, chambers cut, dates years."""
    told = {**metadata, "section": section}
    found: dict[str, str | int] = {field: str(told[field]) for field in KEYWORDS if told.get(field)}
    if "court" in found:
        found["court"] = fold(str(found["court"]))
    if "chamber" in found:
        found["chamber"] = short_chamber(str(found["chamber"]))
    if year := _YEAR.match(str(metadata.get("date"))):
        found["year"] = int(year[1])
    return found


def as_sql(where: Where) -> tuple[str, list[str | int]]:
    """The conditions over the joined tables `passages` and `documents`, each begun with AND, and their values."""
    clauses: list[str] = []
    values: list[str | int] = []
    for condition in where:
        if isinstance(condition, Between):
            bounds = ((">=", condition.least), ("<=", condition.most))
            given = [(sign, bound) for sign, bound in bounds if bound is not None]
            clauses += [f"documents.{condition.field} {sign} ?" for sign, _ in given]
            values += [bound for _, bound in given]
            continue
        marks = ", ".join("?" * len(condition.values))
        if condition.field == "cites":
            clauses.append(_CITED.format(marks))
            values += [*condition.values] * 3
        else:
            column = _COLUMNS.get(condition.field, f"documents.{condition.field}")
            clauses.append(f"{column} IN ({marks})")
            values += condition.values
    return "".join(f" AND {clause}" for clause in clauses), values


def is_cut_chamber(said: str) -> bool:
    """Whether this is a chamber as citations cut it, with or without Turkish letters: `4.HD`, `HGK`, `iddk`."""
    plain = ascii_fold(fold(re.sub(r"[\s.]", "", said)))
    return _CUT_IN_ASCII.fullmatch(plain) is not None


def short_chamber(name: str) -> str:
    """A chamber as filters compare it: cut and folded (`4. hd`); one without a short form folded alone."""
    short = fold(chamber_abbreviation(chamber_in(name) or name))
    cut = _CUT.fullmatch(re.sub(r"[\s.]", "", short))  # people write 3.HD, 3 HD and 3. H.D.
    return ". ".join(filter(None, cut.groups())) if cut else short


def _cited_key(said: str) -> str:
    """The key of what a person or a program calls an act, an article or a decision."""
    if _KEY.fullmatch(said.strip()):
        return fold(said.strip())
    keys = [key for citation in find_citations(said) for key in citation.normalised]
    if not keys:
        raise ConfigError(f"cites {said!r}: no citation is in it; write 6098, 6098:m49, TBK 49 or a decision's number")
    return keys[0]
