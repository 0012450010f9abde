import pytest
from hypothesis import given
from hypothesis import strategies as st

from mecelle.text.repair.stranded_letters import join_stranded_letters


@pytest.mark.parametrize(
    ("damaged", "mended"),
    [
        ("y ö netim sistemlerini g ö zden ge ç irmek", "yönetim sistemlerini gözden geçirmek"),
        ("Uzman Yard ı mc ı s ı unvan ı n ı kaybeder", "Uzman Yardımcısı unvanını kaybeder"),
        ("M ü ste ş ar ve M ü ste ş ar Yard ı mc ı lar ı", "Müsteşar ve Müsteşar Yardımcıları"),
        (
            "Bakanl ığı n y ü r ü tt üğü i ş lemlerin de ğ i ş tirilmesi; Genel M ü d ü rl üğü .",
            "Bakanlığın yürüttüğü işlemlerin değiştirilmesi; Genel Müdürlüğü.",
        ),
    ],
)
def test_joined(damaged: str, mended: str) -> None:
    assert join_stranded_letters(damaged) == mended


@pytest.mark.parametrize(
    "text",
    [
        "iki üç kişi, öç alma, üçü de",
        "(ğ) bendinden sonra (ı) ve (ü) bentleri",
        "Fight Club ı izledim",
        "K A R A R I N D Ü Z E L T İ L M E S İ V E Ö D E M E",  # the other damage
    ],
)
def test_what_is_right_stays(text: str) -> None:
    assert join_stranded_letters(text) == text


@given(st.text() | st.lists(st.sampled_from([*"ığüşöçİabklmr", "karar", "ma", "\n", "."]), max_size=60).map(" ".join))
def test_any_text_keeps_its_characters(text: str) -> None:
    once = join_stranded_letters(text)
    assert "".join(once.split()) == "".join(text.split())
    assert join_stranded_letters(once) == once
