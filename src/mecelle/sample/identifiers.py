"""Invented personal identifiers: valid ones, and look-alikes that no careful reader should take for one.

No register stands behind them. Banks, card issuers and mail domains are ones that do not exist or are kept for tests,
so that a planted value cannot reach a real account, card or mailbox.
"""

import random
from collections.abc import Callable
from typing import Final

from stdnum import luhn
from stdnum.iso7064 import mod_97_10
from stdnum.tr import tckimlik, vkn

_PLATE_LETTERS: Final = "ABCDEFGHIJKLMNOPRSTUVYZ"  # no Ç, Ğ, İ, Ö, Q, Ş, Ü, W, X on Turkish plates
_NO_BANK: Final = "00999"
_TEST_BINS: Final = ("400000", "555555", "411111", "979200")
_MAIL_NAMES: Final = (
    "a.yilmaz",
    "info",
    "muhasebe",
    "kiraci34",
    "avukat.k",
    "satis",
    "m_demir",
    "destek-hatti",
    "e.kaya",
)
_MAIL_DOMAINS: Final = ("example.com", "ornek.example", "firma.example.org", "buro.example.net")


def _digits(rng: random.Random, count: int) -> str:
    return "".join(str(rng.randint(0, 9)) for _ in range(count))


def _tckn(rng: random.Random) -> str:
    nine = str(rng.randint(1, 9)) + _digits(rng, 8)
    return nine + tckimlik.calc_check_digits(nine)


def _bad_tckn(rng: random.Random) -> str:
    good = _tckn(rng)
    return good[:-1] + str((int(good[-1]) + rng.randint(1, 9)) % 10)


def _vkn(rng: random.Random) -> str:
    nine = str(rng.randint(1, 9)) + _digits(rng, 8)
    return nine + vkn.calc_check_digit(nine)


def _bad_vkn(rng: random.Random) -> str:
    good = _vkn(rng)
    return good[:-1] + str((int(good[-1]) + rng.randint(1, 9)) % 10)


def _grouped(text: str) -> str:
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _iban(rng: random.Random) -> str:
    account = f"{_NO_BANK}0{_digits(rng, 16)}"
    check = mod_97_10.calc_check_digits(f"{account}TR")
    iban = f"TR{check}{account}"
    return _grouped(iban) if rng.random() < 0.6 else iban


def _bad_iban(rng: random.Random) -> str:
    good = _iban(rng)
    return good[:-1] + str((int(good[-1]) + 1) % 10)


def _card(rng: random.Random) -> str:
    body = rng.choice(_TEST_BINS) + _digits(rng, 9)
    number = body + luhn.calc_check_digit(body)
    return rng.choice((number, _grouped(number), _grouped(number).replace(" ", "-")))


def _bad_card(rng: random.Random) -> str:
    good = _card(rng)
    return good[:-1] + str((int(good[-1]) + rng.randint(1, 9)) % 10)


def _phone(rng: random.Random) -> str:
    area = rng.choice(("532", "505", "542", "551", "212", "312", "232", "322"))
    middle, pair, last = f"{rng.randint(200, 899)}", f"{rng.randint(10, 99)}", f"{rng.randint(10, 99)}"
    return rng.choice(
        (
            f"0{area} {middle} {pair} {last}",
            f"0 {area} {middle} {pair} {last}",
            f"+90 {area} {middle} {pair} {last}",
            f"(0{area}) {middle} {pair} {last}",
            f"0{area}{middle}{pair}{last}",
        )
    )


def _email(rng: random.Random) -> str:
    return f"{rng.choice(_MAIL_NAMES)}@{rng.choice(_MAIL_DOMAINS)}"


def _plate(rng: random.Random) -> str:
    letters = rng.randint(1, 3)
    # One letter goes with four digits, two with three or four, three with two or three.
    digits = {1: (4,), 2: (3, 4), 3: (2, 3)}[letters]
    middle = "".join(rng.choice(_PLATE_LETTERS) for _ in range(letters))
    count = rng.choice(digits)
    return f"{rng.randint(1, 81):02d} {middle} {rng.randint(10 ** (count - 1), 10**count - 1)}"


def _bad_plate(rng: random.Random) -> str:
    return f"{rng.randint(82, 99)} {_plate(rng)[3:]}"


VALID: Final[dict[str, Callable[[random.Random], str]]] = {
    "tckn": _tckn, "vkn": _vkn, "iban": _iban, "card": _card, "phone": _phone, "email": _email, "plate": _plate,
}  # fmt: skip
LOOK_ALIKE: Final[dict[str, Callable[[random.Random], str]]] = {
    "tckn": _bad_tckn, "vkn": _bad_vkn, "iban": _bad_iban, "card": _bad_card, "plate": _bad_plate,
}  # fmt: skip


def make_identifier(kind: str, *, valid: bool, rng: random.Random) -> str:
    """A new identifier of `kind`, or a look-alike that fails its check. Raises KeyError for an unknown kind."""
    return (VALID if valid else LOOK_ALIKE)[kind](rng)
