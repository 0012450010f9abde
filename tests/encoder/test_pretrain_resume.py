"""Killed with SIGKILL and called again, a run ends with the same bytes; and no two trainers share a work folder."""

import importlib
import multiprocessing
import os
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import psutil
import pytest
import torch
from safetensors.torch import load_file

from mecelle.base import artifacts
from mecelle.base.errors import LockedError
from mecelle.encoder.pretrain import pretrain


@pytest.fixture(scope="module")
def runner() -> Iterator[ModuleType]:
    """run_pretraining.py, found by the processes too: they get the `sys.path` of this one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent)
        yield importlib.import_module("run_pretraining")


@contextmanager
def running(
    runner: ModuleType, collection: Path, tokenizer: Path, folder: Path, *, pause: float, **how: Any
) -> Iterator[tuple[ForkServerProcess, Connection]]:
    """A pre-training in a process of its own, killed with SIGKILL when the block ends before it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["mecelle.encoder.pretrain"])  # torch is imported once, not once a process
    steps, sender = context.Pipe(duplex=False)
    process = context.Process(target=runner.run, args=(collection, tokenizer, folder, sender, pause), kwargs=how)
    process.start()
    sender.close()
    with steps:
        yield process, steps
        process.kill()
        process.join()
        process.close()


def wait_for_step(steps: Connection, step: int) -> None:
    while steps.recv() < step:
        pass


def run_whole(runner: ModuleType, collection: Path, tokenizer: Path, folder: Path, **how: Any) -> list[int]:
    """Steps that this run did."""
    done = []
    with running(runner, collection, tokenizer, folder, pause=0, **how) as (process, steps):
        try:
            while True:
                done.append(steps.recv())
        except EOFError:
            process.join()
        assert process.exitcode == 0
    return done


def last_checkpoint(folder: Path) -> Path:
    return sorted((folder / "work").glob("*/checkpoints/*"))[-1]


def equal(left: object, right: object) -> bool:
    if isinstance(left, torch.Tensor) and isinstance(right, torch.Tensor):
        return left.dtype == right.dtype and torch.equal(left, right)
    if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        return np.array_equal(left, right)
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(equal, left, right))
    return type(left) is type(right) and left == right


@pytest.mark.parametrize("compiled", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_killed_twice_and_resumed_is_bit_identical(
    runner: ModuleType, collection: Path, tokenizer: Path, tmp_path: Path, compiled: bool
) -> None:
    whole, torn = tmp_path / "whole", tmp_path / "torn"
    assert run_whole(runner, collection, tokenizer, whole, compiled=compiled) == list(range(1, 25))
    for step in (6, 15):
        with running(runner, collection, tokenizer, torn, pause=0.05, compiled=compiled) as (_, steps):
            wait_for_step(steps, step)
        assert not (torn / "encoder").exists()
    resumed = run_whole(runner, collection, tokenizer, torn, compiled=compiled)
    assert resumed[0] in (13, 17)  # it went on from step 12 or 16, not from the start
    assert resumed[-1] == 24

    one, two = last_checkpoint(whole), last_checkpoint(torn)
    assert one.name == two.name == "00000024"
    for name in ("optimizer.pt", "scheduler.pt"):
        assert equal(torch.load(one / name), torch.load(two / name)), name
    states = [torch.load(place / "rng_state.pth", weights_only=False) for place in (one, two)]
    assert set(states[0]) >= {"python", "numpy", "cpu"}
    assert equal(*states)
    assert equal(load_file(one / "model.safetensors"), load_file(two / "model.safetensors"))
    # Not the tensors alone: the whole artifact, curve and lineage with it.
    assert artifacts.read_marker(whole / "encoder").files == artifacts.read_marker(torn / "encoder").files


def test_asked_to_stop_saves_the_step_and_resumed_is_bit_identical(
    runner: ModuleType, collection: Path, tokenizer: Path, tmp_path: Path
) -> None:
    """Between two logs (one in two steps), before the average begins and in it; Ctrl-C, and what systemd sends."""
    whole, torn = tmp_path / "whole", tmp_path / "torn"
    run_whole(runner, collection, tokenizer, whole)
    for step, number in ((5, signal.SIGINT), (15, signal.SIGTERM)):
        with running(runner, collection, tokenizer, torn, pause=0.3) as (process, steps):
            wait_for_step(steps, step)
            os.kill(process.pid or 0, number)
            process.join()
            assert process.exitcode == 1  # Interrupted, and not SIGTERM's own end
        assert not (torn / "encoder").exists()
        assert last_checkpoint(torn).name == f"{step:08d}"
    assert run_whole(runner, collection, tokenizer, torn)[0] == 16

    states = [torch.load(last_checkpoint(place) / "optimizer.pt") for place in (whole, torn)]
    assert equal(*states)
    assert artifacts.read_marker(whole / "encoder").files == artifacts.read_marker(torn / "encoder").files


def test_workers_that_make_the_batches_change_no_byte(
    runner: ModuleType, collection: Path, tokenizer: Path, tmp_path: Path
) -> None:
    """Killed; then all processes told to stop, as Slurm and systemd tell a job, and as a terminal does by Ctrl-C."""
    whole, torn = tmp_path / "whole", tmp_path / "torn"
    run_whole(runner, collection, tokenizer, whole)
    with running(runner, collection, tokenizer, torn, pause=0.05, workers=2) as (process, steps):
        wait_for_step(steps, 6)
        workers = psutil.Process(process.pid).children()
    assert len(workers) == 2
    psutil.wait_procs(workers, timeout=1)  # torch lets them look for their trainer every 5 seconds
    left = [one for one in workers if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    assert not left, "they outlived the trainer, and hold its lock"
    for step, number in ((9, signal.SIGTERM), (15, signal.SIGINT)):
        with running(runner, collection, tokenizer, torn, pause=0.3, workers=2) as (process, steps):
            wait_for_step(steps, step)
            told = psutil.Process(process.pid)
            for one in (*told.children(), told):
                one.send_signal(number)
            process.join()
            assert process.exitcode == 1  # Interrupted, with the step saved
        assert last_checkpoint(torn).name == f"{step:08d}"
    assert run_whole(runner, collection, tokenizer, torn)[0] == 16, "their number began another run"
    assert equal(*(torch.load(last_checkpoint(place) / "optimizer.pt") for place in (whole, torn)))
    assert artifacts.read_marker(whole / "encoder").files == artifacts.read_marker(torn / "encoder").files


def test_second_trainer_is_refused_while_the_first_lives(
    runner: ModuleType, collection: Path, tokenizer: Path, tmp_path: Path
) -> None:
    with running(runner, collection, tokenizer, tmp_path, pause=0.5) as (process, steps):
        wait_for_step(steps, 2)
        # Into another artifact, so that the lock of the work folder is what refuses it.
        with pytest.raises(LockedError, match=str(process.pid)):
            pretrain(collection, tokenizer, tmp_path / "other", runner.CONFIG, seed=runner.SEED, work=tmp_path / "work")
        assert not (tmp_path / "other").exists()


def test_equal_compares() -> None:
    assert not equal({"a": torch.zeros(2)}, {"a": torch.tensor([0.0, 1e-9])})
    assert not equal(random.Random(1).getstate(), random.Random(2).getstate())
