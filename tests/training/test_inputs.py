"""What an optimizer or a schedule refuses is told before the text is tokenised."""

from pathlib import Path
from typing import Any

import pytest
import torch

from mecelle.base.collection import write_documents
from mecelle.base.config import parse
from mecelle.base.document import make_document
from mecelle.base.errors import ConfigError
from mecelle.decoder.config import DecoderConfig
from mecelle.decoder.curriculum.named import laptop
from mecelle.decoder.curriculum.run import pretrain_in_phases
from mecelle.decoder.pretrain import pretrain as pretrain_decoder
from mecelle.encoder import adapt
from mecelle.encoder.adapt import AdaptConfig
from mecelle.encoder.config import EncoderConfig
from mecelle.encoder.pretrain import pretrain as pretrain_encoder
from mecelle.training.config import TrainingConfig
from mecelle.training.inputs import check_inputs
from mecelle.training.optimizers import OPTIMIZERS
from mecelle.training.schedules import SCHEDULES


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    write_documents([make_document("Davanın kabulüne.", kind="decision", source="test:1")], tmp_path / "documents")
    return tmp_path / "documents"


def check(collection: Path, config: TrainingConfig) -> None:
    check_inputs(collection, "none", config, tokenizers=("tokenizer",))


@pytest.mark.parametrize("optimizer", OPTIMIZERS.names())
@pytest.mark.parametrize("schedule", SCHEDULES.names())
def test_what_is_registered_passes_and_draws_no_number(collection: Path, optimizer: str, schedule: str) -> None:
    before = torch.get_rng_state()
    check(collection, TrainingConfig(optimizer=optimizer, schedule=schedule))
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        ({"optimizer": "stable_adamw.v1", "weight_decay": 0.01}, "ModernBERT has 1e-5"),
        ({"optimizer": "adam.v1"}, "did you mean 'adamw.v1'"),
        ({"schedule": "trapeze.v1"}, "did you mean 'trapezoid.v1'"),
        # Around the bounds of the parameters, as another package's optimizer may have its own.
        ({"betas": (0.9, 1.5)}, "optimizer adamw.v1 with schedule warmup_stable_decay.v1: Invalid beta .* 1.5"),
    ],
)
def test_what_is_refused_is_a_fault_of_the_parameters(collection: Path, refused: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        check(collection, TrainingConfig().model_copy(update=refused))


@pytest.mark.parametrize("what", ["encoder", "decoder", "adaption", "phases"])
def test_it_is_told_before_the_work_begins(
    collection: Path, tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: Any = {"optimizer": "stable_adamw.v1", "weight_decay": 0.01}
    monkeypatch.setattr(adapt, "take_shape", lambda *_: None)  # the model of an adaption is looked at before that
    how: dict[str, Any] = {"seed": 1, "work": tmp_path / "work"}
    out = tmp_path / "out"
    ways = {
        "encoder": lambda: pretrain_encoder(collection, "none", out, EncoderConfig(**refused), **how),
        "decoder": lambda: pretrain_decoder(collection, "none", out, DecoderConfig(**refused), **how),
        "adaption": lambda: adapt.adapt("none", collection, out, AdaptConfig(**refused), **how, tokenizer="none"),
        "phases": lambda: pretrain_in_phases(collection, "none", out, DecoderConfig(**refused), laptop(), **how),
    }
    with pytest.raises(ConfigError, match="ModernBERT has 1e-5"):
        ways[what]()
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize("kind", [EncoderConfig, DecoderConfig])
@pytest.mark.parametrize("betas", [[0.9, 1.5], [0.9, 1.0], [-0.1, 0.9]])
def test_betas_are_bounded(kind: type[TrainingConfig], betas: list[float]) -> None:
    with pytest.raises(ConfigError, match=r"p: betas\.[01]: found "):
        parse(kind, {"betas": betas}, where="p")
