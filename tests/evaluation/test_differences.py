from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from mecelle.base.errors import MismatchError
from mecelle.evaluation.differences import Differences, differences
from mecelle.evaluation.means import MTEB_TYPES
from mecelle.evaluation.record import TaskRecord
from mecelle.evaluation.statistics.paired import compare, mcnemar


def record(model: str, values: Sequence[float], task: str = "t.v1", **changes: Any) -> TaskRecord:
    made: dict[str, Any] = {
        "model": model, "fingerprint": model, "task": task, "kind": "retrieval", "split": "test", "main_score": "m",
        "scores": {"m": float(np.mean(values))}, "unit": "query", "n": len(values), "values": tuple(values),
        "ids": tuple(f"q{place}" for place in range(len(values))), "seed": 7, "parameters": {}, "data": "d",
    }  # fmt: skip
    return TaskRecord(**{**made, **changes})


def drawn(effect: float, seed: int, n: int = 60) -> list[float]:
    difficulty = np.random.default_rng(1).uniform(0, 0.8, n)
    return (difficulty + effect + np.random.default_rng(seed).normal(0, 0.1, n)).tolist()


def told(found: Differences) -> Mapping[str, str]:
    return {row.task: row.verdict(found.a, found.b) for row in found.rows}


def test_a_better_model_is_named_and_equal_ones_are_not_told_apart() -> None:
    a = [record("a", drawn(0.2, 2), "big.v1"), record("a", drawn(0.0, 3), "none.v1")]
    b = [record("b", drawn(0.0, 4), "big.v1"), record("b", drawn(0.0, 5), "none.v1")]
    assert told(differences(a, b, seed=1)) == {"big.v1": "a is better", "none.v1": "cannot be told apart"}
    assert told(differences(b, a, seed=1))["big.v1"] == "a is better"


def test_a_record_that_stands_in_two_folders_is_one_training() -> None:
    a, b = record("a", drawn(0.1, 2)), record("b", drawn(0.0, 4))
    again = a.model_copy(update={"seconds": 2.0})
    assert differences([a, again], [b, b], seed=1) == differences([a], [b], seed=1)
    other = record("a", drawn(0.1, 6), fingerprint="second training")
    assert differences([a, again, other], [b], seed=1).rows[0].seeds == (2, 1)


def test_less_is_better_where_the_record_says_so() -> None:
    a = record("a", drawn(0.2, 2), lower_is_better=True, kind="perplexity")
    b = record("b", drawn(0.0, 4), lower_is_better=True, kind="perplexity")
    assert told(differences([a], [b], seed=1)) == {"t.v1": "b is better"}


def test_units_are_paired_by_id_not_by_place() -> None:
    a, b = record("a", drawn(0.05, 2)), record("b", drawn(0.0, 4))
    turned = b.model_copy(update={"ids": b.ids[::-1], "values": b.values[::-1]})
    plain, other = (differences([a], [side], seed=1).rows[0].comparison for side in (b, turned))
    assert plain == other
    assert plain.low > compare(a.values, b.values[::-1], seed=1).low  # unpaired noise would widen it


def test_right_and_wrong_answers_go_to_mcnemar() -> None:
    rng = np.random.default_rng(3)
    a, b = ((rng.random(80) < share).astype(float).tolist() for share in (0.8, 0.6))
    row = differences([record("a", a)], [record("b", b)], seed=1).rows[0]
    assert row.test == "McNemar, exact"
    assert row.comparison.p == mcnemar(a, b).p


