"""Numbers in a Turkish text with what they count: `otuz gün`, `üçte ikisi`, `%15`, `1.250,75 TL`, `29.05.2024`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import akana

from mecelle.text.casing import fold
from mecelle.text.dates import DATE, iso_date

# As they stand in a number. "altın" is gold or its underside, "bina" a building.
_ONES = r"(?:sıfır|bir|iki|üç|dör[td]|beş|altı(?!n(?!c))|yedi|sekiz|dokuz)"
_TENS = r"(?:on|yirmi|otuz|kırk|elli|altmış|yetmiş|seksen|doksan)"
_SCALES = r"(?:bin(?!a)|milyon|milyar)"
_BELOW_HUNDRED = rf"(?:{_TENS}(?:\s?{_ONES})?|{_ONES})"
_BELOW_THOUSAND = rf"(?:(?:{_ONES}\s?)?yüz(?:\s?{_BELOW_HUNDRED})?|{_BELOW_HUNDRED})"
_SCALED = rf"\s?{_SCALES}(?:\s?{_BELOW_THOUSAND})?"
_WORDS = rf"(?:{_BELOW_THOUSAND}|{_SCALES}(?:\s?{_BELOW_THOUSAND})?)(?:{_SCALED})*"
_ONE_WORD = re.compile(rf"{_SCALES}|yüz|{_TENS}|{_ONES}")
_DIGITS = r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?"

_UNITS = ("gün", "hafta", "ay", "yıl", "saat", "dakika", "lira", "tl", "euro", "dolar", "yaş", "kişi", "kat", "taksit",
          "metre", "gram", "kilo", "derece", "oy", "üye", "hakim", "tanık")  # fmt: skip
_SAME_UNIT = {"sene": "yıl", "₺": "lira", "tl": "lira", "türk lira": "lira", "try": "lira", "işgün": "iş gün"}
_CASE = r"(?:s?[ıiuü]n?)?(?:n?[dt][ae]n?|[yn]?[ae]|[yn]?[ıiuü]n?|y?l[ae])?"
_COPULA = r"(?:y?[dt][ıiuü](?:r(?:l[ae]r)?)?)?"
_SUFFIX = rf"(?:l[ıiuü][kğ])?(?:l[ae]r)?(?:[ıiuü]m[ıiuü]z)?{_CASE}(?:k[iı])?{_COPULA}"
_ORDINAL = r"[ıiuü]?nc[ıiuü]"
_UNIT = re.compile(
    rf"\.?\s*'?(?:(?!iş\s)\w{{1,4}}\s)?(?P<unit>türk lira|sene|₺|try|iş\s?gün|{'|'.join(_UNITS)}){_SUFFIX}(?!\w)"
)
_FOUND = re.compile(
    rf"(?<!\w)(?P<date>{DATE})"
    rf"|%\s?(?P<percent>{_DIGITS})"
    rf"|(?<!\w)(?P<whole>{_WORDS})[dt][ae]\s(?P<part>(?:{_DIGITS}|{_WORDS})(?:\s?buçuk)?){_CASE}{_COPULA}(?!\w)"
    r"|(?<![\w.,/])(?P<slashed>\d+(?:/\d+)+)"
    rf"|(?<![\w.,/])(?P<digits>(?:{_DIGITS})(?:\s(?:buçuk|{_SCALES})(?!\w))?)"
    r"|(?<!\w)(?P<half>yarı(?:m|sı\w*|ya|dan)?)(?!\w)"
    # "yüzünden" is because of, "onun" his, "bine" on boarding, "biri" someone: alone, these four count as they are.
    rf"|(?<!\w)(?P<words>(?:on|yüz|bin|bir)(?!\w)|(?!(?:on|yüz|bin|bir){_CASE}{_COPULA}(?!\w)){_WORDS}(?:\s?buçuk)?)"
    rf"(?:{_ORDINAL}|ş?[ae]r(?!\w))?{_CASE}{_COPULA}(?!\w)"
)
