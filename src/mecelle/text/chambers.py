"""Chambers (daire, kurul, bölüm) of high and regional courts: found in a header, in one form, cut for citations."""

import re
from functools import cache

from mecelle.text.casing import fold, title
from mecelle.text.tables import table

_CHAMBER = re.compile(
    r"(?P<number>\d{1,2})\s?\.?\s?(?P<name>(?:hukuk|ceza|(?:idari|vergi)\s+dava)\s+dairesi|daire\b)"
    r"|(?<![^\W\d_])(?P<word>(?:on\s?|yirmi\s?)?[^\W\d_]+)\s+"
    r"(?P<spelled>(?:hukuk|ceza|(?:idari|vergi)\s+dava)\s+dairesi|daire\b|bölüm\b)"
    r"|(?P<board>(?:içtihadı\s+birleştirme\s+)?(?:hukuk|ceza|büyük)\s+genel\s+kurulu|içtihadı\s+birleştirme\s+kurulu"
    r"|(?:idari|vergi)\s+dava\s+daireleri\s+(?:genel\s+)?kurulu|(?:hukuk|ceza)\s+daireleri\s+başkanlar\s+kurulu"
    r"|(?<!\w)genel\s+kurul\b)"
)


@cache
def _ordinals() -> dict[str, int]:
    return {word: number for number, word in enumerate(table("ordinals"), 1)}


@cache
def _abbreviations() -> tuple[tuple[str, str], ...]:
    pairs = (line.split(" = ") for line in table("chamber_abbreviations"))
    return tuple((fold(name), short) for name, short in pairs)


def chamber_in(s: str) -> str | None:
    """The first chamber that `s` names, in one form, None without one.

    Forms are ``4. Hukuk Dairesi``, ``3. Daire``, ``Hukuk Genel Kurulu``, ``Birinci Bölüm``.

    >>> chamber_in("DANIŞTAY ÜÇÜNCÜ DAİRE"), chamber_in("YARGITAY 4. HUKUK DAİRESİ")
    ('3. Daire', '4. Hukuk Dairesi')
    """
    for match in _CHAMBER.finditer(fold(s)):
        if match["number"]:
            return f"{int(match['number'])}. {_named(match['name'])}"
        if match["board"]:
            return _named(match["board"])
        number = _ordinals().get("".join(match["word"].split()))
        if number is None:
            continue
        if match["spelled"] == "bölüm":
            return f"{title(match['word'])} Bölüm"
        return f"{number}. {_named(match['spelled'])}"
    return None


def _named(folded: str) -> str:
    return title(" ".join(folded.split()))


def chamber_abbreviation(chamber: str) -> str:
    """The chamber as citations write it (``4. HD``, ``HGK``, ``3. D``); one without an abbreviation stays as it is.

    >>> chamber_abbreviation("4. Hukuk Dairesi"), chamber_abbreviation("Birinci Bölüm")
    ('4. HD', 'Birinci Bölüm')
    """
    number, dot, name = chamber.rpartition(". ")
    for full, short in _abbreviations():
        if fold(name) == full:
            return number + dot + short
    return chamber
