import random
import re

import pytest
from stdnum import iban, luhn
from stdnum.tr import tckimlik, vkn

from mecelle.corpus.privacy.keys import Key
from mecelle.corpus.privacy.pseudonyms import Pseudonyms
from mecelle.sample.identifiers import make_identifier
from mecelle.text.identifiers import Identifier, Kind, find_identifiers

PSEUDONYMS = Pseudonyms(Key(b"k" * 32))
VALID = {
    "tckn": tckimlik.is_valid,
    "vkn": vkn.is_valid,
    "card": luhn.is_valid,
    "iban": iban.is_valid,
}


def of(kind: Kind, text: str, pseudonyms: Pseudonyms = PSEUDONYMS) -> str:
    return pseudonyms.of(Identifier(kind, 0, len(text), text))


@pytest.mark.parametrize("kind", ["tckn", "vkn", "iban", "card", "phone", "plate", "email"])
def test_shaped_like_the_real_one_but_never_valid(kind: Kind) -> None:
    rng = random.Random(3)
    for _ in range(300):
        text = make_identifier(kind, valid=True, rng=rng)
        new = of(kind, text)
        assert new != text
        if kind in VALID:
            assert not VALID[kind](new.replace("-", "").replace(" ", ""))
        if kind != "email":
            assert re.sub(r"\d", "0", re.sub("[A-Z]", "A", new)) == re.sub(r"\d", "0", re.sub("[A-Z]", "A", text))
        assert find_identifiers(f"x {new} y") == []


@pytest.mark.parametrize(
    ("kind", "left", "right"),
    [
        ("phone", "0532 123 45 67", "+90 (532) 1234567"),
        ("iban", "TR330006100519786457841326", "TR33 0006 1005 1978 6457 8413 26"),
        ("plate", "34 ABC 123", "34abc123"),
        ("email", "A.Işık@ornek.com", "a.ışık@ornek.com"),
        ("name", "Ayşe KIZILIŞIK", "AYŞE KIZILIŞIK"),
    ],
)
def test_spellings_of_one_value_share_their_stand_in(kind: Kind, left: str, right: str) -> None:
    def bare(s: str) -> str:
        digits = re.sub(r"\D", "", s)
        return digits[-10:] if kind == "phone" else digits if kind == "iban" else re.sub(r"\W", "", s).casefold()

    assert of(kind, left) == of(kind, left)
    if kind == "name":
        assert of(kind, left).split()[0] != of(kind, right).split()[0]  # the case is kept
        assert of(kind, left).split()[1] == of(kind, right).split()[1]
    else:
        assert bare(of(kind, left)) == bare(of(kind, right))


def test_forename_alone_and_full_name_stay_one_person() -> None:
    assert of("name", "Ahmet YILMAZ").split()[0] == of("name", "Ahmet")


def test_stand_ins_of_web_and_post_reach_nobody() -> None:
    for kind, text in (("url", "https://a.com.tr/x"), ("url", "a.gov.tr"), ("address", "Ak Mah. No: 3 Sivas")):
        assert find_identifiers(f"x {of(kind, text)} y") == []  # type: ignore[arg-type]


def test_another_key_another_stand_in() -> None:
    other = Pseudonyms(Key(b"o" * 32))
    for kind, text in (("tckn", "10000000146"), ("name", "Ahmet YILMAZ"), ("plate", "34 ABC 123")):
        assert of(kind, text) != of(kind, text, other)  # type: ignore[arg-type]


PINNED = ["46408846003", "0263 904 21 56", "93 BCS 352"]


def test_pinned() -> None:
    """Corpora of today and tomorrow must agree: whoever changes this breaks every pseudonymised corpus."""
    assert [of("tckn", "10000000146"), of("phone", "0532 123 45 67"), of("plate", "34 ABC 123")] == PINNED
