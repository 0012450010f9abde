"""Snapshots are plain models, are neither lost nor made twice by a kill, and change nothing of the training."""

from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForMaskedLM, AutoTokenizer

from mecelle.base import artifacts
from mecelle.encoder.config import EncoderConfig
from mecelle.encoder.pretrain import pretrain
from mecelle.encoder.shapes import SMOKE
from mecelle.training.snapshots import Snapshots, snapshot_steps

CONFIG = EncoderConfig(
    shape=SMOKE,
    sequence_length=64,
    budget_tokens=64 * 4 * 12,
    tokens_per_step=64 * 4,
    rows_per_batch=4,
    learning_rate=5e-3,
    evaluation_rows=4,
    evaluations=2,
    logs=6,
    checkpoint_minutes=60,
    precision="fp32",
    snapshots=(0.0, 0.25, 0.5, 1.0),
)
STEPS = ["00000000", "00000003", "00000006", "00000012"]


@pytest.fixture(scope="module")
def trained(collection: Path, tokenizer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("snapshots")
    pretrain(collection, tokenizer, folder / "encoder", CONFIG, seed=3, work=folder / "work")
    return folder / "encoder"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "snapshots").iterdir())


def test_steps_of_shares() -> None:
    assert snapshot_steps((1.0, 0.5, 0.501, 0.0), steps=100) == [0, 50, 100]
    assert snapshot_steps((), steps=100) == []


def test_each_is_a_plain_model_of_its_step(trained: Path) -> None:
    assert names(trained) == STEPS
    weights = [load_file(trained / "snapshots" / name / "model.safetensors") for name in STEPS]
    final = load_file(trained / "model.safetensors")
    assert all(torch.equal(weights[-1][name], final[name]) for name in final)
    for earlier, later in pairwise(weights):
        assert any(not torch.equal(earlier[name], later[name]) for name in later)
    place = trained / "snapshots" / STEPS[1]
    model, tokenizer = AutoModelForMaskedLM.from_pretrained(place), AutoTokenizer.from_pretrained(place)
    assert type(model).__name__ == "ModernBertForMaskedLM"
    assert len(tokenizer) == model.config.vocab_size


def test_they_change_nothing_of_the_training(trained: Path, collection: Path, tokenizer: Path, tmp_path: Path) -> None:
    pretrain(
        collection,
        tokenizer,
        tmp_path / "encoder",
        CONFIG.model_copy(update={"snapshots": ()}),
        seed=3,
        work=tmp_path / "work",
    )
    assert not (tmp_path / "encoder" / "snapshots").exists()
    for name in ("model.safetensors", "curve.jsonl"):
        assert (tmp_path / "encoder" / name).read_bytes() == (trained / name).read_bytes()


def test_a_killed_run_loses_none_and_doubles_none(
    trained: Path, collection: Path, tokenizer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed right after the snapshot of step 6, it goes on from the checkpoint of step 4."""
    keep = Snapshots.on_step_end

    def killed(self: Snapshots, args: Any, state: Any, control: Any, **more: Any) -> None:
        keep(self, args, state, control, **more)
        if state.global_step == 6:
            raise KeyboardInterrupt

    config = CONFIG.model_copy(update={"checkpoint_steps": 4})
    monkeypatch.setattr(Snapshots, "on_step_end", killed)
    with pytest.raises(KeyboardInterrupt):
        pretrain(collection, tokenizer, tmp_path / "encoder", config, seed=3, work=tmp_path / "work")
    monkeypatch.undo()
    (work,) = [path for path in (tmp_path / "work").iterdir() if path.name != "packs"]
    assert names(work) == STEPS[:3]
    (work / "snapshots" / f"{STEPS[3]}.partial").mkdir()  # as a kill in the middle of saving leaves it
    pretrain(collection, tokenizer, tmp_path / "encoder", config, seed=3, work=tmp_path / "work")
    assert names(tmp_path / "encoder") == STEPS
    assert artifacts.read_marker(tmp_path / "encoder").hash == artifacts.read_marker(trained).hash


def test_snapshots_after_the_step_of_resuming_are_made_anew(tmp_path: Path) -> None:
    """A run that stopped at spikes goes on without their gradients: what came after them is another model now."""
    saved: list[str] = []

    def save(model: str, folder: Path) -> None:
        folder.mkdir(parents=True)
        (folder / "model").write_text(model)
        saved.append(model)

    def state(step: int) -> Any:
        return SimpleNamespace(global_step=step, is_world_process_zero=True)

    nothing: Any = None
    for action, begin in (("stop", 0), ("skip", 3)):
        snapshots = Snapshots(tmp_path, [2, 4], save=save, judge=lambda model, *, step: None)
        snapshots.on_train_begin(nothing, state(begin), nothing, model=action)
        for step in range(begin + 1, 5):
            snapshots.on_step_end(nothing, state(step), nothing, model=f"{action} {step}")
    assert saved == ["stop 2", "stop 4", "skip 4"]
    assert (tmp_path / "snapshots" / "00000004" / "model").read_text() == "skip 4"
    assert (tmp_path / "snapshots" / "00000002" / "model").read_text() == "stop 2"
