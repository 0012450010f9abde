"""`mecelle segment` tells what is wrong, and how to mend it."""

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from typer.testing import CliRunner

from mecelle.base.collection import read_jsonl
from mecelle.cli.main import app

ROW = '{"id": "%s", "text": "Dava reddedildi.", "sections": [{"label": "%s", "start": 0, "end": %d}]}\n'


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["segment", *map(str, arguments)])
    return done.exit_code, done.output


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (ROW % ("a", "verdict", 4), "sections.0.label"),
        (ROW % ("a", "ruling", 40), "leaves the text of 16 characters"),
        ('{"id": "a"}\n', "no decision with sections"),
        (ROW % ("a", "claim", 4), "no decision is left for train"),
    ],
)
def test_labelled_decisions_that_are_none(content: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(content)
    code, output = run("data", tmp_path / "in.jsonl", "--out", tmp_path / "out")
    assert code == 2
    assert told in output.replace("\n", " ")
    assert not (tmp_path / "out").exists()


def test_an_unknown_key_names_the_nearest(tmp_path: Path) -> None:
    code, output = run("train", tmp_path, "--out", tmp_path / "out", "--set", "sentences.epoch=3")
    assert code == 2
    assert "did you mean 'epochs'" in output


def test_what_is_no_sectioner_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("Dava reddedildi.")
    code, output = run("apply", tmp_path / "one.txt", "--model", tmp_path / "model", "--out", tmp_path / "found.jsonl")
    assert code == 2
    assert "no such folder" in output
    assert not (tmp_path / "found.jsonl").exists(), "nothing is written before the model has been loaded"


def test_the_pages_are_listed(tmp_path: Path) -> None:
    rows = [{"id": name, "text": f"{name} <b> davasının REDDİNE karar verildi."} for name in ("2024/1 E.", "index")]
    given, pages = tmp_path / "a.jsonl", tmp_path / "pages"
    given.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert run("apply", given, "--pages", pages, "--out", tmp_path / "found.jsonl")[0] == 0
    names = {one.name for one in pages.iterdir()}
    assert len(names) == 3
    listed = (pages / "index.html").read_text(encoding="utf-8")
    links = [unquote(link) for link in re.findall(r'href="([^"]+)"', listed)]
    assert {*links, "index.html"} == names
    assert "2 karar" in listed


def test_a_result_is_replaced_as_a_whole_and_failures_stand_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, out = tmp_path / "given", tmp_path / "found.jsonl.zst"
    given.mkdir()
    (given / "a.txt").write_text("Dava reddedildi.")
    (given / "b.txt").write_bytes(b"")
    assert run("apply", given, "--out", out)[0] == 0
    assert [row["text"] for row in read_jsonl(out)] == ["Dava reddedildi."]
    (failed,) = read_jsonl(tmp_path / "found.jsonl.zst.failed.jsonl")
    assert failed["path"] == "b.txt"
    before = out.read_bytes()
    code, output = run("apply", tmp_path / "absent", "--out", out)
    assert (code, out.read_bytes()) == (2, before), "what was there before is there still"
    assert "no such file or folder" in output
    monkeypatch.setattr("mecelle.segmentation.entities.read.DecisionReader.read", _killed)
    run("apply", given, "--out", out)
    assert out.read_bytes() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "found.jsonl.zst",
        "found.jsonl.zst.failed.jsonl",
        "given",
    ]
    code, output = run("apply", out, "--out", out)
    assert code == 2
    assert "would be replaced" in output.replace("\n", " ")


def _killed(*_: object) -> None:
    raise KeyboardInterrupt
