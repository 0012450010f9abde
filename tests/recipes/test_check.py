"""What `mecelle check` says before the data are there, and of a budget that is too large for them."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from mecelle.cli.main import app
from mecelle.recipes.check import CHARACTERS_PER_TOKEN, KEPT, MOST_PASSES
from mecelle.recipes.generations import corpora
from mecelle.recipes.text_at_hand import PLAIN

WORDS = ("mahkeme", "karar", "davacı", "kira", "temyiz", "tazminat", "madde", "kanun")
OWN = [f"data/{source}" for source in corpora().generations["v5"].sources if source in corpora().own]
"""What the recipe `mecellem-encoder` asks its user for."""


@pytest.fixture
def new(tmp_path: Path) -> Any:
    """`mecelle new`, as a user types it; returns the workspace."""

    def make(*arguments: str) -> Path:
        place = tmp_path / "workspace"
        done = CliRunner().invoke(app, ["new", arguments[0], str(place), *arguments[1:]])
        assert done.exit_code == 0, done.output
        return place

    return make


def check(workspace: Path) -> Any:
    return CliRunner().invoke(app, ["check", "--workspace", str(workspace)])


def rows(done: Any) -> dict[str, dict[str, Any]]:
    return {row["stage"]: row for row in json.loads(done.stdout.splitlines()[0])}


def write_text(path: Path, characters: int) -> Path:
    rng = random.Random(7)
    text = " ".join(rng.choice(WORDS) for _ in range(characters // 6))
    path.write_bytes(text.encode()[:characters])
    return path


def test_what_is_to_be_fetched_is_told_after_what_is_known_without_it(new: Any) -> None:
    workspace = new("mecellem-encoder", "--scale", "paper")
    done = check(workspace)
    assert done.exit_code == 2
    assert OWN
    for path in OWN:
        assert f"{path} (stage 'extract')" in done.stderr
    assert "data/README.md tells what belongs there" in done.stderr
    assert (workspace / "data" / "README.md").exists()
    found = rows(done)
    assert found["encoder"]["seconds"] > 0
    assert found["encoder"]["gib"] > 0
    assert "passes" not in found["encoder"]["volume"]
    assert (found["extract"]["seconds"], found["extract"]["volume"]) == (None, "text that is not all here")


def test_hub_datasets_are_no_text_that_is_here(new: Any) -> None:
    workspace = new("mecellem-encoder", "--scale", "gpu")
    for path in OWN:
        (workspace / path).mkdir()
        assert f"{path} (stage 'extract')" in check(workspace).stderr, "an empty folder is no collection"
        write_text(workspace / path / "one.txt", 1_000)
    done = check(workspace)
    assert done.exit_code == 0
    found = rows(done)
    assert found["extract"]["seconds"] is None
    assert "passes" not in found["encoder"]["volume"]
    assert not found["encoder"]["warning"]


def test_a_budget_of_many_passes_is_warned_of_with_what_to_set(new: Any, tmp_path: Path) -> None:
    law = write_text(tmp_path / "law.txt", 100_000)
    workspace = new("hukukbert", "--scale", "paper", "--data", str(law))
    done = check(workspace)
    assert done.exit_code == 0
    tokens = 100_000 * PLAIN * KEPT / CHARACTERS_PER_TOKEN
    row = rows(done)["adapt"]
    assert row["volume"].endswith(f"{7.6e9 / tokens:,.0f} passes over 0.017 M")
    assert "One or two are usual (Mecellem, HukukBERT)" in row["warning"]
    asked = int(row["warning"].split("set it to ")[1].split()[0].replace(",", ""))
    assert asked == pytest.approx(MOST_PASSES * tokens, abs=1)
    path = workspace / "params.yaml"
    parameters = yaml.safe_load(path.read_text(encoding="utf-8"))
    parameters["adapt"]["budget_tokens"] = asked
    path.write_text(yaml.safe_dump(parameters, sort_keys=False, allow_unicode=True), encoding="utf-8")
    assert rows(check(workspace))["adapt"]["warning"] == "", "what it says to set is not enough for it"


def test_a_choice_takes_the_short_training_of_each_candidate(new: Any, tmp_path: Path) -> None:
    law = write_text(tmp_path / "law.txt", 100_000)
    given = ("--data", str(law), "--queries", str(law), "--documents", str(law), "--heldout", str(law))
    workspace = new("mecellem-encoder", "--scale", "paper", *given)
    found = rows(check(workspace))
    assert found["choice"]["volume"] == "9 candidates, 920,832 pairs each"  # eight snapshots, and the mean of three
    tokens = int(found["encoder"]["volume"].split(".")[0].replace(",", "")) * 1e6
    of_64_cards = tokens / found["encoder"]["seconds"]
    expected = 9 * 920_832 * 162 * 4 / 3 / (of_64_cards / 64)
    assert found["choice"]["seconds"] == pytest.approx(expected, rel=1e-3)
    path = workspace / "params.yaml"
    parameters = yaml.safe_load(path.read_text(encoding="utf-8"))
    parameters["choice"]["averages"] = []
    parameters["choice"]["post_training"]["most_steps"] //= 2
    path.write_text(yaml.safe_dump(parameters, sort_keys=False, allow_unicode=True), encoding="utf-8")
    assert rows(check(workspace))["choice"]["seconds"] == pytest.approx(expected * 8 / 9 / 2, rel=1e-2)
