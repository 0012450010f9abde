"""Numbers in a Turkish text with what they count: `otuz gün`, `%15`, `1.250,75 TL`, `29.05.2024`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mecelle.text.casing import fold
from mecelle.text.dates import DATE, iso_date

_ONES = {"sıfır": 0, "bir": 1, "iki": 2, "üç": 3, "dört": 4, "beş": 5, "altı": 6, "yedi": 7, "sekiz": 8, "dokuz": 9}
_TENS = {
    "on": 10, "yirmi": 20, "otuz": 30, "kırk": 40, "elli": 50, "altmış": 60, "yetmiş": 70, "seksen": 80, "doksan": 90,
}  # fmt: skip
_SCALES = {"bin": 1_000, "milyon": 1_000_000, "milyar": 1_000_000_000}
_ORDINALS = {
    "birinci": 1, "ikinci": 2, "üçüncü": 3, "dördüncü": 4, "beşinci": 5, "altıncı": 6, "yedinci": 7, "sekizinci": 8,
    "dokuzuncu": 9, "onuncu": 10,
}  # fmt: skip
_WORDS = _ONES | _TENS | _SCALES | {"yüz": 100}
_FRACTIONS = {"yarım": "0.5", "buçuk": "0.5", "yarısı": "0.5"}

_UNITS = ("gün", "hafta", "ay", "yıl", "saat", "dakika", "lira", "tl", "euro", "dolar", "yaş", "kişi", "kat", "taksit",
          "metre", "gram", "kilo", "derece", "oy", "üye", "hakim", "tanık")  # fmt: skip
_SAME_UNIT = {"sene": "yıl", "₺": "lira", "tl": "lira", "türk lira": "lira", "try": "lira"}
_SUFFIX = r"(?:l[ıiuü][kğ])?(?:l[ae]r)?(?:[ıiuü]m[ıiuü]z|s?[ıiuü]n?)?(?:n?[dt][ae]n?|[yn]?[ae]|n?[ıiuü]n)?(?:k[iı])?"
_UNIT = re.compile(
    rf"\s*'?(?:\w{{1,4}}\s)?(?P<unit>türk lira|sene|₺|try|{'|'.join(_UNITS)})(?:(?:{_SUFFIX})|ya|ye)(?!\w)"
)
_NUMBER_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
_FOUND = re.compile(
    rf"(?<!\w)(?P<date>{DATE})"
    r"|(?:%\s?|(?<!\w)yüzde\s)(?P<percent>\d+(?:[.,]\d+)?|[^\W\d_]+)"
    r"|(?<![\w.,/])(?P<digits>\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?)"
    rf"|(?<!\w)(?P<ordinal>{'|'.join(_ORDINALS)})(?!\w)"
    rf"|(?<!\w)(?P<fraction>{'|'.join(_FRACTIONS)})\w*"
    rf"|(?<!\w)(?P<words>(?:(?:{_NUMBER_WORD})(?:\s(?=(?:{_NUMBER_WORD})(?!\w)))?)+)(?:ar|er|şar|şer)?(?!\w)"
)
_ONE_WORD = re.compile(_NUMBER_WORD)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, without leading or trailing zeros, and what it counts."""

    value: str
    """Decimal number, or an ISO date."""
    unit: str | None
    start: int
    end: int


def quantities(text: str) -> list[Quantity]:
    """The numbers of a text, in order, written in digits or in words.

    `bir` counts only before a unit, since it is the article as well. Parts of a number behind a slash (2024/3494) are
    one number each.

    >>> [(one.value, one.unit) for one in quantities("otuz gün içinde %15 faiz, 1.250,50 TL ve on beş yıl")]
    [('30', 'gün'), ('15', '%'), ('1250.5', 'lira'), ('15', 'yıl')]
    """
    return list(_quantities(fold(text)))


def _quantities(s: str) -> Iterator[Quantity]:
    for match in _FOUND.finditer(s):
        kind = str(match.lastgroup)
        said = match[kind]
        unit_match = _UNIT.match(s, match.end()) if kind in ("digits", "words", "fraction") else None
        unit = unit_match["unit"] if unit_match else None
        unit = _SAME_UNIT.get(unit, unit) if unit else None
        if kind == "date":
            value: str | None = iso_date(said) or said
        elif kind == "percent":
            value, unit = _decimal(said) if said[0].isdigit() else _in_words(said), "%"
        elif kind == "digits":
            value = _decimal(said)
        elif kind == "ordinal":
            value = str(_ORDINALS[said])
        elif kind == "fraction":
            value = _FRACTIONS[said]
        else:
            value = _in_words(said)
            if said.strip() == "bir" and unit is None:
                continue
        if value is not None:
            yield Quantity(value, unit, match.start(), match.end())


def _decimal(digits: str) -> str:
    whole, _, part = digits.partition(",") if "," in digits or digits.count(".") != 1 else digits.partition(".")
    if len(part) == 3 and "," not in digits and digits.count(".") == 1:  # 1.250 is a thousand and more
        whole, part = whole + part, ""
    whole = whole.replace(".", "").lstrip("0") or "0"
    part = part.rstrip("0")
    return f"{whole}.{part}" if part else whole


def _in_words(said: str) -> str | None:
    """`on beş`, `onbeş`, `yirmi bin beş yüz`; None for a word that is no number."""
    words = _ONE_WORD.findall(said.replace(" ", ""))
    if not words or "".join(words) != said.replace(" ", ""):
        return None
    total = part = 0
    for word in words:
        if word in _SCALES:
            total, part = total + (part or 1) * _SCALES[word], 0
        elif word == "yüz":
            part = (part or 1) * 100
        else:
            part += _WORDS[word]
    return str(total + part)
