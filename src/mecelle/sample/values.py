"""Makers of the values that fill slots: amounts, dates, numbers, initials, plates, parcels."""

import random
from collections.abc import Callable
from types import MappingProxyType
from typing import Final

_INITIALS: Final = "ABCÇDEFGHİKLMNOÖPRSŞTUÜVYZ"
_SURNAME_INITIALS: Final = "ABÇDEGKMÖSTUYZ"


def thousands(number: int) -> str:
    """A whole number with the Turkish thousands separator: 12.450."""
    return f"{number:,}".replace(",", ".")


def amount(rng: random.Random) -> str:
    """A sum without its currency: '12.450,00', '45.000', '3.274,56'."""
    size = rng.choice((1_000, 1_000, 10_000, 10_000, 100_000))
    whole = rng.randint(size, size * 9)
    style = rng.random()
    if style < 0.4:
        return thousands(round(whole, -2))
    if style < 0.75:
        return f"{thousands(whole)},{rng.randint(0, 99):02d}"
    return f"{thousands(whole)},00"


def fee(rng: random.Random) -> str:
    """A court fee or an advocate's fee, without its currency."""
    return f"{thousands(rng.randint(3, 220) * 100)},{rng.choice((0, 0, 40, 75)):02d}"


def date(rng: random.Random, first: int = 2009, last: int = 2022) -> str:
    """A day between two years, written 12.03.2019."""
    return f"{rng.randint(1, 28):02d}.{rng.randint(1, 12):02d}.{rng.randint(first, last)}"


def docket(rng: random.Random, first: int = 2009, last: int = 2022) -> str:
    """A case number of a court: 2015/418."""
    return f"{rng.randint(first, last)}/{rng.randint(12, 1900)}"


def person(rng: random.Random) -> str:
    """A person as published decisions show one: A.Y."""
    return f"{rng.choice(_INITIALS)}.{rng.choice(_SURNAME_INITIALS)}."


def parcel(rng: random.Random) -> str:
    """A parcel of land: '112 ada 7 parsel'."""
    return f"{rng.randint(101, 4800)} ada {rng.randint(1, 96)} parsel"


def _number(low: int, high: int, step: int = 1) -> Callable[[random.Random], str]:
    return lambda rng: str(rng.randrange(low, high + 1, step))


MAKERS: Final[MappingProxyType[str, Callable[[random.Random], str]]] = MappingProxyType(
    {
        "amount": amount,
        "fee": fee,
        "date": date,
        "docket": docket,
        "person": person,
        "parcel": parcel,
        "days": _number(3, 60),
        "months": _number(2, 24),
        "years": _number(2, 20),
        "percent": _number(5, 95, 5),
        "km": _number(12, 240),
        "area": _number(60, 950, 5),
        "home": _number(55, 190, 5),
        "floor": _number(1, 12),
        "age": _number(3, 75),
        "small": _number(2, 9),
        "report": _number(101, 990),
        "year": _number(2008, 2021),
    }
)
