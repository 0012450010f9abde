"""A process trains on one card, whatever it sees."""

from pathlib import Path

import pytest
import torch

from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.trainer import training_arguments
from mecelle.training.config import TrainingConfig
from mecelle.training.trainer import _arguments


@pytest.fixture
def _four_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    monkeypatch.setattr(torch.cuda, "set_device", lambda _: None)


@pytest.mark.usefixtures("_four_cards")
def test_one_process_leaves_other_cards_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    arguments = _arguments(TrainingConfig(rows_per_batch=4), arithmetic="fp32", output=tmp_path, seed=1)
    assert (arguments.n_gpu, arguments.train_batch_size, arguments.gradient_accumulation_steps) == (1, 4, 4)
    assert "torchrun --nproc-per-node 4" in caplog.text


@pytest.mark.usefixtures("_four_cards")
def test_batches_of_pairs_are_those_that_were_planned(tmp_path: Path) -> None:
    config = EmbeddingConfig(batch=8, precision="fp32")
    assert training_arguments(config, output=tmp_path, steps=3, seed=1).train_batch_size == 8
