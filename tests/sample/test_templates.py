import random

import pytest

from mecelle.base.errors import ConfigError
from mecelle.sample.bank import load_bank
from mecelle.sample.marks import Marks
from mecelle.sample.templates import Slots, decide, render


def slots(**values: str) -> Slots:
    return Slots(random.Random(1), {"roll": lambda rng: str(rng.randint(1, 9))}, {"city": ("Bursa", "Van")}, values)


def test_a_slot_keeps_its_value_and_a_numbered_one_differs() -> None:
    filled = slots()
    first, again, other = render("{city} {city} {city2}", filled).split()
    assert first == again != other


def test_cases_chain_and_stand_behind_a_mark() -> None:
    marks = Marks()
    filled = slots(cite=marks.wrap("cite", "9101:m3", "3. maddesi"), noun="belge")
    text, found = marks.settle(render("{cite:pdat} göre {noun:pl+gen+cap}", filled))
    assert text == "3. maddesine göre Belgelerin"
    assert [(text[mark.start : mark.end], mark.value) for mark in found] == [("3. maddesi", "9101:m3")]


def test_decide_draws_choices_and_leaves_slots() -> None:
    assert decide("[a|b [c|d]] {city:gen}", random.Random(0)) in {"a {city:gen}", "b c {city:gen}", "b d {city:gen}"}


@pytest.mark.parametrize("bad", ["{nowhere}", "{City}", "[open", "shut]"])
def test_faulty_templates_are_refused(bad: str) -> None:
    with pytest.raises(ConfigError):
        render(bad, slots())


def test_nested_marks_settle_to_their_own_text() -> None:
    marks = Marks()
    inner = marks.wrap("cite", "x", "madde 3")
    text, found = marks.settle("önce " + marks.wrap("claim", "", f"Davacı, {inner} der."))
    assert [(mark.kind, text[mark.start : mark.end]) for mark in found] == [
        ("claim", "Davacı, madde 3 der."),
        ("cite", "madde 3"),
    ]


def test_all_clauses_take_a_suffix_of_the_third_person() -> None:
    """tell() inflects facts, denials, findings and requests as possessives: each must end in ı, i, u or ü."""
    for file, keys in (("subjects.txt", "fact denial request yes no"), ("families.txt", "fact denial rule")):
        for block in load_bank(file).values():
            for key in keys.split():
                assert block.all(key), (block.name, key)
                wrong = [clause for clause in block.all(key) if clause.rstrip("]")[-1] not in "ıiuü"]
                assert not wrong, (block.name, key, wrong)
