"""The recipe `mecellem-decoder`: whole at every scale, and run on the sample as a user runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mecelle.base import artifacts
from mecelle.base.collection import read_jsonl
from mecelle.base.errors import ConfigError
from mecelle.decoder.estimate import memory_gib
from mecelle.decoder.shapes import QWEN3_VOCABULARY, parameters
from mecelle.recipes.catalogue import find
from mecelle.recipes.decoder_check import _tokens_per_second, take
from mecelle.recipes.graph import Inputs, Stage
from mecelle.recipes.mecellem_decoder import QWEN3, SKYWORK, MecellemDecoder, recipe
from mecelle.recipes.python_texts import write_python_texts
from mecelle.recipes.scale import SCALES
from mecelle.reward.objectives import OBJECTIVES
from mecelle.training.cards import H100_64

BIN = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
NAME = "mecellem-decoder"


def graph(scale: str, **given: object) -> tuple[Stage, ...]:
    found = find(NAME)
    inputs, _ = found.inputs(NAME, scale, Inputs.model_validate({"data": (), **given}), {})
    return found.stages(inputs)


@pytest.mark.parametrize("scale", SCALES)
def test_every_scale_has_a_whole_graph(scale: str) -> None:
    data = {} if find(NAME).supply(scale) else {"data": (Path("law"),), "general": (Path("text"),)}
    known, made = set(MecellemDecoder.model_fields), set[str]()
    for stage in graph(scale, **data):
        inside = {path for path in stage.reads if path.startswith("artifacts/")}
        assert inside <= made, stage.name
        assert set(stage.parameters) <= known, stage.name
        if stage.name != "report":
            assert all(path in stage.command for path in stage.reads), stage.name
        made.add(stage.makes)


def test_qwen3_by_hub_id_where_no_decoder_is_trained() -> None:
    for scale in ("gpu", "paper"):
        stages = {stage.name: stage for stage in graph(scale, data=(Path("law"),), general=(Path("text"),))}
        assert f"--initial {QWEN3}" in stages["decoder"].command
        assert not {"general_decoder", "tokenizer"} & set(stages)
    assert {"general_decoder", "tokenizer"} <= {
        stage.name for stage in graph("laptop", data=(Path("law"),), general=(Path("text"),))
    }


def test_a_decoder_of_one_s_own_needs_no_general_text() -> None:
    stages = {stage.name: stage for stage in graph("laptop", data=(Path("law"),), initial="mine")}
    assert stages["holdout"].reads == ("artifacts/training",)
    assert "--initial mine" in stages["decoder"].command
    with pytest.raises(ConfigError, match="adapts a general decoder: give one with --initial"):
        graph("laptop", data=(Path("law"),))


def test_the_paper_s_first_phase_is_a_variant() -> None:
    sources = [
        set(find(NAME).recipe("paper", {"first": first}).curriculum.phases[0].sources)  # type: ignore[attr-defined]
        for first in ("general", "theses")
    ]
    assert "HUKUK DIŞI" in sources[0]
    assert "HUKUK Tez" in sources[1]
    for scale in ("smoke", "laptop"):
        with pytest.raises(ConfigError, match="there are no theses"):
            find(NAME).recipe(scale, {"first": "theses"})


def test_the_paper_s_judge_is_a_variant() -> None:
    found = find(NAME)
    for judge, backbone, ours in (("decoder", "artifacts/decoder", True), ("skywork", SKYWORK, False)):
        given = Inputs.model_validate({"data": (Path("law"),), "general": (Path("text"),)})
        inputs, _ = found.inputs(NAME, "laptop", given, {"judge": judge})
        stages = {stage.name: stage for stage in found.stages(inputs)}
        assert f"--backbone {backbone} " in stages["reward"].command
        assert found.recipe("laptop", {"judge": judge}).reward.likelihood == ours  # type: ignore[attr-defined]


def test_one_card_has_less_text_and_smaller_steps_by_the_same_phases() -> None:
    gpu, paper = (find(NAME).recipe(scale) for scale in ("gpu", "paper"))
    assert gpu.curriculum.total == 2_500_000_000  # type: ignore[attr-defined]
    for one, other in zip(gpu.curriculum.phases, paper.curriculum.phases, strict=True):  # type: ignore[attr-defined]
        assert one.sources == other.sources
        assert one.training.tokens_per_step == 64 * 4_096


def test_the_paper_s_speed_is_that_of_six_operations_a_parameter() -> None:
    """Table 9 leaves attention out; the estimate counts it, and its share of the peak is larger by as much."""
    config = recipe("paper").decoder
    size = parameters(config.shape, vocabulary=QWEN3_VOCABULARY)
    found = _tokens_per_second(H100_64, config, QWEN3_VOCABULARY)
    assert found == pytest.approx(0.205 * H100_64.flops / (6 * size), rel=0.002)


@pytest.mark.parametrize("largest", [0, 1, 3])
def test_memory_is_that_of_the_largest_phase(largest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mecelle.decoder.estimate.measure_speed", lambda *_, **__: 1_000.0)
    found = recipe("smoke")
    rows = [2 if place == largest else 1 for place in range(len(found.curriculum.phases))]
    phases = [
        one.model_copy(update={"training": one.training.model_copy(update={"rows_per_batch": number})})
        for one, number in zip(found.curriculum.phases, rows, strict=True)
    ]
    taken = take(
        found.decoder, found.curriculum.model_copy(update={"phases": tuple(phases)}), vocabulary=2_000, scale="smoke",
        dollars_per_card_hour=None,
    )  # fmt: skip
    config = found.decoder.model_copy(update={"rows_per_batch": 2})
    assert taken.gib == memory_gib(config, vocabulary=2_000)


def test_python_s_own_texts_are_of_three_kinds(tmp_path: Path) -> None:
    write_python_texts(tmp_path / "python.jsonl")
    rows = list(read_jsonl(tmp_path / "python.jsonl"))
    assert {(row["lang"], row["domain"]) for row in rows} == {
        ("python", "code"), ("en", "documentation"), ("en", "math"),
    }  # fmt: skip
    assert len({row["id"] for row in rows}) == len(rows)
    assert min(len(row["text"]) for row in rows) >= 200


@pytest.mark.slow
def test_the_whole_recipe_on_the_sample(tmp_path: Path) -> None:
    def mecelle(*arguments: object, folder: Path) -> str:
        command = [str(BIN / "mecelle"), *map(str, arguments)]
        done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout

    place = tmp_path / "workspace"
    mecelle("new", NAME, place, "--scale", "smoke", folder=tmp_path)
    mecelle("run", folder=place)
    decoder = place / "artifacts" / "decoder"
    artifacts.verify(decoder)
    phases = json.loads((decoder / "phases.json").read_bytes())
    assert [row["start"] for row in phases[1:]] == ["phase 1", "phase 2", "phase 3"]
    from transformers import AutoModelForCausalLM

    for row in phases:
        assert AutoModelForCausalLM.from_pretrained(decoder / row["folder"]).config.model_type == "qwen3"
    records = place / "artifacts" / "perplexity"
    assert {path.name for path in records.iterdir() if path.is_dir()} >= {"before"}
    assert len(list(records.glob("*/perplexity-code.v1.json"))) == 5  # before, and after each of four phases
    assert "Perplexity and bits per byte" in (place / "report.html").read_text(encoding="utf-8")
    told = mecelle(
        "reward",
        "score",
        place / "artifacts" / "reward",
        "--question",
        "Kira nedir?",
        "--answer",
        "Bir sözleşmedir.",
        folder=place,
    )
    assert set(json.loads(told)["rewards"]) == set(OBJECTIVES)
    assert "True answers above damaged ones".lower() in (place / "report.html").read_text(encoding="utf-8").lower()
    assert "Running stage" not in mecelle("run", folder=place)
