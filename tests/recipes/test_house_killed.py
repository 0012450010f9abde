"""`kill -9` at any time: the same command goes on, never two at once, and to the same bytes."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from mecelle.base import artifacts

PATIENCE_SECONDS = 600


def wait_until(found: Callable[[], Any], process: subprocess.Popen[str], what: str) -> Any:
    """What `found` returns once it is true; fails if `process` ends before."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if value := found():
            return value
        assert process.poll() is None, f"the run ended before {what}"
        time.sleep(0.02)
    raise AssertionError(f"no {what} in {PATIENCE_SECONDS} s")


def working(folder: Path) -> list[psutil.Process]:
    """All processes that work in the folder `folder`."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cwd() == str(folder):
                found.append(process)
    return found


def trainers(folder: Path) -> list[psutil.Process]:
    """The processes that pre-train an encoder in the workspace `folder`, without the shells around them."""
    found = []
    for process in working(folder):
        with contextlib.suppress(psutil.Error):
            command = process.cmdline()
            if command[2:4] == ["encoder", "pretrain"] and "python" in Path(command[0]).name:
                found.append(process)
    return found


def steps_saved(folder: Path) -> list[int]:
    """Steps of the whole checkpoints, ascending."""
    return sorted(int(path.parent.name) for path in folder.glob("work/encoder/*/checkpoints/*/artifact.json"))


@pytest.fixture
def untrained(copy: Any) -> Iterator[Any]:
    """A copy whose encoder is to be trained again from the start, to the same weights, with frequent checkpoints."""
    for path in sorted((copy.folder / "work" / "encoder").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    copy.change("encoder", checkpoint_steps=6)  # when a checkpoint is written has no influence on the weights
    yield copy
    for process in working(copy.folder.resolve()):  # nothing outlives a test that fails
        process.kill()


def test_killed_trainer_and_killed_run_end_with_the_same_bytes(workspace: Any, untrained: Any) -> None:
    folder = untrained.folder.resolve()

    first = untrained.start("run", "encoder")
    wait_until(lambda: steps_saved(folder), first, "checkpoint")
    (trainer,) = trainers(folder)
    trainer.kill()
    assert first.wait(PATIENCE_SECONDS) == 2
    assert "mecelle run` again to go on" in untrained.log()
    assert not (folder / "artifacts" / "encoder").exists()
    saved = steps_saved(folder)

    second = untrained.start("run", "encoder")
    wait_until(lambda: steps_saved(folder) and steps_saved(folder)[-1] > saved[-1], second, "later checkpoint")
    assert steps_saved(folder)[0] >= saved[-1]  # it went on; it did not start anew
    (orphan,) = trainers(folder)
    orphan.suspend()  # so that it outlives what follows, however slow the machine is
    second.send_signal(signal.SIGKILL)
    second.wait()
    assert [process.pid for process in trainers(folder)] == [orphan.pid]

    told = untrained.mecelle("run", "encoder", "--no-wait", code=2).stderr
    assert "LockedError" in told
    assert f"process {orphan.pid} " in told

    third = untrained.start("run", "encoder")
    wait_until((folder / "work" / ".locks" / "run.lock.owner").exists, third, "lock")
    time.sleep(2)
    assert [process.pid for process in trainers(folder)] == [orphan.pid]
    orphan.resume()
    owner = artifacts.lock_path(folder / "artifacts" / "encoder").with_suffix(".lock.owner")
    while third.poll() is None:
        if len(trainers(folder)) > 1:  # one of them is the orphan on its way out, which has let go of the artifact
            assert not (owner.exists() and owner.read_text(encoding="utf-8").startswith(f"{orphan.pid}\n"))
        time.sleep(0.05)
    assert third.returncode == 0, untrained.log()
    assert "waiting: process" in untrained.log()
    assert untrained.hash("encoder") == workspace.hash("encoder")


def test_ctrl_c_is_no_failure(untrained: Any) -> None:
    """What a terminal sends goes to all processes of the run; the run ends as interrupted, not as a failed stage."""
    folder = untrained.folder.resolve()
    untrained.change("encoder", budget_tokens=5_000_000)  # so long that it cannot end before it is interrupted
    run = untrained.start("run", "encoder", new_group=True)
    wait_until(lambda: steps_saved(folder), run, "checkpoint")
    os.killpg(run.pid, signal.SIGINT)
    assert run.wait(PATIENCE_SECONDS) == 130
    assert "goes on from where it stopped" in untrained.log()
    assert "the stage above failed" not in untrained.log()
    assert trainers(folder) == []
