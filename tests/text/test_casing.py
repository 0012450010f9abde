import pytest
from hypothesis import given
from hypothesis import strategies as st

from mecelle.text.casing import ascii_fold, fold, lower, title, upper, without_circumflex

TURKISH = st.text(
    alphabet="abcçdefgğhıijklmnoöprsştuüvyzABCÇDEFGĞHIİJKLMNOÖPRSŞTUÜVYZâîûÂÎÛ \u0307'’.0123", max_size=40
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("İ", "i"),
        ("I", "ı"),
        ("I\u0307", "i"),  # decomposed İ
        ("i\u0307", "i"),  # what "İ".lower() leaves behind
        ("IĞDIR İCRA", "ığdır icra"),
        ("KÂR VE HÂKİM", "kâr ve hâkim"),
        ("TBK'NIN", "tbk'nın"),
        ("ÇĞÖŞÜ", "çğöşü"),
    ],
)
def test_lower(text: str, expected: str) -> None:
    assert lower(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i", "İ"),
        ("ı", "I"),
        ("i\u0307", "İ"),
        ("ığdır icra", "IĞDIR İCRA"),
        ("hâkim", "HÂKİM"),
        ("tbk'nın", "TBK'NIN"),
    ],
)
def test_upper(text: str, expected: str) -> None:
    assert upper(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ILICA MAHALLESİ", "Ilıca Mahallesi"),
        ("istanbul'un", "İstanbul'un"),
        ("ANKARA’NIN", "Ankara’nın"),
        ("II. DAVA", "II. Dava"),
        ("t.c. ankara", "T.C. Ankara"),
        ("i\u0307zmir", "İzmir"),
    ],
)
def test_title(text: str, expected: str) -> None:
    assert title(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("İİK", "iik"),
        ("I\u0307", "i"),
        ("i\u0307", "İ"),
        ("ISPARTA", "ısparta"),
        ("TBK’NIN", "tbk'nın"),
        ("KÂR", "kâr"),
    ],
)
def test_fold_joins_spellings_that_differ_in_case(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("ılık", "ilik"), ("kâr", "kar"), ("2019/1", "2019/2"), ("ölüm", "olum")])
def test_fold_keeps_words_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text(max_size=60) | TURKISH)
def test_fold_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_fold_is_idempotent_on_every_letter() -> None:
    letters = map(chr, range(0x3000))
    assert [letter for letter in letters if fold(fold(letter)) != fold(letter)] == []


@given(TURKISH)
def test_lower_and_upper_are_inverse_on_turkish(text: str) -> None:
    assert lower(upper(lower(text))) == lower(text)
    assert fold(upper(text)) == fold(lower(text)) == fold(text)


def test_without_circumflex() -> None:
    assert without_circumflex("hâkim HÂKİM îtirâz Î sükût") == "hakim HAKİM itiraz İ sükut"


def test_ascii_fold() -> None:
    assert ascii_fold("İşçi alacağı, ÖLÜM, kâr") == "Isci alacagi, OLUM, kar"
