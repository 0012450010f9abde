"""Acts by name, by abbreviation and by date: the table ``data/laws.txt``."""

from dataclasses import dataclass
from functools import cache

from mecelle.text.casing import fold, without_circumflex
from mecelle.text.tables import table

UNKNOWN = "?"
"""Stands for the number of an act that a text names in a way that is not understood."""


_ROOT_CHARS = 4  # tells kanun, yasa, sözleşme and içtüzük apart
_SAME_ROOT = {"yasa": "kanu"}


@dataclass(frozen=True, slots=True)
class Law:
    """One act (kanun). `since` and `until` are ISO dates, half-open; `until` is empty for an act in force."""

    number: str
    since: str
    until: str
    names: tuple[str, ...]
    abbreviations: tuple[str, ...]


@cache
def laws() -> tuple[Law, ...]:
    """The acts of the table in its order."""
    rows = ([cell.strip() for cell in line.split("|")] for line in table("laws"))
    return tuple(
        Law(number, since, until, _listed(names, ";"), _listed(abbreviations, ","))
        for number, since, until, names, abbreviations in rows
    )


def _listed(cell: str, separator: str) -> tuple[str, ...]:
    return tuple(entry.strip() for entry in cell.split(separator) if entry.strip())


@cache
def laws_by_name() -> dict[str, tuple[Law, ...]]:
    """Acts by `name_key` of their names; several share one (Borçlar Kanunu: 818 and 6098)."""
    return _grouped([(name_key(name), law) for law in laws() for name in law.names])


@cache
def laws_by_abbreviation() -> dict[str, tuple[Law, ...]]:
    """Acts by their folded abbreviations."""
    return _grouped([(fold(short), law) for law in laws() for short in law.abbreviations])


def _grouped(pairs: list[tuple[str, Law]]) -> dict[str, tuple[Law, ...]]:
    groups: dict[str, list[Law]] = {}
    for key, law in pairs:
        groups.setdefault(key, []).append(law)
    return {key: tuple(group) for key, group in groups.items()}


def name_key(name: str) -> str:
    """A name without case, circumflex and commas, and with the root alone of its last word.

    >>> name_key("İcra ve İflâs Kanununun") == name_key("İCRA VE İFLAS YASASI")
    True
    """
    *words, last = without_circumflex(fold(name)).replace(",", " ").split()
    root = last[:_ROOT_CHARS]
    return " ".join([*words, _SAME_ROOT.get(root, root)])


def law_at(candidates: tuple[Law, ...], date: str | None) -> str:
    """The number of the candidate in force on an ISO `date`, without one (or before all) of the one in force now.

    >>> law_at(laws_by_abbreviation()["tck"], "1999-01-01"), law_at(laws_by_abbreviation()["tck"], None)
    ('765', '5237')
    """
    if date is not None:
        for law in candidates:
            if law.since <= date and (not law.until or date < law.until):
                return law.number
    return max(candidates, key=lambda law: (not law.until, law.since)).number
