"""Pseudonyms: the same value gets the same stand-in wherever a corpus names it, and no stand-in is anybody's.

A stand-in is drawn from HMAC-SHA-512 of kind and value under the key, so without the key nobody can try values out.
It keeps the shape of the text (digits in the same groups), and is invalid by a rule rather than by luck: TCKN, VKN,
IBAN and card have a wrong check digit, telephones an area code that the numbering plan does not have (odd), plates a
province above 81, hosts the top-level domain `.invalid` (RFC 2606), streets and surnames are invented from syllables.
So no stand-in reaches a real person, and the search for identifiers does not take one for real. Names are replaced word
by word, so that "Ahmet" and "Ahmet YILMAZ" stay one person; forenames come from 1,000 common ones, so two may fall
together. Other values fall together by chance (plates of one letter: one pair in three million). `reveal` is exact all
the same.
"""

import hmac

from stdnum import luhn
from stdnum.iso7064 import mod_97_10
from stdnum.tr import tckimlik, vkn

from mecelle.corpus.privacy.keys import Key
from mecelle.text.casing import fold, lower, title, upper
from mecelle.text.identifiers import Identifier
from mecelle.text.identifiers.addresses import INVENTED_QUARTER
from mecelle.text.tables import table

_PLATE_LETTERS = "ABCDEFGHJKLMNPRSTUVYZ"
_CONSONANTS, _VOWELS = "bcçdfghjklmnprsştvyz", "aeıioöuü"
_HOST_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class Pseudonyms:
    """Stand-ins under one key."""

    def __init__(self, key: Key) -> None:
        self._key = key.derive("pseudonyms")

    def of(self, one: Identifier) -> str:
        """The stand-in of an identifier, in the shape in which it was written."""
        if one.kind == "name":
            return _name(one.text, self._key)
        value = _value(one)
        draw = _Draw(hmac.digest(self._key, f"{one.kind}\x1f{value}".encode(), "sha512"))
        match one.kind:
            case "tckn" | "vkn" | "card" | "iban":
                return _in_shape(one.text, _NUMBERS[one.kind](value, draw))
            case "phone":
                kept = [c for c in one.text if c.isdigit()][:-10]
                return _in_shape(one.text, "".join(kept) + _phone(draw))
            case "plate":
                return _plate(one.text, draw)
            case "email":
                return f"{draw.letters(8)}@{draw.letters(6)}.invalid"
            case "url":
                return f"{'https://' if '://' in one.text else 'www.'}{draw.letters(10)}.invalid"
            case "address":
                return f"{INVENTED_QUARTER} {title(draw.syllables(4))} Sok. No: {1 + draw.below(99)}"


class _Draw:
    """A number of 512 bits, taken apart digit by digit: the same on every machine and version."""

    def __init__(self, digest: bytes) -> None:
        self._rest = int.from_bytes(digest)

    def below(self, n: int) -> int:
        self._rest, value = divmod(self._rest, n)
        return value

    def digits(self, count: int) -> str:
        return "".join(str(self.below(10)) for _ in range(count))

    def letters(self, count: int) -> str:
        return "".join(_HOST_LETTERS[self.below(len(_HOST_LETTERS))] for _ in range(count))

    def syllables(self, count: int) -> str:
        return "".join(_CONSONANTS[self.below(20)] + _VOWELS[self.below(8)] for _ in range(count))


def _value(one: Identifier) -> str:
    """What two spellings of one identifier have in common."""
    match one.kind:
        case "phone":
            return _digits(one.text)[-10:]
        case "tckn" | "vkn" | "iban" | "card":
            return _digits(one.text)
        case "plate":
            return upper("".join(c for c in one.text if c.isalnum()))
        case _:
            return " ".join(fold(one.text).split())


def _digits(s: str) -> str:
    return "".join(c for c in s if c.isdigit())


def _wrong(check: str, draw: _Draw) -> str:
    return str((int(check) + 1 + draw.below(9)) % 10)


def _tckn(_: str, draw: _Draw) -> str:
    nine = str(1 + draw.below(9)) + draw.digits(8)
    right = tckimlik.calc_check_digits(nine)
    return nine + right[0] + _wrong(right[1], draw)


def _vkn(_: str, draw: _Draw) -> str:
    nine = draw.digits(9)
    return nine + _wrong(vkn.calc_check_digit(nine), draw)


def _iban(_: str, draw: _Draw) -> str:
    account = draw.digits(22)
    right = int(mod_97_10.calc_check_digits(f"{account}TR"))
    return f"{2 + (right - 2 + 1 + draw.below(96)) % 97:02d}{account}"  # 97 check numbers, 02 to 98; one is right


def _card(value: str, draw: _Draw) -> str:
    body = draw.digits(len(value) - 1)
    return body + _wrong(luhn.calc_check_digit(body), draw)


_NUMBERS = {"tckn": _tckn, "vkn": _vkn, "iban": _iban, "card": _card}


def _phone(draw: _Draw) -> str:
    return f"{2 + draw.below(3)}{draw.below(10)}{1 + 2 * draw.below(5)}{draw.digits(7)}"


def _plate(text: str, draw: _Draw) -> str:
    letters = "".join(_PLATE_LETTERS[draw.below(len(_PLATE_LETTERS))] if c.isalpha() else c for c in text[2:])
    return f"{82 + draw.below(18)}{_in_shape(letters, draw.digits(len(_digits(letters))))}"


def _name(text: str, key: bytes) -> str:
    """Word by word, so that "Ahmet" alone and "Ahmet YILMAZ" stay one person: the last of several is the surname."""
    words = text.split()
    return " ".join(_name_word(word, key, surname=0 < place == len(words) - 1) for place, word in enumerate(words))


def _name_word(word: str, key: bytes, *, surname: bool) -> str:
    draw = _Draw(hmac.digest(key, f"{'surname' if surname else 'forename'}\x1f{fold(word)}".encode(), "sha512"))
    forenames = table("given_names")
    new = draw.syllables(3) if surname else forenames[draw.below(len(forenames))]
    return upper(new) if word.isupper() else title(lower(new))


def _in_shape(text: str, digits: str) -> str:
    """`text` with its digits replaced, in order, by `digits`."""
    rest = iter(digits)
    return "".join(next(rest) if c.isdigit() else c for c in text)
