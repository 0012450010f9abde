"""Numbers that belong to one person or firm: TCKN, VKN, IBAN, card, telephone."""

import re
from collections.abc import Callable, Iterator

from stdnum import iban, luhn
from stdnum.tr import tckimlik, vkn

from mecelle.text.identifiers.identifier import Identifier, Kind, identifier, near

# Ten digits or more with at most three separators between two of them: what every number of this file is, and what
# few other numbers are. The rules below look at such runs alone.
_RUN = re.compile(r"[0-9](?:[ .\-/()\xa0]{0,3}[0-9]){9,}")
_AHEAD = 3  # characters before the first digit that may belong to the number: "TR ", "+", "("
_BEHIND = 2  # characters behind the last digit that a rule looks at

# A candidate is not the middle of a longer number or word; "123-4" behind it would make it a part of something else.
_BEFORE = r"(?<![\w@])(?<!\d[ .,/\-])"
_AFTER = r"(?![\w@])(?![.,/\-]\d)"

_TAX_WORD = re.compile(r"[Vv][Ee][Rr][Gg][İiIı]|\bVKN\b|\bV\.\s?K\.\s?N|\bVD\b|\bV\.\s?D\b")
_PHONE_WORD = re.compile(r"[Tt][Ee][Ll](?:[Ee][Ff][Oo][Nn]|\b)|\b[Gg][Ss][Mm]\b|\b[Cc][Ee][Pp]\b|\b[Ff][Aa][Kk][Ss]\b")
_JOINED = re.compile(r"(?:/|\d[,\-])\Z")  # in front of what is a part of another number, unless that is a phone
_CARD_ISSUER = re.compile(
    r"3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}"  # American Express, Diners
    r"|4\d{12}(?:\d{3}){0,2}|5\d{15}|(?:222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Visa, Mastercard
    r"|(?:50|5[6-9]|6\d)\d{11,17}|9792\d{12}"  # Maestro, Discover, UnionPay; Troy
)


def digits_of(s: str) -> str:
    """The digits of `s`, in order."""
    return "".join(filter(str.isdigit, s))


def _is_tckn(s: str, match: re.Match[str]) -> bool:
    return bool(tckimlik.is_valid(digits_of(match.group())))


# Two check digits prove more than the surroundings: a column of a table, a second TCKN, a word without its space.
_AHEAD_OF_TCKN = re.compile(
    r"([0-9]+)([ .,/\-])\Z|(?<!\w)(?:T\.?C\.?(?:K[Nn]?)?(?:N[Oo])?|N[Oo]|[Tt]c(?:kn)?|no)\Z|[\w@]\Z"
)
_BEHIND_TCKN = re.compile(r"([.,/\-])([0-9]+)|[^\W\d_]{2}|[\w@]")
_LONGEST_NEIGHBOUR = 30  # characters looked at


def _is_lone_tckn(s: str, match: re.Match[str]) -> bool:
    if not _is_tckn(s, match):
        return False
    ahead = _AHEAD_OF_TCKN.search(s, max(0, match.start() - _LONGEST_NEIGHBOUR), match.start())
    behind = _BEHIND_TCKN.match(s, match.end(), match.end() + _LONGEST_NEIGHBOUR)
    return (ahead is None or _may_be_ahead(ahead)) and (behind is None or _may_be_behind(behind))


def _may_be_ahead(found: re.Match[str]) -> bool:
    number, mark = found.groups()
    if number is None:
        return len(found.group()) > 1  # "TC", "no"; one character is the end of some other word
    if tckimlik.is_valid(number):
        return True
    if mark == "/":  # "2019/10000000146" is one number
        return len(number) <= 3
    return mark in " ," and (len(number) <= 4 or len(number) >= 10)


def _may_be_behind(found: re.Match[str]) -> bool:
    mark, number = found.groups()
    if number is None:
        return len(found.group()) > 1  # "nolu", but not "10000000146A"
    # A comma and up to three digits are a fraction.
    return bool(tckimlik.is_valid(number)) or (mark == "/" and len(number) <= 4) or (mark == "," and len(number) == 4)


