"""Two processes that share a batch give what one gives on all of it: every text is every query's negative."""

import importlib
import multiprocessing
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pytest
import torch
from safetensors.torch import load_file

from mecelle.base import artifacts
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.guide.build import GuideConfig, cache_guide

PATIENCE_SECONDS = 300
CONFIG = EmbeddingConfig(
    loss="distilled_guided.v1", batch=8, chunk=3, accumulation=2, epochs=1.0, learning_rate=1e-3, max_length=32,
    log_steps=1, evaluation_steps=4, dims=(16,), precision="fp32",
)  # fmt: skip


@pytest.fixture(scope="module")
def runner() -> Iterator[ModuleType]:
    """run_embedding.py, found by the processes too: they get the `sys.path` of this one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent)
        yield importlib.import_module("run_embedding")


def together(target: Callable[..., None], *arguments: Any, processes: int) -> None:
    """Run `target` in so many processes at once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["mecelle.embedding.train"])
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = int(place.getsockname()[1])
    started = [context.Process(target=target, args=(*arguments, (rank, processes, port))) for rank in range(processes)]
    for process in started:
        process.start()
    try:
        for process in started:
            process.join(PATIENCE_SECONDS)
        assert [process.exitcode for process in started] == [0] * processes
    finally:
        for process in started:
            process.kill()


@pytest.mark.slow
def test_two_processes_against_one(runner: ModuleType, encoder: Path, pairs: Path, tmp_path: Path) -> None:
    guide = tmp_path / "guide"
    cache_guide(pairs, guide, GuideConfig(model=str(encoder)))
    one, two, halves = (tmp_path / name for name in ("one", "two", "halves"))
    together(runner.run, encoder, pairs, guide, one, CONFIG, processes=1)
    together(runner.run, encoder, pairs, guide, two, CONFIG, processes=2)
    small = CONFIG.model_copy(update={"batch": 4, "accumulation": 4})
    together(runner.run, encoder, pairs, guide, halves, small, processes=1)
    artifacts.verify(two / "embedding")
    curves = [_curve(folder) for folder in (one, two, halves)]
    for left, right in zip(*curves[:2], strict=True):
        assert left.keys() == right.keys()
        assert left == pytest.approx(right, abs=1e-4)
    assert curves[0][0]["loss"] > curves[2][0]["loss"] + 0.02  # without the other half's negatives it is another loss
    assert curves[0][-1]["loss"] < curves[0][0]["loss"] - 0.1  # it learnt: equal is not trivial
    weights = [load_file(folder / "embedding" / "model.safetensors") for folder in (one, two)]
    for name, tensor in weights[0].items():
        torch.testing.assert_close(tensor, weights[1][name], atol=1e-4, rtol=0, msg=name)
    files = [artifacts.read_marker(folder / "embedding").files for folder in (one, two)]
    assert files[0].keys() == files[1].keys()
    assert files[0]["lineage/steps.npy"] == files[1]["lineage/steps.npy"]


def _curve(folder: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (folder / "embedding" / "curve.jsonl").read_bytes().splitlines()]


@pytest.mark.slow
def test_processes_may_have_different_numbers_of_rows(runner: ModuleType, tmp_path: Path) -> None:
    together(runner.gather_unequal, tmp_path, processes=2)
    first, second = (torch.load(tmp_path / f"{rank}.pt", weights_only=False) for rank in range(2))
    expected = torch.cat([torch.arange(6.0).reshape(2, 3), torch.arange(15.0).reshape(5, 3) + 100])
    assert torch.equal(first["rows"], expected)
    assert torch.equal(second["rows"], expected)
    assert (first["mine"], second["mine"]) == (slice(0, 2), slice(2, 7))
    assert first["grad"].tolist() == second["grad"].tolist() == [3.0] * 4
    assert first["none"] is None
