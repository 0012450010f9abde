"""Turkish dates: 29.05.2024, 29/5/2024, 29 Mayıs 2024."""

import re
from datetime import date
from functools import cache

from mecelle.text.casing import fold
from mecelle.text.tables import table

# One group for the whole date, so that other patterns can be built around it.
DATE = r"(\d{1,2}\s?[./]\s?\d{1,2}\s?[./]\s?\d{4}|\d{1,2}\s+[^\W\d_]{4,7}\s+\d{4})"
_PARTS = re.compile(r"(\d{1,2})\W+(\d{1,2}|[^\W\d_]+)\W+(\d{4})")


@cache
def _months() -> dict[str, int]:
    return {name: number for number, name in enumerate(table("months"), 1)}


def iso_date(s: str) -> str | None:
    """The one date that `s` is, as ``2024-05-29``; None if it is none or does not exist (31.02.2020).

    >>> iso_date("29.05.2024"), iso_date("29 Mayıs 2024"), iso_date("31/02/2020")
    ('2024-05-29', '2024-05-29', None)
    """
    match = _PARTS.fullmatch(s.strip())
    if match is None:
        return None
    day, month, year = match.groups()
    month_number = int(month) if month.isdigit() else _months().get(fold(month), 0)
    try:
        return date(int(year), month_number, int(day)).isoformat()
    except ValueError:
        return None


def turkish_date(iso: str) -> str:
    """``2024-05-29`` as ``29.05.2024``. Raises ValueError for another form."""
    return date.fromisoformat(iso).strftime("%d.%m.%Y")
