"""Personal identifiers in running Turkish text, with their offsets: what a corpus must not show.

A number counts only if it proves itself: by its checksum (TCKN, IBAN, card; VKN also needs a tax word near it, since
one ten-digit number in ten passes), or by a shape that nothing else in a decision has (phone, plate, e-mail, URL). Case
numbers, law numbers, dates and amounts do not match. Names, addresses and the 444 lines of firms are not looked for.
"""

import re
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from stdnum import iban, luhn
from stdnum.tr import tckimlik, vkn

from mecelle.base.errors import InputError
from mecelle.text.tables import table

Kind = Literal["tckn", "vkn", "iban", "card", "phone", "email", "plate", "url"]

TAGS: dict[Kind, str] = {
    "tckn": "[TCKN]",
    "vkn": "[VKN]",
    "iban": "[IBAN]",
    "card": "[KART]",
    "phone": "[TELEFON]",
    "email": "[E-POSTA]",
    "plate": "[PLAKA]",
    "url": "[URL]",
}


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identifier; `text` is ``s[start:end]``, half-open character offsets into the text that was searched."""

    kind: Kind
    start: int
    end: int
    text: str


Check = Callable[[str, re.Match[str]], bool]  # the whole text and a candidate

# A candidate is not the middle of a longer number or word; "123-4" behind it would make it a part of something else.
_BEFORE = r"(?<![\w@])(?<!\d[ .,/\-])"
_AFTER = r"(?![\w@])(?![.,/\-]\d)"

_TAX_WORD = re.compile(r"[Vv][Ee][Rr][Gg][İiIı]|\bVKN\b|\bV\.\s?K\.\s?N|\bVD\b|\bV\.\s?D\b")
_PHONE_WORD = re.compile(r"[Tt][Ee][Ll](?:[Ee][Ff][Oo][Nn]|\b)|\b[Gg][Ss][Mm]\b|\b[Cc][Ee][Pp]\b|\b[Ff][Aa][Kk][Ss]\b")
_PLATE_WORD = re.compile(r"[Pp][Ll][Aa][Kk][Aa]")
_CARD_ISSUER = re.compile(
    r"3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}"  # American Express, Diners
    r"|4\d{12}(?:\d{3}){0,2}|5\d{15}|(?:222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Visa, Mastercard
    r"|(?:50|5[6-9]|6\d)\d{11,17}|9792\d{12}"  # Maestro, Discover, UnionPay; Troy
)


def _digits(s: str) -> str:
    return "".join(filter(str.isdigit, s))


def _near(word: re.Pattern[str], s: str, match: re.Match[str], *, before: int, after: int) -> bool:
    start, end = match.span()
    return bool(word.search(s[max(0, start - before) : start]) or word.search(s[end : end + after]))


def _is_tckn(s: str, match: re.Match[str]) -> bool:
    return bool(tckimlik.is_valid(_digits(match.group())))


def _is_vkn(s: str, match: re.Match[str]) -> bool:
    return bool(vkn.is_valid(_digits(match.group()))) and _near(_TAX_WORD, s, match, before=60, after=25)


def _is_iban(s: str, match: re.Match[str]) -> bool:
    return bool(iban.is_valid("TR" + _digits(match.group())))


def _is_card(s: str, match: re.Match[str]) -> bool:
    digits = _digits(match.group())
    return bool(_CARD_ISSUER.fullmatch(digits)) and bool(luhn.is_valid(digits))


def _is_phone(s: str, match: re.Match[str]) -> bool:
    """A number with 0, +90 or parentheses, or a spaced mobile number, speaks for itself; others need a word near."""
    number = match.group()
    plain = number[0] in "+0(9" or (number[0] == "5" and not number.isdigit())
    return plain or _near(_PHONE_WORD, s, match, before=30, after=15)


@cache
def _plate_lookalikes() -> frozenset[str]:
    return frozenset(table("plate_lookalikes"))


def _is_plate(s: str, match: re.Match[str]) -> bool:
    letters = next(group for group in match.groups() if group)
    plain = letters.isascii() and letters.isupper() and letters not in _plate_lookalikes()
    return plain or _near(_PLATE_WORD, s, match, before=25, after=15)


def _always(s: str, match: re.Match[str]) -> bool:
    return True


_AREA = r"(?:[234]\d[02468]|5[0-6]\d|850)"  # landline, mobile, call centre
_SEVEN_DIGITS = r"\d{3}[ .\-]?\d{2}[ .\-]?\d{2}"
_DOMAIN = r"(?:[\w\-]+\.)+"
_PUBLIC_SUFFIX = (
    r"(?:(?:com|net|org|gov|edu|av|bel|gen|k12|pol|tsk|web|info|biz|name|dr|kep|uets)\.tr|com|net|org|edu|gov|info)"
)
# In order of priority where two candidates share a span. Provinces are 01-81; plates have no Ç, Ğ, İ, Ö, Q, Ş, Ü, W, X.
_RULES: tuple[tuple[Kind, re.Pattern[str], Check], ...] = (
    ("iban", re.compile(r"(?<![\w@])[Tt][Rr](?:[ .\-\xa0]?\d){24}(?!\d)"), _is_iban),
    ("card", re.compile(rf"{_BEFORE}\d{{13,19}}{_AFTER}"), _is_card),
    ("card", re.compile(r"(?<![\w@])(?<!\d[ \-])(?:\d{4}[ \-]){3}\d{4}(?:[ \-]\d{3})?(?!\w)"), _is_card),
    ("card", re.compile(r"(?<![\w@])(?<!\d[ \-])\d{4}[ \-]\d{6}[ \-]\d{4,5}(?!\w)"), _is_card),
    ("tckn", re.compile(rf"{_BEFORE}[1-9]\d{{10}}{_AFTER}"), _is_tckn),
    ("tckn", re.compile(rf"{_BEFORE}[1-9]\d\d \d{{3}} \d{{3}} \d\d{_AFTER}"), _is_tckn),
    (
        "phone",
        re.compile(
            r"(?<![\w@/])(?<!\d[.,\-])"
            r"(?:(?:\+|00)?90[ .\-]?(?:\(0\)[ ]?)?|0[ .\-]?|\(0)?"
            rf"(?:\(?0?{_AREA}\)|{_AREA})[ .\-/]?{_SEVEN_DIGITS}{_AFTER}"
        ),
        _is_phone,
    ),
    ("vkn", re.compile(rf"{_BEFORE}\d{{10}}{_AFTER}"), _is_vkn),
    ("vkn", re.compile(rf"{_BEFORE}\d{{3}} \d{{3}} (?:\d\d \d\d|\d{{4}}){_AFTER}"), _is_vkn),
    ("email", re.compile(rf"(?<![\w.+\-])[\w.+\-]*\w@{_DOMAIN}[^\W\d_]{{2,}}"), _always),
    ("url", re.compile(r"(?<!\w)(?:https?://|www\.)[^\s<>\"'’“”()\[\]{}|]*[\w/]", re.IGNORECASE), _always),
    (
        "url",
        re.compile(rf"(?<![\w.@\-]){_DOMAIN}{_PUBLIC_SUFFIX}(?![\w@])(?!\.\w)(?:/[^\s<>\"'’“”()]*[\w/])?"),
        _always,
    ),
    (
        "plate",
        re.compile(
            rf"{_BEFORE}(?:0[1-9]|[1-7]\d|8[01])[ \-]?"
            r"(?:([A-PR-VYZa-pr-vyz])[ \-]?\d{4,5}|([A-PR-VYZa-pr-vyz]{2})[ \-]?\d{3,4}"
            rf"|([A-PR-VYZa-pr-vyz]{{3}})[ \-]?\d{{2,3}}){_AFTER}"
        ),
        _is_plate,
    ),
)


def _candidates(s: str) -> Iterator[Identifier]:
    for kind, pattern, proves in _RULES:
        for match in pattern.finditer(s):
            if proves(s, match):
                yield Identifier(kind, *match.span(), match.group())


def _disjoint(found: Iterable[Identifier]) -> list[Identifier]:
    """The longest of every overlapping group, then what is still free; equal lengths keep the order of the rules."""
    kept: list[Identifier] = []
    for one in sorted(found, key=lambda i: i.start - i.end):
        at = bisect_left(kept, one.start, key=lambda i: i.end - 1)
        if at == len(kept) or kept[at].start >= one.end:
            insort(kept, one, key=lambda i: i.start)
    return kept


def find_identifiers(s: str) -> list[Identifier]:
    """Identifiers of the text, sorted by offset and disjoint; of two that overlap the longer stays.

    >>> [(i.kind, i.text) for i in find_identifiers("TCKN 10000000146, esas 2019/1234, tel: 0532 123 45 67")]
    [('tckn', '10000000146'), ('phone', '0532 123 45 67')]
    """
    return _disjoint(_candidates(s))


def mask(s: str, found: Sequence[Identifier]) -> str:
    """The text with each identifier of `found` replaced by its tag (`TAGS`); all other characters stay.

    Raises InputError if an identifier does not stand in `s` at its offsets, or two of them overlap.
    """
    pieces: list[str] = []
    done = 0
    for one in sorted(found, key=lambda i: i.start):
        if one.start < done or s[one.start : one.end] != one.text:
            raise InputError(
                f"{one.kind} at characters {one.start}-{one.end} does not fit the text, or overlaps the one before it; "
                "mask the same text that was searched, with the list that find_identifiers gave"
            )
        pieces += s[done : one.start], TAGS[one.kind]
        done = one.end
    return "".join(pieces) + s[done:]
