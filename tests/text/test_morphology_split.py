"""Surface splits: the convention, one parametrised case a rule, and agreement with gold."""

import pytest

from mecelle.text.casing import upper
from mecelle.text.morphology import Reading, analysers, is_word, split
from mecelle.text.morphology.segments import cuts, stems
from mecelle.text.morphology.suffixes import forms, is_listed, spell, written
from mecelle.text.morphology.treebank import gold_cuts


@pytest.mark.parametrize(
    "pieces",
    [
        "karar·lar·ı·ndan",  # lar and ı are two; n is the case's
        "kitab·ı",  # p, b
        "ağz·ı",  # ağız
        "hakk·ı",  # hak
        "aff·ı",
        "hükm·ü",
        "ed·iyor",
        "su·yu",
        "masa·sı",
        "gel·m·iyor",
        "başl·ıyor",
        "oku·yor",
        "di·yor",
        "ver·il·me·si·ne",
        "ol·duğ·u·nu",
        "yap·ıl·abil·eceğ·i",
        "gel·e·me·di",
        "gör·ül·mekte·dir",
        "çalış·ıyor·lar",  # the example of Mecellem §3.3.3
        "denetle·n·me·si·nin",
        "madde·de·ki",
        "başvur·ucu·nun",
        "o·nun",
        "o·na",  # and no o·n·a of a letter called o
        "bu·nu",
        "mahkeme·si·nce",
        "davalı·nın",
        "hukukî",
        "yap·madan",
        "iste·miş·tir",
    ],
)
def test_split_by_convention(pieces: str) -> None:
    word = pieces.replace("·", "")
    assert "·".join(split(word)) == pieces
    assert "·".join(split(upper(word))) == upper(pieces)


@pytest.mark.parametrize(
    "whole", ["", "2019", "344üncü", "xqzwv", "ve", "ile", "karar", "ndan", "nın", "'", "a\u0301b"]
)
def test_what_is_no_inflected_word_stays_whole(whole: str) -> None:
    assert split(whole) == (whole,)


def test_the_apostrophe_opens_the_suffix() -> None:
    assert split("Türkiye'nin") == ("Türkiye", "'nin")
    assert split("Kanunu’nun") == ("Kanun", "u", "’nun")
    assert split("'nın") == ("'nın",)


@pytest.mark.parametrize("name", analysers.names())
def test_every_analyser_gives_pieces_that_join_to_the_form(name: str) -> None:
    for form in ("Davacının", "KABULÜNE", "verilmesini", "istemiştir", "hâkimliği", "TBK'nın", "49/2", "ŉ"):
        assert "".join(split(form, analyser=name)) == form


@pytest.mark.parametrize(
    ("form", "names", "expected"),
    [
        ("arabaya", True, True),
        ("ankara", True, True),
        ("ankara", False, False),
        ("tih", True, False),
        ("kr", True, False),  # an abbreviation
        ("2019", True, False),
    ],
)
def test_words_are_known(form: str, names: bool, expected: bool) -> None:
    assert analysers.get("akana.v1")().knows(form, names=names) is expected


def test_names_are_words_with_a_capital() -> None:
    assert [is_word(form) for form in ("Ankara", "ankara", "KARARI")] == [True, False, True]


def test_patterns_are_spelt_in_harmony() -> None:
    assert spell("DAn") == ("dan", "den", "tan", "ten")
    assert set(spell("sInIz")) == {"sunuz", "sünüz", "sınız", "siniz"}
    assert set(spell("AcAK")) == {"acak", "acağ", "ecek", "eceğ"}
    assert spell("0") == ("",)


def test_suffix_forms() -> None:
    assert {"lar", "ler", "ndan", "ıyor", "üyor", "mış", "ğ", "m"} - forms() == {"ğ"}
    assert not {"ları", "ında", "lör", "larü"} & forms()
    assert is_listed("P3pl")
    assert not is_listed("P4pl")


