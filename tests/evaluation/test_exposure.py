"""What of a task's data stood in training text: units are told apart by it, of every kind of task."""

from typing import Any

import pytest

from mecelle.evaluation.exposure import columns, items_of
from mecelle.evaluation.record import TaskRecord
from mecelle.evaluation.tasks.definition import GroupedData, LabelledData, PairData, RetrievalData


def record(ids: tuple[str, ...], values: tuple[float, ...], **changes: Any) -> TaskRecord:
    made: dict[str, Any] = {
        "model": "m", "fingerprint": "f", "task": "t.v1", "kind": "retrieval", "split": "test", "main_score": "s",
        "scores": {"s": 0.5}, "unit": "query", "ids": ids, "values": values, "n": len(ids), "seed": 7, "data": "d",
        "parameters": {},
    }  # fmt: skip
    return TaskRecord(**{**made, **changes})


SEARCH = RetrievalData(
    {"q1": "kira", "q2": "miras"}, {"d1": "a", "d2": "b", "d3": "c"}, {"q1": frozenset({"d1"}), "q2": frozenset({"d2"})}
)


def key_of(items: dict[str, str], text: str) -> str:
    return next(key for key, value in items.items() if value == text)


def test_questions_and_answers_are_looked_for_and_no_other_document() -> None:
    items = items_of("t.v1", SEARCH)
    assert sorted(items.values()) == ["a", "b", "kira", "miras"]
    assert not set(items) & set(items_of("u.v1", SEARCH))


def test_a_seen_question_and_a_seen_answer_are_two_things() -> None:
    items = items_of("t.v1", SEARCH)
    scored = record(("q1", "q2"), (1.0, 0.0))
    asked = columns(scored, SEARCH, {key_of(items, "kira")})
    assert (asked["n.touched"], asked["s.untouched"], asked["n.answer_seen"], asked["s.answer_unseen"]) == (
        1,
        0,
        0,
        0.5,
    )
    answered = columns(scored, SEARCH, {key_of(items, "b")})
    assert (answered["n.touched"], answered["s.untouched"], answered["s.answer_unseen"]) == (0, 0.5, 1.0)
    every = columns(scored, SEARCH, set(items))
    assert every["n.untouched"] == 0
    assert "s.untouched" not in every


@pytest.mark.parametrize(
    "data",
    [
        LabelledData([("train", "x")], [("q1", "kira", "x"), ("q2", "miras", "y")]),
        PairData([("q1", "ki", "ra", 1.0), ("q2", "mi", "ras", 0.0)]),
    ],
)
def test_units_of_other_kinds(data: Any) -> None:
    items = items_of("t.v1", data)
    assert len(items) == 2
    found = columns(record(("q1", "q2"), (1.0, 0.0)), data, {next(iter(items))})
    assert found == {"n.touched": 1, "n.untouched": 1, "s.untouched": 0.0}


def test_draws_of_a_clustering_have_no_text_of_their_own() -> None:
    data = GroupedData([("kira", "x"), ("miras", "y")])
    scored = record(("draw 0",), (0.5,), kind="clustering")
    assert columns(scored, data, {next(iter(items_of("t.v1", data)))}) == {"n.touched": 1, "n.untouched": 1}
