"""Killed with SIGKILL and called again, a run ends with the same bytes; two processes give what one gives."""

import importlib
import multiprocessing
import queue
import socket
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from mecelle.base import artifacts
from mecelle.base.errors import TrainingError
from mecelle.decoder.pretrain import pretrain

PATIENCE_SECONDS = 300


@pytest.fixture(scope="module")
def runner() -> Iterator[ModuleType]:
    """run_causal_pretraining.py, found by the processes too: they get the `sys.path` of this one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent)
        yield importlib.import_module("run_causal_pretraining")


def context() -> Any:
    """Processes that have imported torch once, together."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["mecelle.decoder.pretrain"])
    return found


def run_to(
    runner: ModuleType, collection: Path, tokenizer: Path, folder: Path, *, kill_at: int | None, pause: float = 0
) -> list[int]:
    """The steps that a run in a process of its own did, up to its end or to the step at which it was killed."""
    steps, done = context().Queue(), []
    process = context().Process(target=runner.run, args=(collection, tokenizer, folder, steps, pause))
    process.start()
    while process.is_alive() or not steps.empty():
        try:
            done.append(steps.get(timeout=1))
        except queue.Empty:
            continue
        if done[-1] == kill_at:
            process.kill()
            break
    process.join()
    assert process.exitcode == (0 if kill_at is None else -9)
    return done


def test_killed_and_resumed_is_bit_identical(
    runner: ModuleType, collection: Path, tokenizer: Path, tmp_path: Path
) -> None:
    whole, torn = tmp_path / "whole", tmp_path / "torn"
    assert run_to(runner, collection, tokenizer, whole, kill_at=None) == list(range(1, 13))
    run_to(runner, collection, tokenizer, torn, kill_at=7, pause=0.2)
    assert not (torn / "decoder").exists()
    resumed = run_to(runner, collection, tokenizer, torn, kill_at=None)
    assert resumed == list(range(5, 13))  # from the checkpoint of step 4
    # The whole artifact: weights, average, snapshots, curve, lineage.
    assert artifacts.read_marker(whole / "decoder").files == artifacts.read_marker(torn / "decoder").files
    one, two = (sorted((place / "work").glob("*/checkpoints/*"))[-1] for place in (whole, torn))
    states = [torch.load(place / "optimizer.pt")["state"] for place in (one, two)]
    assert states[0].keys() == states[1].keys()
    assert all(torch.equal(states[0][key]["exp_avg"], states[1][key]["exp_avg"]) for key in states[0])


def train_together(
    runner: ModuleType, collection: Path, tokenizer: Path, folder: Path, *, processes: int, **settings: Any
) -> Path:
    """The artifact that `processes` processes make together, or would have made had they not been killed."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = int(place.getsockname()[1])
    started = [
        context().Process(
            target=runner.run_one_of, args=(collection, tokenizer, folder, rank, processes, port, settings)
        )
        for rank in range(processes)
    ]
    for process in started:
        process.start()
    try:
        for process in started:
            process.join(PATIENCE_SECONDS)
        assert [process.exitcode for process in started] == [-9 if "kill_at" in settings else 0] * processes
    finally:
        for process in started:
            process.kill()
    return folder / "decoder"


@pytest.fixture(scope="module")
def one(runner: ModuleType, collection: Path, tokenizer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artifact of a single process."""
    return train_together(runner, collection, tokenizer, tmp_path_factory.mktemp("one"), processes=1)


@pytest.mark.slow
def test_two_processes_against_one(
    one: Path, runner: ModuleType, collection: Path, tokenizer: Path, tmp_path: Path
) -> None:
    two = train_together(runner, collection, tokenizer, tmp_path / "two", processes=2)
    assert_equal(one, two, weights_within=1e-3)


@pytest.mark.slow
def test_split_weights_killed_and_resumed_against_one(
    one: Path, runner: ModuleType, collection: Path, tokenizer: Path, tmp_path: Path
) -> None:
    """Curve, model, snapshots and the running average, which began before the kill, are those of one process."""
    train_together(runner, collection, tokenizer, tmp_path, processes=2, sharded=True, kill_at=7)
    assert not (tmp_path / "decoder").exists()
    (checkpoint,) = (tmp_path / "work").glob("*/checkpoints/*")
    assert (checkpoint.name, len(list((checkpoint / "shards").glob("*.distcp")))) == ("00000004", 2)
    with pytest.raises(TrainingError, match=r"written with `sharded: true`, and this run has `sharded: false`"):
        pretrain(collection, tokenizer, tmp_path / "decoder", runner.CONFIG, seed=runner.SEED, work=tmp_path / "work")
    two = train_together(runner, collection, tokenizer, tmp_path, processes=2, sharded=True)
    assert_equal(one, two, weights_within=1e-5)
    names = [path.relative_to(one) for path in one.rglob("model.safetensors")]
    assert len(names) == 4  # the last, the average, two snapshots
    for name in names:
        plain = AutoModelForCausalLM.from_pretrained((two / name).parent)
        for key, tensor in load_file(one / name).items():
            torch.testing.assert_close(plain.state_dict()[key], tensor, atol=1e-5, rtol=0, msg=f"{name}: {key}")


def assert_equal(one: Path, two: Path, *, weights_within: float) -> None:
    """Both learnt the same."""
    curves = [[orjson.loads(line) for line in (at / "curve.jsonl").read_bytes().splitlines()] for at in (one, two)]
    assert curves[0][-1]["train_loss"] < curves[0][0]["train_loss"] - 0.2  # it learnt: equal is not trivial
    for left, right in zip(*curves, strict=True):
        assert left.keys() == right.keys()
        for name in left:
            assert right[name] == pytest.approx(left[name], abs=1e-4), (left["step"], name)
    weights = [load_file(place / "model.safetensors") for place in (one, two)]
    for name, tensor in weights[0].items():
        torch.testing.assert_close(tensor, weights[1][name], atol=weights_within, rtol=0, msg=name)
