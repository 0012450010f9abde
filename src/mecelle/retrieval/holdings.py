"""What an index has to filter by, and what people call it: in ASCII, cut (AYM, Yarg., HGK), with the chamber behind."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from rapidfuzz import fuzz, process

from mecelle.base.errors import ConfigError
from mecelle.retrieval.catalogue import Catalogue
from mecelle.retrieval.filters import KEYWORDS, Filters, OneOf, Where, is_cut_chamber, short_chamber
from mecelle.text.casing import ascii_fold, fold
from mecelle.text.chambers import chamber_in
from mecelle.text.citations import find_citations

_NAMED = "SELECT {0} AS value, MAX(json_extract(metadata, '$.{0}')) AS name FROM documents WHERE live GROUP BY {0}"
_PLAIN = "SELECT {0} AS value, {0} AS name FROM documents WHERE live GROUP BY {0}"
# The greatest of several ways to write a name is one in small letters.
_QUERIES = {
    **{field: _NAMED.format(field) for field in ("court", "chamber")},
    **{field: _PLAIN.format(field) for field in ("kind", "law_number")},
    "section": "SELECT section AS value, section AS name FROM passages WHERE position NOT NULL GROUP BY section",
}
_CUT_COURTS = {
    "aym": "anayasa mahkemesi",
    "aihm": "avrupa insan hakları mahkemesi",
    "bam": "bölge adliye mahkemesi",
    "bim": "bölge idare mahkemesi",
    "istinaf": "bölge adliye mahkemesi",
    "dan": "danıştay",
    "dnş": "danıştay",
    "dşt": "danıştay",
    "um": "uyuşmazlık mahkemesi",
    "yarg": "yargıtay",
    "yrg": "yargıtay",
    "ysk": "yüksek seçim kurulu",
    "acm": "ağır ceza mahkemesi",
    "ahm": "asliye hukuk mahkemesi",
    "atm": "asliye ticaret mahkemesi",
    "shm": "sulh hukuk mahkemesi",
}
"""Courts as citations cut them, without full stops."""
_INNER_STOP = re.compile(r"(?<=\b[^\W\d_])\.(?=[^\W\d_]\b)")
_MOST_LISTED = 20
_MOST_CHAMBER_WORDS = 6
"""Longest name of a chamber: `içtihadı birleştirme hukuk genel kurulu` has five."""
_LEAST_LIKE = 80.0
"""Of 100; the names of courts share most of their letters."""


@dataclass(frozen=True, slots=True)
class _Value:
    """A value of a filter."""

    value: str
    """As filters compare it."""
    name: str
    """As the documents write it."""


class NotHeldError(ConfigError):
    """A filter asks for what no document of the index has. Says what they have."""

    def __init__(self, field: str, asked: str, held: Sequence[str]) -> None:
        """field: of `Filters`; asked: its value; held: what the index has."""
        self.field = field
        match = process.extractOne(asked, held, processor=_key, scorer=fuzz.ratio, score_cutoff=_LEAST_LIKE)
        hint = f"; did you mean '{match[0]}'?" if match else "."
        listed = ", ".join(held[:_MOST_LISTED]) or "none"
        more = f" and {len(held) - _MOST_LISTED:,} more" if len(held) > _MOST_LISTED else ""
        super().__init__(f"{field} '{asked}': no document of the index has it{hint} It has: {listed}{more}")


class Holdings:
    """The values of one generation that filters compare, each kind looked up when it is first asked for."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._known: dict[str, tuple[_Value, ...]] = {}

    def names(self, field: str) -> list[str]:
        """What the documents have in a field of `mecelle.retrieval.filters.KEYWORDS`, as they write it, sorted."""
        return sorted((one.name for one in self._of(field)), key=_by_number)

    def where(self, filters: Filters) -> Where:
        """The conditions of filters, in the forms that the index has.

        Of a court or chamber case, Turkish letters and full stops do not matter; a court may be cut (`AYM`), be a part
        of the name that several share (`Bölge Adliye Mahkemesi`), and have its chamber behind it (`Yarg. HGK`).
        Raises NotHeldError for what no document has, ConfigError as `Filters.where` does.
        """
        found: list[Any] = []
        for condition in filters.where():
            if not isinstance(condition, OneOf) or condition.field not in KEYWORDS:
                found.append(condition)
            elif condition.field == "court":
                found += self._courts(str(filters.court))
            elif condition.field == "chamber":
                found.append(self._chambers(str(filters.chamber)))
            elif condition.field == "law_number":
                found.append(self._law(str(filters.law_number)))
            else:
                found.append(self._held(condition))
        return tuple(found)

    def _of(self, field: str) -> tuple[_Value, ...]:
        if field not in self._known:
            rows = self._catalogue.rows(_QUERIES[field])
            self._known[field] = tuple(_Value(row["value"], str(row["name"])) for row in rows if row["value"])
        return self._known[field]

    def _courts(self, asked: str) -> list[OneOf]:
        words = _key(asked).split()
        if courts := self._courts_of(words):
            return [OneOf("court", courts)]
        for place in range(max(0, len(words) - _MOST_CHAMBER_WORDS), len(words)):  # all would be quadratic
            chamber = " ".join(words[place:])
            if not self._is_chamber(chamber):
                continue
            courts = self._courts_of(words[:place])
            if place and not courts:
                break
            return [*([OneOf("court", courts)] if place else []), self._chambers(chamber if place else asked)]
        raise NotHeldError("court", asked, self.names("court"))

    def _courts_of(self, words: Sequence[str]) -> tuple[str, ...]:
        """The courts of this name; else those whose name holds it, word for word."""
        asked = " ".join(_cut_courts().get(word, word) for word in words)
        keys = {one.value: _key(one.name) for one in self._of("court")}
        same = tuple(value for value, key in keys.items() if key == asked)
        return same or tuple(value for value, key in keys.items() if asked and f" {asked} " in f" {key} ")

    def _is_chamber(self, said: str) -> bool:
        # What stands before a chamber is no part of it: without its own first word it is another, or none.
        named, rest = chamber_in(said), chamber_in(said.partition(" ")[2])
        known = is_cut_chamber(said) or (named is not None and named != rest)
        return known or any(_key(one.name) == said for one in self._of("chamber"))

    def _chambers(self, asked: str) -> OneOf:
        forms = {_key(short_chamber(asked)), _key(asked)}
        held = (one for one in self._of("chamber") if forms & {_key(one.value), _key(one.name)})
        if values := tuple(one.value for one in held):
            return OneOf("chamber", values)
        raise NotHeldError("chamber", asked, self.names("chamber"))

    def _law(self, asked: str) -> OneOf:
        numbers = [asked]
        if not asked.isdigit():  # an act by its name: TBK
            numbers += [key.partition(":")[0] for one in find_citations(f"{asked} m. 1") for key in one.normalised]
        for number in numbers:
            if any(one.value == number for one in self._of("law_number")):
                return OneOf("law_number", (number,))
        raise NotHeldError("law_number", asked, self.names("law_number"))

    def _held(self, condition: OneOf) -> OneOf:
        if any(one.value in condition.values for one in self._of(condition.field)):
            return condition
        field = "sections" if condition.field == "section" else condition.field
        raise NotHeldError(field, ", ".join(condition.values), self.names(condition.field))


def _key(name: str) -> str:
    """A name as it is compared: folded, in ASCII, without full stops."""
    plain = ascii_fold(fold(name))
    return " ".join(_INNER_STOP.sub("", plain).replace(".", " ").split())


@cache
def _cut_courts() -> dict[str, str]:
    return {_key(cut): _key(full) for cut, full in _CUT_COURTS.items()}


def _by_number(name: str) -> tuple[str, int]:
    """Order of names: 1. CD, 4. HD, 11. HD."""
    number = re.match(r"\d+", name)
    return re.sub(r"^\d+", "", _key(name)), int(number[0]) if number else 0
