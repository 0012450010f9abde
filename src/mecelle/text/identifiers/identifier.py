"""One identifier, its kinds and their tags."""

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["tckn", "vkn", "iban", "card", "phone", "email", "plate", "url", "address", "name"]

TAGS: dict[Kind, str] = {
    "tckn": "[TCKN]",
    "vkn": "[VKN]",
    "iban": "[IBAN]",
    "card": "[KART]",
    "phone": "[TELEFON]",
    "email": "[E-POSTA]",
    "plate": "[PLAKA]",
    "url": "[URL]",
    "address": "[ADRES]",
    "name": "[AD]",
}


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identifier; `text` is ``s[start:end]``, half-open character offsets into the text that was searched."""

    kind: Kind
    start: int
    end: int
    text: str


def identifier(kind: Kind, match: re.Match[str]) -> Identifier:
    """What `match` found, as an identifier."""
    return Identifier(kind, *match.span(), match.group())


def near(word: re.Pattern[str], s: str, match: re.Match[str], *, before: int, after: int) -> bool:
    """Whether `word` stands in the `before` characters ahead of the match or in the `after` behind it."""
    start, end = match.span()
    return bool(word.search(s[max(0, start - before) : start]) or word.search(s[end : end + after]))


def disjoint(found: Iterable[Identifier]) -> list[Identifier]:
    """Sorted by offset. Of every group that overlaps the longest stays, then what is still free beside it; of two
    equally long ones the one that came first."""
    kept: list[Identifier] = []
    for one in sorted(found, key=lambda i: i.start - i.end):
        at = bisect_left(kept, one.start, key=lambda i: i.end - 1)
        if at == len(kept) or kept[at].start >= one.end:
            kept.insert(at, one)
    return kept
