from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from mecelle.base.errors import InputError
from mecelle.evaluation.record import TaskRecord, files, path, read, read_file, reusable, write

VALUES: dict[str, Any] = {
    "model": "owner/model", "fingerprint": "f", "task": "tquad.v1", "kind": "retrieval", "split": "test",
    "main_score": "ndcg@10", "scores": {"ndcg@10": 0.5, "map": 0.25}, "unit": "query", "ids": ("q1", "q2"),
    "values": (1.0, 0.0), "n": 2, "seed": 7, "parameters": {"caps": (100, 300)}, "data": "d",
}  # fmt: skip
ASKED = {name: VALUES[name] for name in ("model", "task", "fingerprint", "data", "parameters", "seed")}


def record(**changes: Any) -> TaskRecord:
    return TaskRecord(**{**VALUES, **changes})


def test_what_is_written_is_read(tmp_path: Path) -> None:
    place = write(record(clusters=("a", "a"), notes=("one",)), tmp_path)
    assert place == path(tmp_path, "owner/model", "tquad.v1")
    assert read(tmp_path) == [read_file(place)]
    found = read_file(place)
    assert (found.score, found.clusters, found.notes) == (0.5, ("a", "a"), ("one",))
    assert found.values_of(["q2", "q1"]) == (0.0, 1.0)


def test_a_folder_of_one_model_is_read_too_and_other_files_are_not_records(tmp_path: Path) -> None:
    place = write(record(), tmp_path)
    (place.parent / "plot.json").write_text("{}")
    (place.parent / "tquad.v1.json.partial").write_text("{")
    assert files(tmp_path) == files(place.parent) == [place]


def test_names_of_models_never_meet(tmp_path: Path) -> None:
    places = {path(tmp_path, name, "t.v1").parent.name for name in ("a/b", "a-b", "a:b", "a b", "../a-b", "..")}
    assert len(places) == 6
    assert all((tmp_path / place).resolve().parent == tmp_path.resolve() for place in places)


def test_reused_only_if_nothing_changed(tmp_path: Path) -> None:
    written = record()
    write(written, tmp_path)
    found = reusable(tmp_path, **ASKED)
    assert found is not None
    assert found.values == written.values
    others = {
        "model": "b",
        "task": "tquad.v2",
        "fingerprint": "g",
        "data": "e",
        "parameters": {"caps": (1,)},
        "seed": 8,
    }
    for name, other in others.items():
        assert reusable(tmp_path, **{**ASKED, name: other}) is None, name


def test_a_broken_record_is_made_again_but_never_read(tmp_path: Path) -> None:
    place = write(record(), tmp_path)
    place.write_text(place.read_text()[:40])
    assert reusable(tmp_path, **ASKED) is None
    with pytest.raises(InputError, match="delete it and evaluate again"):
        read(tmp_path)


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no records in it"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"main_score": "mrr"}, "main score 'mrr' is none of map, ndcg@10"),
        ({"values": (1.0,)}, "2 ids for 1 values"),
        ({"ids": ("q1", "q1")}, "1 ids come twice"),
        ({"clusters": ("a",)}, "1 clusters for 2 ids"),
        ({"n": 3}, "n is 3, but there are 2 ids"),
        ({"values": (1.0, float("nan"))}, "not finite: values"),
        ({"scores": {"ndcg@10": 0.5, "map": float("inf")}}, "not finite: map"),
        ({"task": "tquad"}, "match pattern"),
        ({"kind": "magic"}, "Input should be"),
        ({"colour": "red"}, "not permitted"),
    ],
)
def test_inconsistent_records_are_refused(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        record(**changes)
