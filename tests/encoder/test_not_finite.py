"""Gradients and held-out losses that are no numbers stop a training before they reach weights or a checkpoint."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from mecelle.base import artifacts
from mecelle.base.errors import TrainingError
from mecelle.encoder.config import EncoderConfig
from mecelle.encoder.packed_model import PackedMaskedLM
from mecelle.encoder.pretrain import pretrain
from mecelle.encoder.shapes import SMOKE
from mecelle.training.callbacks import ShowProgress

CONFIG = EncoderConfig(
    shape=SMOKE,
    sequence_length=64,
    budget_tokens=64 * 16 * 10,
    tokens_per_step=64 * 16,
    rows_per_batch=8,  # two batches a step: one bad gradient among those that are summed
    evaluation_rows=8,
    evaluations=5,
    logs=10,
    checkpoint_minutes=60,
    checkpoint_steps=3,
    precision="fp32",
)
SEED = 3


@pytest.fixture
def break_at(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the gradient of a batch of training, or the loss of a pass over held-out rows, be no number."""
    whole: Any = PackedMaskedLM.forward

    def patch(*, batch: int | None = None, evaluation: int | None = None) -> None:
        calls = {True: 0, False: 0}

        def broken(self: Any, **rows: Any) -> Any:
            output = whole(self, **rows)
            calls[self.training] += 1
            if self.training and calls[True] == batch:
                # 0 itself, and its derivative is 0 times infinity.
                output.loss = output.loss + torch.sqrt((next(self.parameters()) * 0).abs().sum())
            if not self.training and calls[False] == evaluation:
                output.loss = output.loss * float("inf")
            return output

        monkeypatch.setattr(PackedMaskedLM, "forward", broken)

    return patch


def train(collection: Path, tokenizer: Path, folder: Path, **changed: Any) -> Path:
    config = CONFIG.model_copy(update=changed)
    pretrain(collection, tokenizer, folder / "encoder", config, seed=SEED, work=folder / "work")
    return folder / "encoder"


def steps_saved(folder: Path) -> list[int]:
    return sorted(int(place.name) for place in (folder / "work").glob("*/checkpoints/*"))


@pytest.mark.parametrize("most", [1.0, 0.0])  # shortened, and only measured
def test_a_gradient_in_mid_run_and_the_checkpoint_before_it_is_sound(
    collection: Path, tokenizer: Path, tmp_path: Path, break_at: Callable[..., None], most: float
) -> None:
    break_at(batch=2 * 7 + 1)
    message = r"step 8: the loss is [\d.]+, but the norm of its gradient nan.* The checkpoint of step 6 is sound"
    with pytest.raises(TrainingError, match=message):
        train(collection, tokenizer, tmp_path, most_gradient_norm=most)
    assert not (tmp_path / "encoder").exists()
    assert steps_saved(tmp_path) == [3, 6]
    for place in (tmp_path / "work").glob("*/checkpoints/*"):
        artifacts.verify(place)
        assert all(weight.isfinite().all() for weight in load_file(place / "model.safetensors").values())
    break_at()
    weights = [
        (train(collection, tokenizer, place, most_gradient_norm=most) / "model.safetensors").read_bytes()
        for place in (tmp_path, tmp_path / "whole")
    ]
    assert weights[0] == weights[1]


def test_a_gradient_at_the_last_step(
    collection: Path, tokenizer: Path, tmp_path: Path, break_at: Callable[..., None]
) -> None:
    """No loss would follow that shows it."""
    break_at(batch=2 * 10)
    with pytest.raises(TrainingError, match=r"step 10: .* the norm of its gradient nan"):
        train(collection, tokenizer, tmp_path)
    assert not (tmp_path / "encoder").exists()
    assert steps_saved(tmp_path) == [6, 9]


def test_weights_are_judged_before_a_snapshot_of_them_is_written(
    collection: Path, tokenizer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finite gradient whose step is too long: no later loss would keep its snapshot from disk."""
    taken = ShowProgress.on_step_end

    def broken(self: ShowProgress, args: Any, state: Any, control: Any, **more: Any) -> None:
        taken(self, args, state, control, **more)
        if state.global_step == 5:
            next(more["model"].parameters()).data[0] = float("nan")

    monkeypatch.setattr(ShowProgress, "on_step_end", broken)
    with pytest.raises(TrainingError, match=r"step 5: the norm of the weights is nan .* of step 3 is sound"):
        train(collection, tokenizer, tmp_path, snapshots=(0.2, 0.5))
    assert [place.name for place in (tmp_path / "work").glob("*/snapshots/*")] == ["00000002"]
    assert steps_saved(tmp_path) == [3]


def test_a_loss_on_held_out_rows(
    collection: Path, tokenizer: Path, tmp_path: Path, break_at: Callable[..., None]
) -> None:
    """Each second step is evaluated, and what it says comes before the checkpoint of its step."""
    break_at(evaluation=3)
    with pytest.raises(TrainingError, match=r"step 6: the loss on the held-out rows is inf .* of step 3 is sound"):
        train(collection, tokenizer, tmp_path)
    assert steps_saved(tmp_path) == [3]
