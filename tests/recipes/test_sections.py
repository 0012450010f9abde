"""The recipe `sections`: whole at every scale, and its commands run on the sample as a user types them."""

import json
import shlex
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from mecelle.base import artifacts
from mecelle.cli.main import app
from mecelle.recipes.catalogue import find
from mecelle.recipes.graph import Inputs, Stage
from mecelle.recipes.scale import SCALES
from mecelle.recipes.sections import BERTURK, Sections

NAME = "sections"


def graph(scale: str, **given: object) -> dict[str, Stage]:
    found = find(NAME)
    inputs, _ = found.inputs(NAME, scale, Inputs.model_validate({"data": (), **given}), {})
    return {stage.name: stage for stage in found.stages(inputs)}


@pytest.mark.parametrize("scale", SCALES)
def test_every_scale_has_a_whole_graph(scale: str) -> None:
    given = {} if find(NAME).supply(scale) else {"data": (Path("decisions.jsonl"),), "splits": Path("splits.json")}
    known, made = set(Sections.model_fields), set[str]()
    for stage in graph(scale, **given).values():
        assert {path for path in stage.reads if path.startswith("artifacts/")} <= made, stage.name
        assert set(stage.parameters) <= known, stage.name
        assert all(path in stage.command for path in stage.reads), stage.name
        made.add(stage.makes)
        assert find(NAME).versions()[stage.name] == stage.version


def test_an_encoder_adds_the_paper_s_tagger() -> None:
    data = {"data": (Path("decisions.jsonl"),)}
    assert "tagger" not in graph("laptop", **data)
    stages = graph("laptop", **data, initial="mine")
    assert "--encoder mine" in stages["tagger"].command
    assert "--encoder" not in stages["sectioner"].command
    assert f"--encoder {BERTURK}" in graph("paper", **data)["tagger"].command


def test_paper_scale_has_the_paper_s_numbers() -> None:
    made = find(NAME).recipe("paper")
    assert isinstance(made, Sections)
    windows = made.tagger.windows
    assert (windows.window, windows.stride, windows.begin_weight) == (512, 256, 5.0)
    assert (windows.learning_rate, windows.batch_size, windows.epochs, windows.decoding) == (3e-5, 16, 4, "argmax")
    assert windows.class_weights


def test_the_commands_run_on_the_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner, place = CliRunner(), tmp_path / "ws"
    made = runner.invoke(app, ["new", NAME, str(place), "--scale", "smoke"])
    assert made.exit_code == 0, made.output
    monkeypatch.chdir(place)
    for stage in yaml.safe_load((place / "dvc.yaml").read_text())["stages"].values():
        done = runner.invoke(app, shlex.split(stage["cmd"])[1:])
        assert done.exit_code == 0, done.output
    record = artifacts.read_record(place / "artifacts" / "scores")
    assert record is not None
    assert record.figures["models"]["sectioner"]["plain"]["bnd_f1"]["mean"] > 0.5
    (place / "one.txt").write_text(
        json.loads((place / "sample" / "decisions.jsonl").read_text().splitlines()[0])["text"]
    )
    done = runner.invoke(app, ["segment", "apply", "one.txt", "--model", "artifacts/sectioner", "--out", "found.jsonl"])
    assert done.exit_code == 0, done.output
    (row,) = map(json.loads, (place / "found.jsonl").read_text().splitlines())
    assert {"label", "start", "end", "confidence"} == set(row["sections"][0])
