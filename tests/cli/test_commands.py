"""What every command has in common, and search without any training."""

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import typer
from rich.console import Console

from mecelle import __version__
from mecelle.cli import index
from mecelle.cli.main import ORDER, app
from mecelle.cli.maintenance import findings_table
from mecelle.recipes.catalogue import RECIPES, find
from mecelle.recipes.doctor import Finding
from mecelle.retrieval.search import Searcher

HEAVY = ("torch", "transformers", "sentence_transformers", "dvc")


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """All commands and groups, as a user types them."""
    yield path
    for name, command in sorted(getattr(group, "commands", {}).items()):
        yield from commands(command, (*path, name))


ALL = tuple(commands(typer.main.get_command(app)))


def test_all_commands_are_there() -> None:
    names = {" ".join(path) for path in ALL}
    assert names >= {"new", "run", "check", "report", "demo", "doctor", "lineage", "sample", "search", "index build"}
    assert names >= {"corpus extract", "corpus build", "corpus select", "tokenizer train", "encoder pretrain"}
    assert names >= {"embedding pairs", "embedding guide", "embedding train", "evaluate retrieval", "evaluate splits"}


def test_the_help_follows_the_work() -> None:
    group: Any = typer.main.get_command(app)
    assert group.list_commands(click.Context(group)) == list(ORDER)  # each of them once, and none left out


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_help(mecelle: Any, path: tuple[str, ...]) -> None:
    told = mecelle(*path, "--help").output
    assert "Usage" in told


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_option_is_explained(path: tuple[str, ...]) -> None:
    command: Any = typer.main.get_command(app)
    for name in path:
        command = command.commands[name]
    assert command.help
    for parameter in command.params:
        assert getattr(parameter, "help", None), f"{' '.join(path)}: {parameter.name} has no help"


def test_every_variant_of_a_recipe_is_named() -> None:
    command: Any = typer.main.get_command(app)
    told = next(one.help for one in command.commands["new"].params if one.name == "variant")
    for name in RECIPES:
        variants = find(name).variants
        assert not variants or f"{name}: {', '.join(variants)}" in told


def test_version(mecelle: Any) -> None:
    assert mecelle("--version").stdout == f"mecelle {__version__}\n"


def test_an_unknown_command_is_refused(mecelle: Any) -> None:
    assert "No such command 'serch'" in mecelle("serch", code=2).output


def test_doctor_writes_json_lines_when_piped(mecelle: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # These start a process that imports torch, and ask the network: not in a test of the form.
    monkeypatch.setattr("mecelle.recipes.doctor._torch", lambda: Finding("GPU", "limited", "none"))
    monkeypatch.setattr("mecelle.recipes.doctor._hub", lambda: Finding("model hub", "ok", "reached"))
    rows = [json.loads(line) for line in mecelle("doctor", tmp_path).stdout.splitlines()]
    assert {"processor", "memory", "disk", "torch", "dvc", "GPU", "Tesseract", "model hub"} <= {
        r["subject"] for r in rows
    }
    assert all(set(row) == {"subject", "state", "found", "advice"} for row in rows)
    assert all(row["advice"] for row in rows if row["state"] == "missing")


def test_doctor_shows_a_person_the_whole_command() -> None:
    screen = io.StringIO()
    advice = "pip install 'mecelle[train]'"
    Console(file=screen, width=200).print(findings_table([Finding("torch", "missing", "for training", advice)]))
    assert advice in screen.getvalue()


def heavy_after(code: str, *, cwd: Path) -> list[str]:
    """The heavy packages that a fresh process has imported after `code`."""
    code += f"\nimport sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout.splitlines()[-1].replace("'", '"')))


def test_help_and_recipes_start_without_torch(tmp_path: Path) -> None:
    help_page = "from typer.testing import CliRunner; from mecelle.cli.main import ORDER, app\n"
    help_page += "assert CliRunner().invoke(app, ['--help']).exit_code == 0"
    recipes = "import mecelle.recipes.workspace, mecelle.recipes.check, mecelle.recipes.report\n"
    recipes += "from mecelle.recipes.catalogue import find; find('house').recipe('paper')"
    assert heavy_after(f"{help_page}\n{recipes}", cwd=tmp_path) == []


def test_an_index_of_words_needs_no_model(mecelle: Any, collection: Path, tmp_path: Path) -> None:
    out = tmp_path / "index"
    report = json.loads(mecelle("index", "build", collection, "--out", out, "--model", "none", "--workers", 1).stdout)
    assert (report["mode"], report["files_read"], report["embedded"]) == ("bm25", 6, 0)
    hits = [json.loads(line) for line in mecelle("search", "kiracının temerrüdü", "--index", out).stdout.splitlines()]
    assert len(hits) == 5
    assert hits[0]["citation"].startswith("Yargıtay 3. HD, E. 2024/")
    assert "temerrüde" in hits[0]["passage"]
    (hit,) = map(json.loads, mecelle("search", "2024/3", "--index", out, "-k", 1).stdout.splitlines())
    assert hit["case_number"] == "2024/3"


def test_an_index_takes_the_shipped_model_unless_told_otherwise(mecelle: Any, collection: Path, tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers")
    out = tmp_path / "index"
    report = json.loads(mecelle("index", "build", collection, "--out", out, "--workers", 1).stdout)
    assert report["mode"] == "hybrid"
    manifest = json.loads((out / "index.json").read_text(encoding="utf-8"))
    assert (manifest["model"]["name"], manifest["model"]["dimension"]) == ("package:mecelle", 384)
    assert len(mecelle("search", "kiracıyı evden çıkarmak", "--index", out).stdout.splitlines()) == 5


def test_ten_more_files_read_ten_files(
    mecelle: Any, collection: Path, tmp_path: Path, write_decisions: Callable[..., None]
) -> None:
    out = tmp_path / "index"
    build = ("index", "build", collection, "--out", out, "--model", "none", "--workers", 1)
    mecelle(*build)
    write_decisions(collection, 101, 110)
    report = json.loads(mecelle(*build).stdout)
    assert (report["files_read"], report["files_unchanged"], report["accounts"]["kept"]) == (10, 6, 16)
    (hit,) = map(json.loads, mecelle("search", "2024/110", "--index", out, "-k", 1).stdout.splitlines())
    assert hit["case_number"] == "2024/110"


def test_an_index_obeys_what_the_evaluation_chose(mecelle: Any, collection: Path, tmp_path: Path) -> None:
    chosen = tmp_path / "chosen.json"
    chosen.write_text(json.dumps({"system": "bm25:first5", "mode": "bm25", "terms": "first5"}), encoding="utf-8")
    build = ("index", "build", collection, "--out", tmp_path / "index", "--workers", 1)
    # Words did best, so a model is not even looked at.
    report = json.loads(mecelle(*build, "--model", tmp_path / "no-model", "--chosen", chosen).stdout)
    assert report["mode"] == "bm25"
    manifest = json.loads((tmp_path / "index" / "index.json").read_text(encoding="utf-8"))
    assert manifest["config"]["bm25"]["terms"] == "first5"


def test_what_was_chosen_without_a_model_is_told(mecelle: Any, collection: Path, tmp_path: Path) -> None:
    chosen = tmp_path / "chosen.json"
    chosen.write_text(json.dumps({"system": "bm25:first5+mine", "mode": "hybrid", "terms": "first5"}), encoding="utf-8")
    build = ("index", "build", collection, "--out", tmp_path / "index", "--workers", 1, "--chosen", chosen)
    assert "give --model" in mecelle(*build, code=2).stderr
    report = json.loads(mecelle(*build, "--model", "none").stdout)
    assert report["mode"] == "bm25"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('{"mode": ', "chosen.json: not JSON"),
        ("[1]", "chosen.json"),
        ('{"terms": "first5"}', "chosen.json: mode"),
        ('{"mode": "best"}', "chosen.json: mode: found 'best'"),
        ('{"mode": "bm25", "terms": 5}', "chosen.json: terms: found 5"),
    ],
)
def test_a_choice_that_is_none_is_told(
    refused: Callable[..., str], collection: Path, tmp_path: Path, said: str, told: str
) -> None:
    chosen = tmp_path / "chosen.json"
    chosen.write_text(said, encoding="utf-8")
    assert told in refused("index", "build", collection, "--out", tmp_path / "index", "--chosen", chosen)


