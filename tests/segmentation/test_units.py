"""Units, variants and rewritten decisions: where sections may begin, and that they stay known."""

import time
from collections.abc import Sequence
from itertools import pairwise

import pytest

from mecelle.base.errors import InputError
from mecelle.segmentation.decision import check, from_pieces, pieces
from mecelle.segmentation.labels import LABELS
from mecelle.segmentation.record import SectionSpan, Segmented
from mecelle.segmentation.units import labels_of, sections_of, unit_spans
from mecelle.segmentation.variants import VARIANTS
from mecelle.text.casing import upper


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in unit_spans(text)]


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("İadesine,03.12.2024 tarihinde karar verildi.", ["İadesine,", "03.12.2024 tarihinde karar verildi."]),
        ("MUAF TUTULMASINA 11/3/2026 tarihinde OYBİRLİĞİYLE", ["MUAF TUTULMASINA", "11/3/2026 tarihinde OYBİRLİĞİYLE"]),
        ("dosya incelenip gereği düşünüldü: Davacı vekili", ["dosya incelenip gereği düşünüldü:", "Davacı vekili"]),
        ("ESAS NO : 2023/1", ["ESAS NO : 2023/1"]),
        ("VEKİLİ : Av. … … İdare Mahkemesince verilen", ["VEKİLİ : Av. …", "… İdare Mahkemesince verilen"]),
        ("VEKİLİ: Av. C. D. Başvuru, tutukluluğa", ["VEKİLİ: Av. C. D.", "Başvuru, tutukluluğa"]),
        ("SAYISI : 2022/36 E. Taraflar arasındaki dava", ["SAYISI : 2022/36 E.", "Taraflar arasındaki dava"]),
        ("Daire, E:2020/1 … İdare Mahkemesince verilen", ["Daire, E:2020/1 … İdare Mahkemesince verilen"]),
        ("  \n ", []),
    ],
)  # fmt: skip
def test_units_end_where_a_section_may(text: str, units: list[str]) -> None:
    assert cut(text) == units


def test_a_text_without_full_stops_is_cut_between_words() -> None:
    found = cut("kelime " * 8_000)
    assert len(found) > 5
    assert max(map(len, found)) <= 10_000
    assert "".join(found).count("kelime") == 8_000
    assert len(cut("a" * 25_000)) == 3


def test_units_and_their_labels_give_the_sections_back(decisions: Sequence[Segmented]) -> None:
    for decision in decisions:
        units = unit_spans(decision.text)
        assert all(a[1] <= b[0] for a, b in pairwise(units))
        labels = labels_of(decision, units)
        found = sections_of(decision.text, units, labels, [0.5] * len(units))
        assert [(s.label, s.start) for s in found] == [(s.label, s.start) for s in decision.sections]
        assert found[-1].end == len(decision.text)
        assert {s.confidence for s in found} == {0.5}


def test_confidence_is_weighted_by_length_and_outside_makes_no_section() -> None:
    text = "aaaa bb c"
    found = sections_of(text, [(0, 4), (5, 7), (8, 9)], [1, 1, 0], [1.0, 0.4, 1.0])
    assert [(one.label, one.start, one.end, one.confidence) for one in found] == [("header", 0, 8, 0.8)]
    claim = Segmented(text=text, sections=(SectionSpan(label="claim", start=5, end=7),))
    assert labels_of(claim, [(0, 4), (5, 7)]) == [0, LABELS.index("claim")]


@pytest.mark.parametrize("name", VARIANTS)
def test_variants_keep_the_sections(name: str, decisions: Sequence[Segmented]) -> None:
    for decision in decisions[:8]:
        harder = VARIANTS[name](decision, 7)
        check(harder, where=name)
        assert [one.label for one in harder.sections] == [one.label for one in decision.sections]
        assert sum(len(piece) for _, piece in pieces(harder)) == len(harder.text)


def test_what_the_variants_change(decisions: Sequence[Segmented]) -> None:
    one = decisions[0]
    assert "\n" not in VARIANTS["one_line"](one, 7).text
    assert "\n" in one.text
    assert VARIANTS["capitals"](one, 7).text == upper(one.text)
    scanned = VARIANTS["scanned"](one, 7).text
    assert scanned != one.text
    assert scanned == VARIANTS["scanned"](one, 7).text != VARIANTS["scanned"](one, 8).text


def test_neighbours_of_one_label_become_one_section() -> None:
    made = from_pieces(Segmented(text=""), [("claim", "Bir.\n"), ("ruling", "\n"), ("claim", "İki."), ("", " Dış.")])
    assert [(s.label, made.text[s.start : s.end]) for s in made.sections] == [("claim", "Bir.\n\nİki.")]


def test_a_long_decision_is_put_together_in_linear_time() -> None:
    clock = time.process_time()
    made = from_pieces(Segmented(text=""), [("claim" if at % 3 else "", "Satır.\n" * 8) for at in range(20_000)])
    assert (len(made.text), len(made.sections)) == (20_000 * 56, 6_667)
    assert time.process_time() - clock < 5


def test_sections_that_overlap_are_refused() -> None:
    spans = (SectionSpan(label="claim", start=0, end=5), SectionSpan(label="ruling", start=4, end=8))
    with pytest.raises(InputError, match="overlaps"):
        check(Segmented(text="a" * 9, sections=spans), where="x:1")
    with pytest.raises(InputError, match="text of 3 characters"):
        check(Segmented(text="abc", sections=spans[:1]), where="x:1")
