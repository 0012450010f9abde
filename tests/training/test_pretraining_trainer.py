"""What the Trainer says when a run goes on from a checkpoint."""

from types import SimpleNamespace
from typing import Any

import pytest
from torch.nn.modules.module import _IncompatibleKeys
from transformers import trainer as of_transformers

from mecelle.training.pretraining_trainer import PretrainingTrainer


@pytest.mark.parametrize(
    ("missing", "told"), [(["decoder.weight"], False), (["decoder.weight", "layers.0.weight"], True), ([], False)]
)
def test_a_head_that_shares_its_weights_is_not_called_missing(
    missing: list[str], told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(of_transformers.logger, "warning", said.append)
    trainer: Any = PretrainingTrainer.__new__(PretrainingTrainer)
    shared = {"decoder.weight": "model.embeddings.weight"}
    trainer.model = SimpleNamespace(all_tied_weights_keys=shared, _keys_to_ignore_on_save=None)
    trainer._issue_warnings_after_load(_IncompatibleKeys(missing, []))
    assert bool(said) == told
    assert not any("decoder.weight" in sentence for sentence in said)
