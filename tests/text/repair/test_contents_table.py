import pytest
from hypothesis import given
from hypothesis import strategies as st

from mecelle.text.repair.contents_table import remove_contents_tables

TABLE = """İÇİNDEKİLER

ÖNSÖZ ................................ v
BİRİNCİ BÖLÜM: Genel Hükümler ........ 1
I. Sözleşmenin kurulması . . . . . . 12
   1. Öneri ve kabul…………………………14
İKİNCİ BÖLÜM\t57"""


def test_removed_with_its_title() -> None:
    assert remove_contents_tables(f"Kapak\n{TABLE}\nGİRİŞ\nMetin.") == "Kapak\nGİRİŞ\nMetin."


@pytest.mark.parametrize(
    "text",
    [
        "a) 3 kutuya kadar ........ 3,76\nb) sonrası ........ 1,25\nc) diğer ........ 2,50",
        "75 liraya kadar ........ % 25\n100 liraya kadar ........ % 30\nfazlası ........ % 35",
        "Sanık ....\nMağdur ....\nKatılan ....",
        "Ankara ..... 40\nİzmir ..... 12\nBursa ..... 7\nAdana ..... 3",  # amounts fall; pages do not
        "GİRİŞ ...... 1\nSONUÇ ...... 9",
        "Adı: ..........\nTarih: .../.../2020\nİmza: ........",
    ],
)
def test_other_leaders_stay(text: str) -> None:
    assert remove_contents_tables(text) == text


@given(
    st.text()
    | st.lists(st.sampled_from(["Giriş ..... 1", "Bölüm ..... 2", "İçindekiler", "", "Metin."]), max_size=20).map(
        "\n".join
    )
)
def test_any_text_loses_whole_lines_only(text: str) -> None:
    once = remove_contents_tables(text)
    assert remove_contents_tables(once) == once
    left = iter(text.split("\n"))
    assert all(line in left for line in once.split("\n")) or not once
