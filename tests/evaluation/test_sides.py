"""Which queries choose and which are scored."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from mecelle.base.errors import InputError
from mecelle.evaluation.sides import divide
from mecelle.evaluation.splits import Splits, write
from mecelle.evaluation.tasks.retrieval import RetrievalTask


def task(*ids: str) -> RetrievalTask:
    made = RetrievalTask(name="t", queries={i: i for i in ids}, documents={"d": "d"}, gold={i: {"d"} for i in ids})
    made.accounts.keep(len(ids))
    return made


def splits(path: Path, development: Sequence[str], test: Sequence[str]) -> Path:
    questions = {"development": list(development), "test": list(test)}
    write(
        Splits.model_validate(
            {"command": "", "seed": 1, "data": {}, "counts": {}, "questions": questions, "decisions": {}}
        ),
        path,
    )
    return path


def test_halves_by_the_seed() -> None:
    _, sides = divide(task("a", "b", "c", "d"), None, seed=1)
    assert sorted(sides["development"] + sides["test"]) == ["a", "b", "c", "d"]
    assert len(sides["development"]) == 2


def test_strangers_to_the_splits_are_dropped_and_counted(tmp_path: Path) -> None:
    whole = task("a", "b", "c")
    restricted, sides = divide(whole, splits(tmp_path / "s.json", ["a", "x"], ["b"]), seed=1)
    assert sides == {"development": ["a"], "test": ["b"]}
    assert set(restricted.queries) == set(restricted.gold) == {"a", "b"}
    restricted.accounts.check()
    assert (restricted.accounts.seen, restricted.accounts.dropped) == (3, {"not_in_splits": 1})
    assert whole.accounts.dropped == {}


@pytest.mark.parametrize("test", [["x"], ["y", "z"]])
def test_splits_of_other_queries_are_refused(tmp_path: Path, test: list[str]) -> None:
    with pytest.raises(InputError, match="of the 2 queries of t, 0 for development, 0 for test"):
        divide(task("a", "b"), splits(tmp_path / "s.json", ["w"], test), seed=1)
    with pytest.raises(InputError, match="1 for development, 0 for test"):
        divide(task("a", "b"), splits(tmp_path / "s.json", ["a"], test), seed=1)


def test_one_query_is_too_few() -> None:
    with pytest.raises(InputError, match="1 queries; at least 2 are needed"):
        divide(task("a"), None, seed=1)
