"""Whole checkpoints alone count, the last two stay, and the name of a run follows from what decides its result."""

from pathlib import Path

import pytest
from safetensors import SafetensorError

from mecelle.base.config import Config
from mecelle.base.errors import LockedError, ResourceError
from mecelle.training.checkpoints import Checkpoints, open_work, run_key


def write(checkpoints: Checkpoints, step: int) -> Path:
    folder = checkpoints.writing / f"checkpoint-{step}"
    folder.mkdir()
    (folder / "model").write_text(f"weights {step}")
    return folder


def test_last_two_are_kept_and_the_newest_is_the_latest(tmp_path: Path) -> None:
    with open_work(tmp_path, doing="test") as checkpoints:
        assert checkpoints.latest() is None
        for step in (5, 90, 100):
            write(checkpoints, step)
            place = checkpoints.accept(step)
        assert checkpoints.latest() == place
        assert [path.name for path in sorted((tmp_path / "checkpoints").iterdir())] == ["00000090", "00000100"]


def test_torn_ones_are_passed_over(tmp_path: Path) -> None:
    with open_work(tmp_path, doing="test") as checkpoints:
        write(checkpoints, 1)
        whole = checkpoints.accept(1)
        write(checkpoints, 2)
        (checkpoints.accept(2) / "model").write_text("weig")
        unfinished = write(checkpoints, 3)
        assert checkpoints.latest() == whole
    with open_work(tmp_path, doing="test") as checkpoints:
        assert not unfinished.exists()
        assert checkpoints.latest() == whole


def test_a_torn_one_takes_the_place_of_no_whole_one(tmp_path: Path) -> None:
    with open_work(tmp_path, doing="test") as checkpoints:
        for step in (100, 200):
            write(checkpoints, step)
            checkpoints.accept(step)
        (checkpoints.place(200) / "model").write_text("weig")
    with open_work(tmp_path, doing="test") as checkpoints:  # goes on from 100
        for step in (110, 120):
            write(checkpoints, step)
            checkpoints.accept(step)
        (checkpoints.place(120) / "model").write_text("weig")
        assert checkpoints.latest() == checkpoints.place(110)


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with open_work(tmp_path, doing="training"):  # noqa: SIM117
        with pytest.raises(LockedError, match="training"), open_work(tmp_path, doing="training too"):
            raise AssertionError


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 576 vs 534"),  # what torch.save raises
        SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)"),
    ],
)
def test_full_disk_is_told(tmp_path: Path, error: Exception) -> None:
    with pytest.raises(ResourceError, match="disk is full"), open_work(tmp_path, doing="test"):
        raise error


def test_other_errors_are_left_as_they_are(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="shapes"), open_work(tmp_path, doing="test"):
        raise RuntimeError("shapes do not fit")


class Parameters(Config):
    rate: float = 0.3
    minutes: float = 5.0


def test_key_follows_what_decides_the_result(tmp_path: Path) -> None:
    file = tmp_path / "input"
    file.write_text("one")

    def key(parameters: Parameters = Parameters(), *, seed: int = 1, name: str = "input") -> str:  # noqa: B008
        inputs = {"data": tmp_path / name, "model": "hub/id"}
        return run_key(parameters, inputs, stage="s", version=1, seed=seed, leave_out={"minutes"})

    first = key()
    assert first == key() == key(Parameters(minutes=9.0))
    (tmp_path / "copy").write_text("one")
    assert first == key(name="copy")
    others = {key(Parameters(rate=0.2)), key(seed=2)}
    file.write_text("two")
    others.add(key())
    assert len(others | {first}) == 4
