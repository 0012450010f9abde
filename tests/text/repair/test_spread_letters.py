import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mecelle.text.repair.segmentation import is_word, segment
from mecelle.text.repair.spread_letters import join_spread_letters


@pytest.mark.parametrize(
    ("damaged", "mended"),
    [
        ("K A R A R", "KARAR"),
        ("-K A R A R-", "-KARAR-"),
        ("T Ü R K M İ L L E T İ A D I N A", "TÜRK MİLLETİ ADINA"),
        ("TÜ R K M İ L L E T İ A D I N A", "TÜRK MİLLETİ ADINA"),
        ("T Ü R K   M İ L L E T İ   A D I N A", "TÜRK MİLLETİ ADINA"),
        ("3. C E Z A D A İ R E S İ :", "3. CEZA DAİRESİ :"),
        ("maddesinde d ü z e n l e n e n kural", "maddesinde düzenlenen kural"),
        ("İLK D E R E C E MAHKEMESİ : Samsun", "İLK DERECE MAHKEMESİ : Samsun"),
        ("m ü e s s e s e le r tarafından", "müesseseler tarafından"),
        ("1 6 2 t a n e s ö z l ü s o r u ö n e r g e m i z v a r d ı r .", "162 tane sözlü soru önergemiz vardır."),
        ("A Y K O N D O Ğ A N", "AYKON DOĞAN"),
    ],
)
def test_joined(damaged: str, mended: str) -> None:
    assert join_spread_letters(damaged) == mended


@pytest.mark.parametrize(
    "text",
    [
        "T. C.",
        "A B C",
        "a b c ç d e",
        "D Y P Güneş Müftüoğlu",
        "E H E E H E",
        "A. B. ve C. D. hakkında",
        "KADEME 1 2 3 4 5 6 7 8 9",
        "o da bu iş ne ki",
        "x y z eksenleri",
        "A 1 B 2 C 3",
    ],
)
def test_what_is_no_word_stays(text: str) -> None:
    assert join_spread_letters(text) == text


def test_lines_stay_lines() -> None:
    assert join_spread_letters("K A R A R\nV E R İ L D İ\n") == "KARAR\nVERİLDİ\n"


@given(st.text() | st.lists(st.sampled_from([*"abcçeıiklmnorstAEKR 12.,('", "ka", "  "]), max_size=60).map(" ".join))
def test_any_text_keeps_its_characters(text: str) -> None:
    once = join_spread_letters(text)
    assert "".join(once.split()) == "".join(text.split())
    assert join_spread_letters(once) == once


def test_a_long_line_does_not_hang() -> None:
    began = time.perf_counter()
    join_spread_letters("k a r a r v e r i l d i " * 40_000)
    join_spread_letters("a " * 500_000)
    join_spread_letters(" ".join("bcdfghjk"[at * 7 % 8] for at in range(50_000)))
    assert time.perf_counter() - began < 15


def test_segment() -> None:
    assert segment(list("hükmünBOZULMASINA")) == (["hükmün", "BOZULMASINA"], 1.0)
    assert segment(["yürüt", "ü", "lmesi", "ne"])[0] == ["yürütülmesine"]
    assert segment([]) == ([], 0.0)
    assert segment(list("xqzt"))[1] == 0.0


def test_is_word() -> None:
    assert is_word("mahkemesince")
    assert not any(map(is_word, ("ve bu", "b", "xyz", "", "a" * 30)))
