"""Every measure on decisions small enough to count by hand."""

import pytest

from mecelle.segmentation.measures import TOLERANCE, scores, tally
from mecelle.segmentation.record import SectionSpan, Segmented

WORDS = 40


def decision(*spans: tuple[str, int, int]) -> Segmented:
    """Forty words `a `; spans in words."""
    sections = [SectionSpan.model_validate({"label": label, "start": 2 * a, "end": 2 * b}) for label, a, b in spans]
    return Segmented(text="a " * WORDS, sections=tuple(sections))


GOLD = decision(("header", 0, 4), ("reasoning", 4, 30), ("ruling", 30, 40))


def test_a_perfect_reading() -> None:
    found = scores([tally(GOLD, GOLD)])
    for name in ("doc_pass", "tol_pass", "all_found", "bnd_acc", "bnd_f1", "span_exact_f1", "col_mac_f1"):
        assert found[name] == 1.0
    assert found["col_mac_f1"] == 1.0, "labels that do not occur are no part of the mean"


def test_a_boundary_that_is_off_by_two_words() -> None:
    found = scores([tally(GOLD, decision(("header", 0, 4), ("reasoning", 4, 32), ("ruling", 32, 40)))])
    assert (found["doc_pass"], found["tol_pass"], found["all_found"]) == (0.0, 1.0, 0.0)
    assert found["bnd_acc"] == found["bnd_f1"] == pytest.approx(2 / 3)
    assert found["span_exact_f1"] == pytest.approx(1 / 3)
    ruling, reasoning = 16 / 18, 52 / 54
    assert found["col_f1.ruling"] == pytest.approx(ruling)
    assert found["col_mac_f1"] == pytest.approx((1 + reasoning + ruling) / 3)
    assert found["col_weighted_f1"] == pytest.approx((4 + 26 * reasoning + 10 * ruling) / 40)
    assert (found["begin_f1.header"], found["begin_f1.ruling"], found["span_f1.ruling"]) == (1.0, 0.0, 0.0)


def test_beyond_the_tolerance() -> None:
    far = 30 - TOLERANCE - 1
    assert (
        scores([tally(GOLD, decision(("header", 0, 4), ("reasoning", 4, far), ("ruling", far, 40)))])["tol_pass"] == 0
    )


def test_a_boundary_too_many_fails_the_document_though_all_were_found() -> None:
    split = decision(("header", 0, 4), ("reasoning", 4, 10), ("formal", 10, 12), ("ruling", 30, 40))
    found = scores([tally(GOLD, split), tally(GOLD, GOLD)])
    assert (found["doc_pass"], found["tol_pass"], found["all_found"]) == (0.5, 0.5, 1.0)
    assert found["begin_precision.formal"] == 0.0
    assert found["bnd_acc"] == 1.0
    assert found["bnd_f1"] == pytest.approx(12 / 13)


def test_the_wrong_label_at_the_right_place_is_no_hit() -> None:
    other = decision(("header", 0, 4), ("claim", 4, 30), ("ruling", 30, 40))
    found = scores([tally(GOLD, other)])
    assert found["bnd_acc"] == pytest.approx(2 / 3)
    assert found["doc_pass"] == 0.0
    assert tally(GOLD, other).words[5, 3] == 26  # reasoning read as claim


def test_white_space_between_sections_is_no_difference() -> None:
    shifted = decision(("header", 0, 4), ("reasoning", 4, 30), ("ruling", 30, 40))
    moved = [one.model_copy(update={"end": one.end - 1}) for one in shifted.sections]
    assert scores([tally(GOLD, shifted.model_copy(update={"sections": tuple(moved)}))])["doc_pass"] == 1.0


def test_nothing_to_score_scores_nothing() -> None:
    assert set(scores([]).values()) == {0.0}
    empty = Segmented(text="")
    assert scores([tally(empty, empty)])["doc_pass"] == 1.0
