"""Two processes that share each step give what one gives that accumulates, with whole weights in each and with weights
that are split: curve, weights, order, one artifact."""

import importlib
import multiprocessing
import socket
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForMaskedLM

from mecelle.base import artifacts

PATIENCE_SECONDS = 300


@pytest.fixture(scope="module")
def runner() -> Iterator[ModuleType]:
    """run_two_processes.py, found by the processes too: they get the `sys.path` of this one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent)
        yield importlib.import_module("run_two_processes")


def free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])


def train(
    runner: ModuleType, collection: Path, tokenizer: Path, folder: Path, *, processes: int, **settings: Any
) -> Path:
    """The artifact that `processes` processes make together."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["mecelle.encoder.pretrain"])
    port = free_port()
    started = [
        context.Process(target=runner.run, args=(collection, tokenizer, folder, rank, processes, port, settings))
        for rank in range(processes)
    ]
    for process in started:
        process.start()
    try:
        for process in started:
            process.join(PATIENCE_SECONDS)
        assert [process.exitcode for process in started] == [0] * processes
    finally:
        for process in started:
            process.kill()
    return folder / "encoder"


def curve(model: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (model / "curve.jsonl").read_bytes().splitlines()]


@pytest.fixture(scope="module")
def one(runner: ModuleType, collection: Path, tokenizer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artifact of a single process."""
    return train(runner, collection, tokenizer, tmp_path_factory.mktemp("one"), processes=1)


@pytest.mark.parametrize(
    ("sharded", "weights_within"), [(False, 1e-3), pytest.param(True, 1e-5, marks=pytest.mark.slow)]
)
def test_two_processes_against_one(
    one: Path,
    runner: ModuleType,
    collection: Path,
    tokenizer: Path,
    tmp_path: Path,
    *,
    sharded: bool,
    weights_within: float,
) -> None:
    two = train(runner, collection, tokenizer, tmp_path / "two", processes=2, sharded=sharded)
    artifacts.verify(two)
    assert [point["step"] for point in curve(one)] == list(range(1, 13))
    for left, right in zip(curve(one), curve(two), strict=True):
        assert left.keys() == right.keys()
        assert left["tokens"] == right["tokens"]
        for name in ("train_loss", "eval_loss", "grad_norm"):
            assert right.get(name, 0) == pytest.approx(left.get(name, 0), abs=1e-4), (left["step"], name)
    assert curve(one)[-1]["train_loss"] < curve(one)[0]["train_loss"] - 0.2  # it learnt: equal is not trivial
    files = {place: artifacts.read_marker(place).files for place in (one, two)}
    assert files[one].keys() == files[two].keys()  # snapshots, too
    lineage = [name for name in files[one] if name.startswith("lineage/")]
    assert lineage
    assert all(files[one][name] == files[two][name] for name in lineage)
    weights = [load_file(place / "model.safetensors") for place in (one, two)]
    for name, tensor in weights[0].items():
        torch.testing.assert_close(tensor, weights[1][name], atol=weights_within, rtol=0, msg=name)
    last = sorted((tmp_path / "two" / "work").glob("*/checkpoints/*"))[-1]
    assert len(list((last / "shards").glob("*.distcp"))) == (2 if sharded else 0)  # each process wrote its part
    assert AutoModelForMaskedLM.from_pretrained(two).num_parameters() > 0


@pytest.mark.slow
@pytest.mark.parametrize("sharded", [False, True])
def test_a_gradient_that_is_no_number_in_one_process_stops_both(
    runner: ModuleType, collection: Path, tokenizer: Path, tmp_path: Path, *, sharded: bool
) -> None:
    made = train(runner, collection, tokenizer, tmp_path, processes=2, sharded=sharded, broken=1)
    assert not made.exists()
    for rank in range(2):
        said = (tmp_path / f"said-{rank}").read_text(encoding="utf-8")
        assert said.startswith("step 5: the loss is ")
        assert "the norm of its gradient nan" in said
        assert "The checkpoint of step 4 is sound" in said
    assert [place.name for place in (tmp_path / "work").glob("*/checkpoints/*")] == ["00000004"]
