"""The same words in other forms."""

import pytest

from mecelle.text.perturbation import PERTURBATIONS, abbreviated, inflected, scanned

QUESTION = "Kiracı, Türk Borçlar Kanununun 315. maddesi uyarınca kira bedelini ödemezse ne olur?"


def test_typed_forms_are_turkish() -> None:
    assert PERTURBATIONS["upper"]("işçinin ılık çayı", 7) == "İŞÇİNİN ILIK ÇAYI"
    assert PERTURBATIONS["ascii"]("işçinin ılık ÇAYI", 7) == "iscinin ilik CAYI"


@pytest.mark.parametrize(
    ("whole", "short"),
    [
        ("Türk Borçlar Kanunu madde 49 uyarınca", "TBK m. 49 uyarınca"),
        ("TÜRK MEDENİ KANUNU'NUN 166. maddesi", "TMK 166. m."),
        ("Türk Ceza Kanununun 81. maddesi", "TCK 81. m."),
        ("Aynı Kanun'un 25. madde 2. fıkra hükmü", "Aynı Kanun'un 25. m. 2. f. hükmü"),
        ("49. maddede, 2. fıkrada anlatılan fıkra", "49. maddede, 2. fıkrada anlatılan fıkra"),
        ("Yargıtay 4. Hukuk Dairesi kararı", "Yargıtay 4. HD kararı"),
        ("Kanunların eşitliği", "Kanunların eşitliği"),
        ("Ev sahibi maddesel zararı öder", "Ev sahibi maddesel zararı öder"),
    ],
)
def test_names_are_abbreviated(whole: str, short: str) -> None:
    assert abbreviated(whole) == short


def test_terms_in_their_dictionary_form_are_inflected_by_vowel_harmony() -> None:
    assert inflected("kiracı ve işveren") == "kiracıların ve işverenlerin"
    assert inflected("Dava, SÖZLEŞME") == "Davaların, SÖZLEŞMELERİN"
    assert inflected("kiracının davasını") == "kiracının davasını"  # already inflected
    assert inflected("bugün hava") == "bugün hava"


def test_a_scan_damages_a_share_of_the_words_and_keeps_their_number() -> None:
    text = " ".join([QUESTION] * 40)
    damaged = scanned(text, seed=7)
    words, others = text.split(" "), damaged.split(" ")
    assert len(words) == len(others)
    share = sum(a != b for a, b in zip(words, others, strict=True)) / len(words)
    assert 0.10 < share < 0.20
    assert damaged == scanned(text, seed=7) != scanned(text, seed=8)
    assert scanned(text, seed=7, share=0.0) == text


def test_every_form_leaves_numbers_that_decide(subtests: pytest.Subtests) -> None:
    for name, change in PERTURBATIONS.items():
        if name != "scanned":
            with subtests.test(name):
                assert "315" in change(QUESTION, 7)
