"""Numbers in a Turkish text with what they count: `otuz gün`, `üçte ikisi`, `%15`, `1.250,75 TL`, `29.05.2024`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import akana

from mecelle.text.casing import fold
from mecelle.text.dates import DATE, iso_date

# Number words as they stand in a number. "altın" is gold or its underside, "bina" a building.
_ONES = r"(?:sıfır|bir|iki|üç|dör[td]|beş|altı(?!n(?!c))|yedi|sekiz|dokuz)"
_TENS = r"(?:on|yirmi|otuz|kırk|elli|altmış|yetmiş|seksen|doksan)"
_SCALES = r"(?:bin(?!a(?!lt))|milyon|milyar)"
_BELOW_HUNDRED = rf"(?:{_TENS}(?:\s?{_ONES})?|{_ONES})"
_BELOW_THOUSAND = rf"(?:(?:{_ONES}\s?)?yüz(?:\s?{_BELOW_HUNDRED})?|{_BELOW_HUNDRED})"
_SCALED = rf"{_SCALES}(?:\s?{_BELOW_THOUSAND})?"
_WORDS = rf"(?:{_BELOW_THOUSAND}|{_SCALED})(?:\s?{_SCALED})*"
_ONE_WORD = re.compile(rf"{_SCALES}|yüz|{_TENS}|{_ONES}")
_DIGITS = r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?"

_TIMES = ("gün", "hafta", "ay", "yıl")
_UNITS = (*_TIMES, "saat", "dakika", "lira", "tl", "euro", "dolar", "yaş", "kişi", "kat", "taksit", "metre", "gram",
          "kilo", "derece", "oy", "üye", "hakim", "tanık")  # fmt: skip
_SAME_UNIT = {"sene": "yıl", "işgün": "iş gün", "₺": "lira", "tl": "lira", "türk lira": "lira", "try": "lira"}
_CASE = r"(?:s?[ıiuü]n?)?(?:n?[dt][ae]n?|[yn]?[ae]|[yn]?[ıiuü]n?|y?l[ae]|[cç][ae])?"
_COPULA = r"(?:y?[dt][ıiuü](?:r(?:l[ae]r)?)?)?"
_UNIT_SUFFIX = rf"(?:l[ıiuü][kğ])?(?:l[ae]r)?(?:[ıiuü]m[ıiuü]z)?{_CASE}(?:k[iı])?{_COPULA}"
_UNIT = re.compile(
    r"\s*'?(?:(?!iş\s)\w{1,4}\s)?"
    rf"(?P<unit>türk lira|sene|₺|try|iş\s?gün|{'|'.join(_UNITS)}){_UNIT_SUFFIX}(?!\w)"
)
_FOUND = re.compile(
    rf"(?<!\w)(?P<date>{DATE})"
    r"|%\s?(?P<percent>\d+(?:[.,]\d+)?)"
    rf"|(?<!\w)(?P<whole>{_WORDS})[dt][ae]\s(?P<part>(?:\d+(?:[.,]\d+)?|{_WORDS})(?:\s?buçuk)?){_CASE}{_COPULA}(?!\w)"
    r"|(?<![\w.,/])(?P<slashed>\d+(?:/\d+)+)"
    rf"|(?<![\w.,/])(?P<digits>(?:{_DIGITS})(?:\s(?:buçuk|{_SCALES})(?!\w))?)"
    rf"(?:\.(?=\s(?:{'|'.join(_TIMES)})))?"
    r"|(?<!\w)(?P<half>yarı(?:m|sı\w*|ya|dan)?)(?!\w)"
    # Alone and with a suffix these are other words: "onun" is his, "yüzünden" because of, "biri" one of.
    rf"|(?<!\w)(?!(?:on|yüz|bin|bir)(?=\w)(?!yedi){_CASE}{_COPULA}(?!\w))(?P<words>{_WORDS}(?:\s?buçuk)?)"
    rf"(?:(?P<ordinal>[ıiuü]?nc[ıiuü])|ş?[ae]r(?!\w))?{_CASE}{_COPULA}(?!\w)"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, without leading or trailing zeros, and what it counts."""

    value: str
    """Decimal number, a fraction (`2/3`), numbers with a slash as written (`2024/3494`), or an ISO date."""
    unit: str | None
    start: int
    end: int


def quantities(text: str) -> list[Quantity]:
    """The numbers of a text, in order, written in digits or in words, with their suffixes; ordinals count as numbers.

    `bir` counts only before a unit other than `kişi`, since it is the article as well.

    >>> [(one.value, one.unit) for one in quantities("otuz gündür, %15 faiz, 1.250,50 TL, üçte ikisi, on beşinci yıl")]
    [('30', 'gün'), ('15', '%'), ('1250.5', 'lira'), ('2/3', None), ('15', 'yıl')]
    """
    return list(_quantities(fold(text)))


def _quantities(s: str) -> Iterator[Quantity]:
    for match in _FOUND.finditer(s):
        said = match.groupdict()
        unit = _unit(s, match.end()) if said["digits"] or said["words"] or said["half"] else None
        if said["ordinal"] and unit not in _TIMES:  # "üçüncü kişi" is the "üçüncü şahıs" as well
            unit = None
        if said["date"]:
            value = iso_date(said["date"]) or said["date"]
        elif said["percent"]:
            value, unit = _value(said["percent"]), "%"
        elif said["whole"] == "yüz":
            value, unit = _value(said["part"]), "%"
        elif said["whole"]:
            value = f"{_value(said['part'])}/{_value(said['whole'])}"
        elif said["slashed"]:
            value = "/".join(part.lstrip("0") or "0" for part in said["slashed"].split("/"))
        elif said["half"]:
            value = "1/2"
        elif said["words"] == "bir" and unit in (None, "kişi") and not said["ordinal"]:
            continue
        else:
            value = _value(said["digits"] or said["words"])
        yield Quantity(value, unit, match.start(), match.end())


def _unit(s: str, at: int) -> str | None:
    match = _UNIT.match(s, at)
    return _SAME_UNIT.get(match["unit"], match["unit"]) if match else None


def _value(said: str) -> str:
    """`on beş`, `onbeş`, `iki buçuk`, `250 bin`, `1.250,50`."""
    digits = re.match(r"\d[\d.,]*", said)
    value = _decimal(digits[0]) if digits else Decimal(1)
    if numerals := _ONE_WORD.findall(said):
        value *= int(akana.words_to_number(" ".join(numerals).replace("dörd", "dört")))
    if said.endswith("buçuk"):
        value += Decimal("0.5")
    return f"{value.normalize():f}"


def _decimal(digits: str) -> Decimal:
    is_grouped = digits.count(".") > 1 or len(digits.partition(".")[2]) == 3  # 1.250 is a thousand and more
    whole, comma, part = digits.partition(",")
    return Decimal((whole.replace(".", "") if comma or is_grouped else whole) + (f".{part}" if comma else ""))
