"""`mecelle evaluate legal`, `mteb-turkish` and `tasks` away from our checkout: what must be given, and what is told."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from rich.console import Console

from mecelle.cli.evaluate_options import splits_file
from mecelle.evaluation.listing import fields_of, size_of, tasks_of
from mecelle.evaluation.suites import LOCAL
from mecelle.evaluation.tasks.definition import TASKS, Caps, RetrievalData, Source


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MECELLE_DATA", raising=False)
    monkeypatch.delenv("MECELLE_SPLITS", raising=False)


@pytest.mark.parametrize("command", ["legal", "mteb-turkish", "cloze", "mlm", "perplexity"])
def test_without_data_it_is_said_what_to_give(refused: Callable[..., str], tmp_path: Path, command: str) -> None:
    told = refused("evaluate", command, "random", "--out", tmp_path / "out")
    assert "no folder with legal/ and general/ in it" in told
    assert "MECELLE_DATA" in told
    assert "mecelle evaluate tasks" in told
    assert "evaluate retrieval --queries" in told


def test_the_folder_of_the_variable_is_taken(
    refused: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine" / "legal").mkdir(parents=True)
    monkeypatch.setenv("MECELLE_DATA", str(tmp_path / "mine"))
    told = refused("evaluate", "legal", "random", "--no-baselines", "--out", tmp_path / "out")
    assert "mine/legal/" in told
    assert "no such file; --data needs a folder that holds" in told


def test_splits_that_were_given_then_beside_the_data_then_shipped(tmp_path: Path, repository: Path) -> None:
    shipped = splits_file(None, tmp_path)
    assert shipped.read_bytes() == (repository / "docs" / "splits.json").read_bytes()
    (tmp_path / "splits.json").write_text("{}")
    assert splits_file(None, tmp_path) == tmp_path / "splits.json"
    assert splits_file(shipped, tmp_path) == shipped


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("legal", "random", "--splits", "absent.json"), "absent.json: no such file"),
        (("legal", "random", "--task", "movie"), "`mecelle evaluate mteb-turkish --task movie.v1` runs it"),
        (("legal", "random", "--task", "exam_question"), "did you mean 'exam_questions.v1'"),
        (("legal", "--no-baselines"), "no model: name one"),
        (("legal", "package:e6"), "did you mean 'package:e5'"),
        (("legal", "mine=bm25:snowbal"), "did you mean 'bm25:snowball'"),
        (("legal", "random", "--hub", "--training", "x"), "leave them out with --hub"),
    ],
)
def test_what_cannot_be_run_is_refused(
    refused: Callable[..., str], tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    (tmp_path / "data" / "legal").mkdir(parents=True)
    assert told in refused("evaluate", *words, "--data", tmp_path / "data", "--out", tmp_path / "out")


def test_the_help_names_tasks_and_settings(mecelle: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    told = mecelle("evaluate", "mteb-turkish", "--help").stdout
    assert "documents=4000" in told
    assert all(task.rpartition(".")[0] in told for task in LOCAL["mteb-turkish"])
    assert "The 17 tasks" not in told


def test_the_list_of_tasks(mecelle: Callable[..., Any]) -> None:
    told = orjson.loads(mecelle("evaluate", "tasks").stdout)
    rows = {row["task"]: row for row in told["tasks"]}
    assert {f"{name}.v1" for name in rows} == set(TASKS.names())
    assert rows["citizen_questions"]["scored"] == "73 queries, 4,000 documents"
    assert "legal/retrieval_statutes" in rows["citizen_questions"]["files"]
    assert all(row["cost"] in ("seconds", "a minute", "minutes") for row in rows.values())


def test_every_file_that_is_read_has_its_fields_told() -> None:
    every = [task for name in LOCAL for task in tasks_of(name)]
    known = fields_of(every)
    for file in {file for task in every for file in task.files}:
        assert any(file.startswith(pattern.rstrip("*")) for pattern in known), file


@pytest.mark.parametrize("name", ["tquad.v1", "legal_answers.v1"])
def test_the_sizes_are_those_of_the_data(real_data: Path, name: str) -> None:
    task = TASKS.get(name)
    data = task.read(Source(real_data, splits_file(None, real_data)), Caps(), 7)
    size = size_of(task)
    assert isinstance(data, RetrievalData)
    assert size is not None
    assert (size.n, size.of) == (len(data.queries), len(data.documents))


@pytest.mark.parametrize(
    "words",
    [
        ("retrieval", "--queries", "q.csv", "--documents", "d.jsonl"),
        ("efficiency", "--queries", "q.csv", "--documents", "d.jsonl"),
        ("finetune",),
        ("mlm", "--texts", "tax=t.jsonl"),
    ],
)
def test_two_models_of_one_name_are_refused(
    refused: Callable[..., str], tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "legal").mkdir()
    (tmp_path / "model").mkdir()
    (tmp_path / "t.jsonl").write_text('{"text": "Davacı vekili dava dilekçesinde"}\n', encoding="utf-8")
    (tmp_path / "q.csv").write_text("query,gold\nkira,a\n", encoding="utf-8")
    (tmp_path / "d.jsonl").write_text('{"id": "a", "text": "kira"}\n', encoding="utf-8")
    data = ("--data", tmp_path) if words[0] in ("finetune", "mlm") else ()
    told = refused("evaluate", *words, "mine=package:use", "mine=model", *data, "--out", tmp_path / "out")
    assert "model 'mine' stands twice" in told


@pytest.mark.parametrize("command", ["legal", "cloze", "efficiency", "finetune"])
def test_an_output_that_is_a_file_is_refused_before_the_work(refused: Callable[..., str], command: str) -> None:
    Path("out").write_text("mine")
    assert "'out' is a file" in refused("evaluate", command, "random", "--out", "out")


def test_a_board_is_not_written_over_a_folder(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "scores").mkdir()
    assert "'scores' is a directory" in refused("evaluate", "board", tmp_path, "--out", "scores")
    assert not (tmp_path / "scores.partial").exists()


def test_bm25_needs_no_naming(refused: Callable[..., str], tmp_path: Path) -> None:
    told = refused("evaluate", "retrieval", "bm=bm25:snowball", "--out", tmp_path / "out")
    assert "BM25 is scored beside every model" in told


def test_names_of_tasks_are_whole_on_a_narrow_terminal(
    mecelle: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mecelle.cli.evaluate_tasks.console", Console(width=80))
    told = mecelle("evaluate", "legal", "--help").stdout
    assert all(task.rpartition(".")[0] in told for task in LOCAL["legal"])


def test_scores_of_a_retrieval_are_told(
    mecelle: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def score(out: Path, *_: Any, **__: Any) -> None:
        row = {name: {"n": 12, "mean": 0.5, "low": 0.4, "high": 0.6} for name in ("ndcg@10", "recall@100")}
        better = row | {"ndcg@10": {"n": 12, "mean": 0.7, "low": 0.6, "high": 0.8}}
        out.mkdir(exist_ok=True)
        (out / "scores.json").write_bytes(orjson.dumps({"test": {"bm25:snowball": row, "mine": better}}))
        (out / "chosen.json").write_bytes(orjson.dumps({"system": "mine"}))

    monkeypatch.setattr("mecelle.evaluation.stage.evaluate", score)
    piped = orjson.loads(mecelle("evaluate", "retrieval", "--out", tmp_path / "out").stdout)
    assert (piped["chosen"], piped["scores"]["mine"]["mean"]) == ("mine", 0.7)
    screen = io.StringIO()
    monkeypatch.setattr("mecelle.cli.evaluate.console", Console(file=screen, force_terminal=True, width=80))
    mecelle("evaluate", "retrieval", "--out", tmp_path / "out")
    told = screen.getvalue()
    assert "12 test questions" in told
    assert told.index(".700 [.600, .800]") < told.index(".500 [.400, .600]")
    assert "by which it is chosen: mine" in told
