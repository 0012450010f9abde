"""Killed by SIGKILL and called again, a training ends with the same bytes, in chunks and with each loss."""

import importlib
import multiprocessing
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mecelle.base import artifacts
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.guide.build import GuideConfig, cache_guide
from mecelle.embedding.losses import LOSSES
from mecelle.embedding.pairs.record import read_pairs, write_pairs
from mecelle.embedding.train import train


@pytest.fixture(scope="module")
def graded(pairs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("graded") / "pairs"
    with artifacts.create(out, stage="pairs", version=1, parameters={}, inputs={}, seed=1) as run:
        write_pairs([replace(pair, grade=float(i % 4)) for i, pair in enumerate(read_pairs(pairs))], run.folder)
    return out


@pytest.fixture(scope="module")
def guide(graded: Path, encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("guide") / "guide"
    cache_guide(graded, out, GuideConfig(model=str(encoder)))
    return out


@pytest.mark.slow
@pytest.mark.parametrize("name", LOSSES.names())
def test_killed_and_resumed(
    name: str, encoder: Path, graded: Path, guide: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = EmbeddingConfig(
        loss=name, batch=8, chunk=3, accumulation=2, epochs=3.0, learning_rate=1e-3, max_length=32, log_steps=2,
        dims=(16,), checkpoint_minutes=1e-9,
    )  # fmt: skip
    monkeypatch.syspath_prepend(Path(__file__).parent)
    runner = importlib.import_module("run_embedding")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["mecelle.embedding.train"])
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    child = context.Process(target=runner.run, args=(encoder, graded, guide, killed, config, (0, 1, 0)))
    child.start()
    try:
        deadline = time.monotonic() + 300
        while len(list(killed.glob("work/*/checkpoints/*/artifact.json"))) < 2 and time.monotonic() < deadline:
            assert child.is_alive(), "ended before it could be killed"
            time.sleep(0.002)
    finally:
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join()
    assert not (killed / "embedding").exists(), "it finished before it was killed"
    for folder in (killed, whole):
        train(encoder, graded, guide, folder / "embedding", config, seed=runner.SEED, work=folder / "work")
    assert artifacts.hash_input(killed / "embedding") == artifacts.hash_input(whole / "embedding")