def test_documents_are_drawn_as_one() -> None:
    a, b = np.repeat(drawn(0.05, 2, 20), 10).tolist(), np.repeat(drawn(0.0, 4, 20), 10).tolist()
    clusters = tuple(str(place // 10) for place in range(200))
    plain = differences([record("a", a)], [record("b", b)], seed=1).rows[0]
    clustered = differences([record("a", a, clusters=clusters)], [record("b", b, clusters=clusters)], seed=1).rows[0]
    assert clustered.test == "sign flips by cluster"
    assert clustered.comparison.high - clustered.comparison.low > 2 * (plain.comparison.high - plain.comparison.low)


def test_trainings_with_several_seeds_make_one_row() -> None:
    a = [record("a", drawn(0.1 + luck, 10 + seed), seed=seed) for seed, luck in enumerate((-0.1, 0.0, 0.1))]
    b = [record("b", drawn(luck, 20 + seed), seed=seed) for seed, luck in enumerate((-0.05, 0.05))]
    row = differences(a, b, seed=1).rows[0]
    assert (row.test, row.seeds) == ("seeds and units", (3, 2))
    single = differences(a[1:2], b[:1], seed=1).rows[0].comparison
    assert row.comparison.high - row.comparison.low > single.high - single.low


def test_every_row_is_corrected_for_all() -> None:
    tasks = [f"t{place}.v1" for place in range(5)]
    a = [record("a", drawn(0.03, 2 + place), task) for place, task in enumerate(tasks)]
    b = [record("b", drawn(0.0, 20 + place), task) for place, task in enumerate(tasks)]
    rows = differences(a, b, seed=1).rows
    smallest = min(row.comparison.p for row in rows)
    assert min(row.comparison.p_holm or 0 for row in rows) == pytest.approx(min(1.0, len(rows) * smallest))


def test_means_come_first_where_both_have_every_type() -> None:
    def suite(model: str, effect: float) -> list[TaskRecord]:
        return [
            record(model, drawn(effect, 50 + place), task, kind=kind)
            for place, (task, kind) in enumerate(
                [(f"{kind.replace(' ', '-')}.v1", kind) for kind in MTEB_TYPES]
                + [(task, "legal retrieval") for task in ("citizen_questions.v1", "legal_answers.v1", "other.v1")]
            )
        ]

    a, b = suite("a", 0.2), suite("b", 0.0)
    rows = differences(a, b, seed=1).rows
    assert [row.task for row in rows[:2]] == ["MTEB Score", "Legal Score"]
    assert rows[0].score_a == pytest.approx(np.mean([one.score for one in a[:5]]))
    assert rows[0].comparison.difference == pytest.approx(rows[0].score_a - rows[0].score_b)
    assert rows[1].score_a == pytest.approx(np.mean([one.score for one in a[5:7]])), "other.v1 is none of the three"
    assert [row.task for row in differences(a[:4], b[:4], seed=1).rows if row.kind == "mean"] == []
    english = (
        [one.model_copy(update={"language": "eng"}) for one in a],
        [one.model_copy(update={"language": "eng"}) for one in b],
    )
    assert [row.task for row in differences(*english, seed=1).rows if row.kind == "mean"] == []


def test_a_score_that_is_no_mean_says_so() -> None:
    a, b = record("a", drawn(0.1, 2), scores={"m": 0.9}), record("b", drawn(0.0, 3))
    assert "not m of the whole" in differences([a], [b], seed=1).rows[0].notes[0]


def test_what_cannot_be_compared_is_refused_or_told() -> None:
    a, b = record("a", drawn(0.1, 2)), record("b", drawn(0.0, 3))
    with pytest.raises(MismatchError, match="differ in data \\(d against e\\)"):
        differences([a], [b.model_copy(update={"data": "e"})], seed=1)
    with pytest.raises(MismatchError, match="differ in unit"):
        differences([a], [b.model_copy(update={"unit": "item"})], seed=1)
    with pytest.raises(MismatchError, match=r"b lacks 7 \(q53, q54, q55, q56, q57, ...\)"):
        differences([a], [record("b", b.values[:53])], seed=1)
    with pytest.raises(MismatchError, match="share no task"):
        differences([a], [record("b", b.values, "u.v1")], seed=1)
    bare = a.model_copy(update={"task": "bare.v1", "ids": (), "values": ()})
    found = differences([a, record("a", a.values, "x.v1"), bare], [b, record("b", b.values, "y.v1"), bare], seed=1)
    assert (found.only_a, found.only_b, found.without_units) == (("x.v1",), ("y.v1",), ("bare.v1",))


def test_one_task_has_no_mean_and_no_second_test() -> None:
    rows = differences(
        [record("a", drawn(0.1, 2), kind="legal retrieval")],
        [record("b", drawn(0.0, 3), kind="legal retrieval")],
        seed=1,
    ).rows
    assert [row.task for row in rows] == ["t.v1"]


def test_a_task_of_other_parameters_is_told_and_the_others_compared() -> None:
    def both(model: str, effect: float, documents: int) -> list[TaskRecord]:
        caps = {"parameters": {"caps": {"documents": documents}, "forms": []}}
        return [record(model, drawn(effect, 2)), record(model, drawn(effect, 3), "u.v1", **caps)]

    found = differences(both("a", 0.2, 100), both("b", 0.0, 400), seed=1)
    assert [row.task for row in found.rows] == ["t.v1"]
    assert "u.v1: a and b were scored with other parameters (documents: 100 against 400)" in found.not_compared[0]
    with pytest.raises(MismatchError, match="documents: 100 against 400"):
        differences(both("a", 0.2, 100)[1:], both("b", 0.0, 400)[1:], seed=1)
