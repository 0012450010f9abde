"""What stands in the way of split weights is told before the work begins. That they train: see the tests of encoder and
decoder with two processes."""

from pathlib import Path

import pytest
import torch
from torch.distributed import checkpoint

from mecelle.base.errors import ConfigError, TrainingError
from mecelle.training import shards


def test_one_process_has_nothing_to_split_over(monkeypatch: pytest.MonkeyPatch) -> None:
    shards.check_processes(sharded=False)
    with pytest.raises(ConfigError, match="this is one; start it with torchrun"):
        shards.check_processes(sharded=True)
    monkeypatch.setenv("WORLD_SIZE", "2")
    shards.check_processes(sharded=True)


def test_accelerate_is_not_asked_to_split(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a processor it would have trained with whole weights and said nothing."""
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    with pytest.raises(ConfigError, match="set `sharded: true`"):
        shards.check_processes(sharded=False)


@pytest.mark.parametrize("written", [True, False])
def test_a_run_goes_on_as_it_began(tmp_path: Path, *, written: bool) -> None:
    if written:
        (tmp_path / shards.FOLDER).mkdir()
    shards.check_checkpoint(tmp_path, sharded=written)
    with pytest.raises(TrainingError, match=f"written with `sharded: {str(written).lower()}`"):
        shards.check_checkpoint(tmp_path, sharded=not written)


def test_a_full_disk_is_told_as_by_other_checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """torch's exception of all processes is no Exception, so that nobody would have caught it."""

    def full(*_: object, **__: object) -> None:
        raise checkpoint.CheckpointException("write", {1: (OSError(28, "No space left on device"), None)})  # type: ignore[dict-item]

    monkeypatch.setattr(checkpoint, "save", full)
    model = torch.nn.Linear(2, 2)
    with pytest.raises(OSError, match="No space left"):
        shards.save(model, torch.optim.AdamW(model.parameters()), tmp_path)


def test_weights_that_are_whole_stay_as_they_are() -> None:
    weights = {"a": torch.ones(2)}
    assert shards.whole(weights)["a"] is weights["a"]
    assert torch.equal(shards.split_like([torch.zeros(2)], [torch.nn.Parameter(torch.ones(2))])[0], torch.zeros(2))
