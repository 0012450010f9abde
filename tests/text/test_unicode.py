import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mecelle.text.unicode import clean, nfc


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("TBK\u2019nın 49.\u00a0mad\u00addesi", "TBK'nın 49. maddesi"),
        ("‘a’ `b´ “c” «d» ''e''", '\'a\' \'b\' "c" "d" "e"'),
        ("sıfır\u200bgenişlik\ufeff", "sıfırgenişlik"),
        ("iki   boşluk\tve sekme", "iki boşluk ve sekme"),
        ("a\r\nb\rc\u2028d\n\n e ", "a\nb\nc\nd\n\ne"),
        ("nul\x00 ve\x07 zil", "nul ve zil"),
        ("yarım \ud83d çift \ud83d\ude00", "yarım \ufffd çift 😀"),
        ("g\u0306 I\u0307", "ğ İ"),
        ("sayı 1.250,75 ve 2019/1234", "sayı 1.250,75 ve 2019/1234"),
    ],
)
def test_clean(raw: str, expected: str) -> None:
    assert clean(raw) == expected


ANY = st.text(alphabet=st.characters(), max_size=60)  # lone surrogates and control characters too


@given(ANY)
def test_clean_is_idempotent_nfc_and_writable(raw: str) -> None:
    once = clean(raw)
    assert clean(once) == once == unicodedata.normalize("NFC", once)
    once.encode("utf-8")
    assert "\x00" not in once


@given(st.text(alphabet="aB9ığ\n", max_size=40))
def test_clean_leaves_plain_text_alone(raw: str) -> None:
    assert clean(raw) == raw


def test_nfc_composes() -> None:
    assert nfc("s\u0327") == "ş"
