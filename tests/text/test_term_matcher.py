"""Terms are found at every inflection, and nowhere else."""

import pytest

from mecelle.text.inflection import bases, compound_bases, verb_stem
from mecelle.text.term_matcher import TermMatcher

TERMS = ("Kanun", "Yargıtay", "tazminat", "davacı", "hüküm", "ipotek", "hâkim", "akit", "müruruzaman", "mirasbırakan",
         "zamanaşımı", "hakaret", "sorumluluk", "haksız fiil", "tazminat davası", "zuhur etmek", "sulh hukuk mahkemesi",
         "yerine getirme", "def'i", "TBK")  # fmt: skip


def found(text: str, terms: tuple[str, ...] = TERMS) -> list[str]:
    return [text[start:end] for start, end in TermMatcher(terms).find(text)]


@pytest.mark.parametrize(
    "written",
    [
        "kanun", "kanunun", "KANUNLARIN", "Kanun'un", "kanunlarından", "Yargıtay'ın", "Yargıtay’ca", "YARGITAY'DA",
        "tazminatından", "tazminatlara", "davacının", "davacılar", "hükmün", "hükümlere", "hükmünce", "ipoteğin",
        "ipoteklerden", "hâkimin", "hakimin", "hâkimlerce", "akdin", "akitlerden", "müruruzamandan", "mirasbırakanın",
        "mirasbırakanlarından", "zamanaşımının", "hakarete", "sorumluluğunun", "haksız fiilden", "haksız\nfiilinin",
        "HAKSIZ FİİLLERDE", "tazminat davasından", "tazminat davalarının", "tazminat davaları", "zuhur etmiştir",
        "zuhur edecek", "sulh hukuk mahkemesine", "Sulh Hukuk Mahkemelerinin", "sulh-hukuk mahkemesi", "def'inin",
        "yerine getirmenin", "TBK'nın",
    ],
)  # fmt: skip
def test_inflected_term_is_found_whole(written: str) -> None:
    assert found(f"Burada {written} yer alır.") == [written]


@pytest.mark.parametrize(
    "other",
    ["davasının", "hakem", "hükümet", "hükümlü", "tazmin", "akıt", "sorumlu", "kanuni", "yerine", "fiilin", "davalı",
     "hukuk mahkemesi", "haksız. Fiilin", "haksız\n\nfiil", "sulh ve hukuk", "tbkx"],
)  # fmt: skip
def test_other_words_are_not_terms(other: str) -> None:
    assert found(f"Burada {other} yer alır.") == []


def test_the_longest_term_at_a_place_none_within_another() -> None:
    assert found("tazminat davası ve tazminat") == ["tazminat davası", "tazminat"]
    assert found("ağır hapis cezası", ("ağır hapis", "hapis cezası", "ceza")) == ["ağır hapis", "cezası"]
    assert found("a b c d", ("a b c e", "a b", "c d")) == ["a b", "c d"], "back to the last end that was seen"


def test_small_words_are_left_out() -> None:
    matcher = TermMatcher(["ve", "ad", "2019", "", "—", "dava", "DAVA"])
    assert matcher.terms == {("dava",)}


def test_no_terms_no_text() -> None:
    assert found("Kanun", ()) == []
    assert found("") == []


def test_every_occurrence_is_found_however_many_words_were_met(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mecelle.text.term_matcher.MOST_FORMS", 3)
    text = "kanunun bir iki üç dört kanuna beş altı yedi kanunlar"
    assert found(text) == ["kanunun", "kanuna", "kanunlar"]


def test_derived_words_are_words_of_their_own() -> None:
    assert "alacak" not in bases("alacaklının")
    assert "alacaklı" in bases("alacaklının")
    assert "ehliyet" not in bases("ehliyetsizliği")
    assert "ehliyetsizlik" in bases("ehliyetsizliği")
    assert "karar" in bases("kararla")
    assert "ceza" not in bases("cezalandırılması")


def test_postpositions_are_no_inflections() -> None:
    assert found("karar hakkında, hakkın", ("hak",)) == ["hakkın"]
    assert found("yerine getirilmesi", ("yer",)) == []
    assert found("suretiyle", ("suretiyle",)) == ["suretiyle"], "unless the list has them"


def test_compounds_and_verbs() -> None:
    assert "hak" in compound_bases("hakkı")
    assert compound_bases("dava") == ()
    assert verb_stem("ödemek") == "öde"
    assert verb_stem("emek") is None