def _is_vkn(s: str, match: re.Match[str]) -> bool:
    return bool(vkn.is_valid(digits_of(match.group()))) and near(_TAX_WORD, s, match, before=60, after=25)


def _is_iban(s: str, match: re.Match[str]) -> bool:
    return bool(iban.is_valid("TR" + digits_of(match.group())))


def _is_card(s: str, match: re.Match[str]) -> bool:
    digits = digits_of(match.group())
    return bool(_CARD_ISSUER.fullmatch(digits)) and bool(luhn.is_valid(digits))


def _is_phone(s: str, match: re.Match[str]) -> bool:
    """A number with 0, +90 or parentheses, or a spaced mobile number, speaks for itself; others need a word near."""
    ahead = max(0, match.start() - _LONGEST_NEIGHBOUR), match.start()
    if _JOINED.search(s, *ahead) and not _PHONE_AHEAD.search(s, *ahead):
        return False
    number = match.group(1)
    plain = number[0] in "+0(9" or (number[0] == "5" and not number.isdigit())
    return plain or near(_PHONE_WORD, s, match, before=30, after=15)


# Landline (the plan's area codes are even), mobile, call centre.
_AREA = r"(?:[234]\d[02468]|5[0-6]\d|850)"
_SEVEN_DIGITS = r"\d{3}[ .\-]?\d{2}[ .\-]?\d{2}"
# Further lines and extensions: "45 67-68", "45 67/102"; the number of another phone is none.
_LINES = rf"(?:[/\-](?!0?{_AREA}[ .\-/]?\d{{3}})\d{{1,4}}(?!\d)){{0,3}}"
_PHONE_AHEAD = re.compile(rf"{_SEVEN_DIGITS}{_LINES}[/,\-]\Z")
# In order of priority where two candidates share a span.
_RULES: tuple[tuple[Kind, re.Pattern[str], Callable[[str, re.Match[str]], bool]], ...] = (
    ("iban", re.compile(r"(?<![\w@])[Tt][Rr](?:[ .\-\xa0]?\d){24}(?!\d)"), _is_iban),
    ("card", re.compile(rf"{_BEFORE}\d{{13,19}}{_AFTER}"), _is_card),
    ("card", re.compile(r"(?<![\w@])(?<!\d[ \-])(?:\d{4}[ \-]){3}\d{4}(?:[ \-]\d{3})?(?!\w)"), _is_card),
    ("card", re.compile(r"(?<![\w@])(?<!\d[ \-])\d{4}[ \-]\d{6}[ \-]\d{4,5}(?!\w)"), _is_card),
    ("tckn", re.compile(r"(?<!\d)[1-9]\d{10}(?!\d)"), _is_lone_tckn),
    ("tckn", re.compile(rf"{_BEFORE}[1-9]\d\d \d{{3}} \d{{3}} \d\d{_AFTER}"), _is_tckn),
    (
        "phone",
        re.compile(
            r"(?<![\w@])(?<!\d\.)"
            r"((?:(?:\+|00)?90[ .\-]?(?:\(0\)[ ]?)?|0[ .\-]?|\(0)?"
            rf"(?:\(?0?{_AREA}\)|{_AREA})[ .\-/]?{_SEVEN_DIGITS}){_LINES}(?:(?=[/,\-][0+(])|{_AFTER})"
        ),
        _is_phone,
    ),
    ("vkn", re.compile(rf"{_BEFORE}\d{{10}}{_AFTER}"), _is_vkn),
    ("vkn", re.compile(rf"{_BEFORE}\d{{3}} \d{{3}} (?:\d\d \d\d|\d{{4}}){_AFTER}"), _is_vkn),
)


def find_numbers(s: str) -> Iterator[Identifier]:
    """All numbers of this file that prove themselves; two kinds may overlap."""
    for run in _RUN.finditer(s):
        start, end = max(0, run.start() - _AHEAD), run.end() + _BEHIND
        for kind, pattern, proves in _RULES:
            for match in pattern.finditer(s, start, end):
                if proves(s, match):
                    yield identifier(kind, match)