def test_vowels_never_meet_and_a_buffer_stands_behind_vowels_alone() -> None:
    assert cuts("arabaa", "araba", ["Dat"]) is None
    assert cuts("kitapya", "kitap", ["Dat"]) is None
    assert cuts("arabaya", "araba", ["Dat"]) == (5,)
    assert [one.after for one in written("CopPast")["d"]] == ["consonant"] * 4


def test_a_form_that_root_and_suffixes_do_not_make_up_has_no_cuts() -> None:
    assert cuts("kitaplar", "kitap", ["P3sg"]) is None
    assert cuts("kitaplar", "defter", ["A3pl"]) is None
    assert cuts("kitaplar", "kitap", ["Unheard"]) is None
    assert cuts("kitap", "kitap", ["A3sg", "Nom"]) == ()


@pytest.mark.parametrize(
    ("form", "root", "shapes"),
    [
        ("kitabı", "kitap", ["kitab"]),
        ("renge", "renk", ["reng"]),
        ("ağzı", "ağız", ["ağz"]),
        ("kaybı", "kayıp", ["kayb"]),
        ("redde", "ret", ["red", "redd"]),
        ("arıyor", "ara", ["ar"]),
        ("arar", "ara", ["ara"]),
        ("diyecek", "de", ["di"]),
        ("bana", "ben", ["ban"]),
        ("defter", "kitap", []),
    ],
)
def test_stems(form: str, root: str, shapes: list[str]) -> None:
    assert list(stems(form, root)) == shapes


def test_gold_comes_of_features() -> None:
    owned = {"Number": "Plur", "Number[psor]": "Sing", "Person[psor]": "3", "Case": "Abl"}
    assert gold_cuts("kararlarından", "karar", "NOUN", owned) == (5, 8, 9)
    assert gold_cuts("Kararlarından", "Karar", "NOUN", {**owned, "Case": "Dat"}) is None
    assert gold_cuts("kararlarından", "karar", "NOUN", {"Case": "Abl"}) is None
    assert gold_cuts("karar", "karar", "NOUN", {"Case": "Nom"}) == ()
    passive = {"VerbForm": "Vnoun", "Voice": "Pass", "Number[psor]": "Sing", "Person[psor]": "3", "Case": "Dat"}
    assert gold_cuts("verilmesine", "ver", "VERB", passive) == (3, 5, 7, 9)
    finite = {"Number": "Plur", "Person": "3", "Polarity": "Neg", "Tense": "Past"}
    assert gold_cuts("gelmemişlerdi", "gel", "VERB", finite) == (3, 5, 8, 11)
    assert gold_cuts("gelmem", "gel", "VERB", {"Number": "Sing", "Person": "1", "Polarity": "Neg"}) == (3, 5)
    assert gold_cuts("gittim", "git", "VERB", {"Number": "Sing", "Person": "1"}) == (3, 5)  # no gitt·im as hakk·ım
    unable = {"Mood": "Pot", "Polarity": "Neg", "Person": "3", "Number": "Sing"}
    assert gold_cuts("gelemeyecek", "gel", "VERB", unable) == (3, 4, 6)


def test_gold_is_certain_or_nothing() -> None:
    """ "yaparsa": the copula's -sa and the conditional cannot both be, but two owners of "elin" would cut alike."""
    assert gold_cuts("elin", "el", "NOUN", {"Case": "Gen"}) == (2,)
    assert gold_cuts("sorunun", "sorun", "NOUN", {"Case": "Gen"}) == (5,)
    assert gold_cuts("Sorunun", "soru", "NOUN", {"Case": "Gen"}) == (4,)
    causative = {"Voice": "Cau", "Number": "Sing", "Person": "3"}
    assert gold_cuts("geliştirir", "geliş", "VERB", causative) is None  # geliş·tir·ir or geliş·t·ir·ir


def test_reading_is_untouched_by_splitting() -> None:
    assert analysers.get("akana.v1")().read("kararından") == Reading("karar", "Abl")
