"""A real full disk: the run ends with a clear word, its last whole checkpoint stays, and it goes on with room again."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mecelle.base import artifacts
from mecelle.base.errors import ResourceError
from mecelle.encoder.config import EncoderConfig
from mecelle.encoder.pretrain import pretrain
from mecelle.encoder.shapes import SMOKE
from mecelle.training.checkpoints import Checkpoints

CONFIG = EncoderConfig(
    shape=SMOKE,
    sequence_length=64,
    budget_tokens=64 * 4 * 12,
    tokens_per_step=64 * 4,
    rows_per_batch=4,
    evaluation_rows=8,
    evaluations=2,
    logs=12,
    checkpoint_minutes=60,
    checkpoint_steps=4,
    precision="fp32",
)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 32 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small file system takes root")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass


def test_a_full_disk_is_told_and_the_run_goes_on_when_there_is_room(
    collection: Path, tokenizer: Path, small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept = Checkpoints.accept

    def accept_and_fill(self: Checkpoints, step: int) -> Path:
        place = accept(self, step)
        fill(small_disk)
        return place

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoints, "accept", accept_and_fill)
        with pytest.raises(ResourceError, match="the disk is full"):
            pretrain(collection, tokenizer, tmp_path / "encoder", CONFIG, seed=1, work=small_disk / "work")
    assert not (tmp_path / "encoder").exists()
    (checkpoint,) = (small_disk / "work").glob("*/checkpoints/*")
    assert checkpoint.name == "00000004"
    artifacts.verify(checkpoint)
    (small_disk / "filler").unlink()
    pretrain(collection, tokenizer, tmp_path / "encoder", CONFIG, seed=1, work=small_disk / "work")
    pretrain(collection, tokenizer, tmp_path / "whole", CONFIG, seed=1, work=tmp_path / "work")
    assert artifacts.read_marker(tmp_path / "encoder").files == artifacts.read_marker(tmp_path / "whole").files