def test_a_person_sees_citation_and_marked_words(
    mecelle: Any, collection: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mecelle("index", "build", collection, "--out", tmp_path / "index", "--model", "none", "--workers", 1)
    screen = io.StringIO()
    monkeypatch.setattr(index, "console", Console(file=screen, force_terminal=True, width=120, color_system="standard"))
    index.show("kira bedeli", Searcher(tmp_path / "index").search("kira bedeli", k=1))
    shown = screen.getvalue()
    assert "Yargıtay 3. HD, E. 2024/" in click.unstyle(shown)
    assert "\x1b[1;33mkira\x1b[0m" in shown
    assert "Nothing found" not in shown


def test_a_filter_that_fits_no_document_is_told(mecelle: Any, collection: Path, tmp_path: Path) -> None:
    mecelle("index", "build", collection, "--out", tmp_path / "index", "--model", "none", "--workers", 1)
    ask = ("search", "kira", "--index", tmp_path / "index")
    assert len(mecelle(*ask, "--court", "yargitay", "-k", 9).stdout.splitlines()) == 6
    said = mecelle(*ask, "--court", "AYM", code=2)
    assert not said.stdout
    assert "court 'AYM': no document of the index has it. It has: Yargıtay" in said.stderr


def test_numbers_that_the_index_lacks_are_told(mecelle: Any, collection: Path, tmp_path: Path) -> None:
    mecelle("index", "build", collection, "--out", tmp_path / "index", "--model", "none", "--workers", 1)
    told = mecelle("search", "2020/123 E. kira", "--index", tmp_path / "index")
    assert all(json.loads(line) for line in told.stdout.splitlines())
    assert told.stderr == f"Not in {tmp_path / 'index'}: 2020/123\n"
    assert not mecelle("search", "2024/3 kira", "--index", tmp_path / "index").stderr


def test_brackets_in_a_question_are_text(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(index, "console", Console(file=screen, width=120))
    index.show("[mülga] madde [/1]", [])
    assert "Nothing found for [mülga] madde [/1]." in screen.getvalue()


def test_a_build_tells_what_could_not_be_read(mecelle, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("Davacının davasının kabulüne karar verilmiştir.\n" * 20)
    (tmp_path / "in" / "broken.pdf").write_bytes(b"%PDF-1.4 broken")
    done = mecelle("corpus", "build", tmp_path / "in", "--out", tmp_path / "corpus", "--workers", 1)
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["unread"] == 1
    assert "broken.pdf" in Path(report["failed_rows"]).read_text()
    assert "1 files or rows could not be read" in done.stderr


def test_the_next_line_of_the_sample_can_be_copied(mecelle: Any, tmp_path: Path) -> None:
    folder = tmp_path / ("uzun" * 25)
    told = mecelle("sample", folder, "--size", "tiny").stdout.splitlines()
    assert told[-1] == f"Next: mecelle new house W --data {folder}/documents"
