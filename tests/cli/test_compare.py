"""`mecelle compare` and `mecelle evaluate board`, as a user types them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from mecelle.cli.main import app
from mecelle.evaluation.record import TaskRecord, path, write


def record(model: str, effect: float, seed: int = 7, **changes: Any) -> TaskRecord:
    noise = np.random.default_rng([seed, len(model)]).normal(0, 0.05, 50)
    values = np.random.default_rng(1).uniform(0, 0.5, 50) + effect + noise
    made: dict[str, Any] = {
        "model": model, "fingerprint": f"{model}{seed}", "task": "t.v1", "kind": "retrieval", "split": "test",
        "main_score": "m", "scores": {"m": float(values.mean())}, "unit": "query", "n": 50, "seed": seed, "data": "d",
        "ids": tuple(f"q{place}" for place in range(50)), "values": tuple(values.tolist()), "parameters": {},
    }  # fmt: skip
    return TaskRecord(**{**made, **changes})


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder = tmp_path / "results"
    for one in (record("good", 0.3), record("bad", 0.0)):
        write(one, folder)
    return folder


def run(*arguments: str | Path) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_two_models_of_one_folder(results: Path) -> None:
    found = run("compare", "good", "bad", "--results", results, "--json")
    assert found.exit_code == 0, found.output
    (table,) = json.loads(found.stdout)
    assert table["verdicts"] == {"t.v1": "good is better"}
    row = table["rows"][0]
    assert 0.25 < row["comparison"]["low"] < row["comparison"]["difference"] < row["comparison"]["high"] < 0.35
    assert row["comparison"]["p_holm"] < 0.01


def test_two_files_and_two_folders_of_models(results: Path) -> None:
    good, bad = (path(results, model, "t.v1") for model in ("good", "bad"))
    for places in ((good, bad), (good.parent, bad.parent)):
        (table,) = json.loads(run("compare", *places).stdout)
        assert (table["a"], table["b"]) == ("good", "bad")


def test_two_runs_of_the_same_models(results: Path, tmp_path: Path) -> None:
    for one in (record("good", 0.2, seed=8), record("bad", 0.0, seed=8)):
        write(one, tmp_path / "again")
    tables = json.loads(run("compare", results, tmp_path / "again").stdout)
    assert [table["verdicts"]["t.v1"] for table in tables] == ["cannot be told apart", "good (A) is better"]


def test_trainings_with_several_seeds(results: Path, tmp_path: Path) -> None:
    for one in (record("good", 0.2, seed=8), record("bad", 0.0, seed=8)):
        write(one, tmp_path / "again")
    (table,) = json.loads(run("compare", "good", "bad", "--results", results, "--results", tmp_path / "again").stdout)
    assert table["rows"][0]["seeds"] == [2, 2]


def test_faults_are_told_without_a_traceback(results: Path, tmp_path: Path) -> None:
    for arguments, message in [
        (("compare", "good", "bda", "--results", results), "did you mean 'bad'"),
        (("compare", "good", "bad"), "add --results FOLDER"),
        (("compare", "good", "good", "--results", results), "both sides are the same"),
        (("compare", results, f"{results}/../results"), "both sides are the same"),
        (("compare", results, tmp_path), "no records in it"),
    ]:
        found = run(*arguments)
        assert found.exit_code == 2
        assert message in found.output.replace("\n", " ")
    write(record("bad", 0.0, data="e"), results)
    found = run("compare", "good", "bad", "--results", results)
    assert found.exit_code == 2
    assert "differ in data" in found.output.replace("\n", " ")


def test_board(results: Path, tmp_path: Path) -> None:
    out = tmp_path / "board.html"
    found = run("evaluate", "board", results, "--out", out)
    assert found.exit_code == 0, found.output
    assert "good" in out.read_text(encoding="utf-8")
