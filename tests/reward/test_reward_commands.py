"""`mecelle reward` and `mecelle evaluate generation`, from documents to a comparison."""

from pathlib import Path

import orjson
import pytest
import typer
from typer.testing import CliRunner

from mecelle.base.errors import ConfigError
from mecelle.cli import evaluate_generation, reward

RUNNER = CliRunner()


def run(*arguments: object, app: typer.Typer = reward.app) -> str:
    result = RUNNER.invoke(app, [str(one) for one in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_from_documents_to_a_comparison(
    documents: Path, backbone: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pairs, model, work = tmp_path / "pairs", tmp_path / "model", tmp_path / "work"
    run("pairs", documents, "--out", pairs, "--set", "near_question=1.0", "--set", "questions_per_kind=8")
    run("train", pairs, "--backbone", backbone, "--out", model, "--work", work, "--set", "gate.steps=10",
        "--set", "max_length=160")  # fmt: skip
    told = orjson.loads(run("score", model, "--question", "Süre?", "--answer", "Bir ay."))
    assert set(told) == {"score", "rewards", "transformed", "gating", "words", "truncated"}
    asked = tmp_path / "asked.jsonl"
    rows = [{"question": "Süre?", "answer": "Süre bir aydır."}, {"question": "Kira?", "answer": "Bir sözleşmedir."}]
    asked.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    with caplog.at_level("WARNING"):
        assert len(run("score", model, "--pairs", asked).splitlines()) == 2
        assert not caplog.records
        told = orjson.loads(run("score", model, "--question", "Süre?", "--answer", "Bir ay. " * 200))
    assert told["truncated"]
    assert "1 of 1 conversations are longer than the 160 tokens" in caplog.text
    measured = orjson.loads(run("measure", model, "--data", pairs, "--out", tmp_path / "accuracy", "--work", work))
    assert set(measured["length"]) == {"before", "after"}
    app = typer.Typer()
    evaluate_generation.add_to(app)
    compared = orjson.loads(run(f"base={backbone}", f"same={backbone}", "--judge", model, "--questions", asked,
        "--out", tmp_path / "gen", "--set", "contexts=[1,3]", "--set", "answer_tokens=6", app=app))  # fmt: skip
    assert len(compared["rows"]) == 12
    assert compared["truncated"] == {"reference": 0, "base": 0, "same": 0}
    assert all(row["difference"] == 0 for row in compared["rows"])  # the same model twice


def test_nothing_to_judge_is_told(tmp_path: Path) -> None:
    result = RUNNER.invoke(reward.app, ["score", str(tmp_path)])
    assert result.exit_code == 2
    assert ConfigError.__name__ in result.output
