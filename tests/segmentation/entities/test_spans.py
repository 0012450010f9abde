"""Two readings of a text as one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mecelle.segmentation.entities.spans import Span, merge, nested, outermost


def test_a_rule_speaks_first_for_what_has_a_form():
    rule, encoder = Span(5, 15, "date"), Span(0, 15, "date", 0.9)
    assert merge([rule], [encoder]) == [rule]


def test_the_encoder_speaks_first_for_names():
    rule, encoder = Span(5, 15, "person"), Span(0, 15, "person", 0.9)
    assert merge([rule], [encoder]) == [encoder]


@pytest.mark.parametrize("kind", ["date", "person"])
def test_who_speaks_second_is_heard_where_the_first_is_silent(kind):
    rule, encoder = Span(5, 15, kind), Span(15, 20, kind, 0.9)
    assert merge([rule], [encoder]) == [rule, encoder]


def test_a_date_may_lie_in_a_cited_decision_and_nothing_crosses():
    decision, date, crossing = Span(0, 40, "decision"), Span(0, 10, "date"), Span(35, 50, "court", 0.99)
    assert merge([date, decision], [crossing]) == [decision, date]
    assert outermost([decision, date]) == [decision]


def test_a_trusted_span_pushes_out_shorter_and_longer_ones_that_it_crosses():
    outer, inner, trusted = Span(0, 20, "person"), Span(2, 12, "person"), Span(10, 30, "date")
    assert nested([outer, inner, trusted], trust=[0, 0, 1]) == [trusted]


def test_a_span_that_loses_to_an_outer_one_pushes_out_no_inner_one():
    outer, inner, crossing = Span(0, 20, "decision"), Span(5, 18, "person"), Span(15, 25, "court")
    assert nested([outer, inner, crossing], trust=[2, 0, 1]) == [outer, inner]


SPANS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 12), st.sampled_from(["date", "person", "court"]), st.integers(0, 2)),
    max_size=12,
)


@given(SPANS)
def test_nothing_crosses_or_repeats_whatever_was_found(rows):
    found = nested([Span(start, start + width, kind) for start, width, kind, _ in rows], trust=[row[3] for row in rows])
    assert [(s.start, -s.end) for s in found] == sorted({(s.start, -s.end) for s in found})
    for a in found:
        assert not any(a.start < b.start < a.end < b.end for b in found)
    assert bool(found) == bool(rows)
