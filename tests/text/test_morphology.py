import pytest

from mecelle.base.errors import ConfigError
from mecelle.text.morphology import CASES, Analyser, Reading, Readings, analyse, analysers, readings
from mecelle.text.morphology.akana import Akana, case_of


@pytest.mark.parametrize(
    ("form", "lemma", "case"),
    [
        ("mahkemesinin", "mahkeme", "Gen"),
        ("davacıya", "davacı", "Dat"),
        ("dosyadan", "dosya", "Abl"),
        ("tarihinde", "tarih", "Loc"),
        ("hükmünü", "hüküm", "Acc"),
        ("gerekçesiyle", "gerekçe", "Ins"),
        ("dava", "dava", "Nom"),
        ("kararı", "karar", "Nom"),  # possessive before accusative
        ("verilmesine", "ver", "Dat"),  # a verb made a noun
        ("yapmak", "yap", "Nom"),
        ("ekmekten", "ekmek", "Abl"),  # no infinitive
        ("davalının", "davalı", "Gen"),  # an adjective used as a noun
        ("davalı", "davalı", None),
        ("dedi", "de", None),  # and not the noun "de" that was
        ("edilmiştir", "et", None),
        ("hayata", "hayat", "Dat"),  # and not "haya": the vote of simplemma
        ("ve", "ve", None),
        ("tbk'nın", "tbk", "Gen"),
    ],
)
def test_readings(form: str, lemma: str, case: str | None) -> None:
    assert analyse([form]) == [Reading(lemma, case)]


def test_numbers_and_unknown_words_have_no_reading() -> None:
    assert analyse(["2019/1234", "49'uncu", "xqzwv", "", "'"]) == [None] * 5


@pytest.mark.parametrize(
    ("word_class", "tags", "case"),
    [
        ("Noun", [], "Nom"),
        ("Noun", ["A3pl", "P3sg", "Loc"], "Loc"),
        ("Noun", ["Loc", "RelClitic"], None),  # maddedeki
        ("Noun", ["Loc", "RelClitic", "A3pl"], "Nom"),  # maddedekiler
        ("Noun", ["With", "Gen"], "Gen"),
        ("Noun", ["BecomeVerb", "Past"], None),
        ("Adj", ["P3sg"], "Nom"),
        ("Verb", ["Past"], None),
        ("Verb", ["PastPart", "P3sg"], None),
        ("Verb", ["PastPart", "P3sg", "Acc"], "Acc"),
        ("Verb", ["PresPart", "A3pl"], "Nom"),
        ("Pron", ["Gen"], None),
        ("Num", ["Loc"], None),
    ],
)
def test_case_of(word_class: str, tags: list[str], case: str | None) -> None:
    assert case_of(word_class, tags) == case


@pytest.mark.parametrize("name", analysers.names())
def test_every_analyser_gives_lemmas_and_known_cases(name: str) -> None:
    for reading in filter(None, analyse(["davacının", "kabulüne", "verilmesini", "istemiştir"], analyser=name)):
        assert reading.lemma
        assert reading.case is None or reading.case in CASES


def test_an_unknown_analyser_is_named() -> None:
    with pytest.raises(ConfigError, match=r"akana\.v1"):
        readings("akana.v2")


class Counting:
    """Counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def read(self, form: str) -> Reading | None:
        self.asked.append(form)
        return None if form == "x" else Reading(form, "Nom")


def test_a_form_is_read_once() -> None:
    analyser: Analyser = Counting()
    memory = Readings(analyser)
    assert [memory[form] for form in ("a", "x", "a", "x")] == [Reading("a", "Nom"), None, Reading("a", "Nom"), None]
    assert isinstance(analyser, Counting)
    assert analyser.asked == ["a", "x"]


def test_memory_is_bounded_and_does_not_change_answers() -> None:
    forms = ["dava", "karar", "mahkeme", "hüküm", "dava", "verilmesine", "hüküm", "kararı"]
    small = Readings(Akana(), most=2)
    assert [small[form] for form in forms] == analyse(forms)
    assert len(small) <= 2
