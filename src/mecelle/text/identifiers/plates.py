"""Number plates of vehicles (plaka)."""

import re
from collections.abc import Iterator
from functools import cache

from mecelle.text.casing import ascii_fold, upper
from mecelle.text.citations.laws import laws
from mecelle.text.identifiers.identifier import Identifier, identifier, near
from mecelle.text.tables import table

_PLATE_WORD = re.compile(r"[Pp][Ll][Aa][Kk][Aa]")
# Provinces are 01-81; plates have no Ç, Ğ, İ, Ö, Q, Ş, Ü, W, X. The pattern starts with a digit, and only then looks
# back, because `re` jumps to the next digit but tries a lookbehind at every character: a quarter of the time.
_PLATE = re.compile(
    r"[0-8](?<![\w@].)(?<!\d[ .,/\-].)[0-9](?<!00)(?<!8[2-9])[ \-]?"
    r"(?:([A-PR-VYZa-pr-vyz])[ \-]?\d{4,5}|([A-PR-VYZa-pr-vyz]{2})[ \-]?\d{3,4}"
    r"|([A-PR-VYZa-pr-vyz]{3})[ \-]?\d{2,3})(?![\w@])(?![.,/\-]\d)"
)


def find_plates(s: str) -> Iterator[Identifier]:
    """Plates in capitals; with small letters, or those of a unit, a chamber or an act, only near "plaka"."""
    for match in _PLATE.finditer(s):
        letters = next(group for group in match.groups() if group)
        plain = letters.isascii() and letters.isupper() and letters not in _lookalikes()
        if plain or near(_PLATE_WORD, s, match, before=25, after=15):
            yield identifier("plate", match)


@cache
def _lookalikes() -> frozenset[str]:
    acts = (ascii_fold(upper(short)) for law in laws() for short in law.abbreviations)  # "49 TBK 51", "12 IIK 67"
    return frozenset(table("plate_lookalikes")).union(acts)
