"""Optimizers step as their formulas say, decay matrices alone, and go on from a checkpoint bit by bit."""

import copy
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import TensorDataset
from transformers import BertConfig, BertForMaskedLM, Trainer, TrainingArguments

from mecelle.base.errors import ConfigError
from mecelle.models.precision import resolve
from mecelle.training.optimizers import OPTIMIZERS
from mecelle.training.parameter_groups import hidden_matrices
from mecelle.training.schedules import SCHEDULES

RATE, DECAY, BETAS, EPSILON = 0.01, 5e-4, (0.9, 0.98), 1e-6


def make(name: str, model: nn.Module, *, weight_decay: float = DECAY) -> torch.optim.Optimizer:
    optimizer: torch.optim.Optimizer = OPTIMIZERS.get(name)(
        model, learning_rate=RATE, weight_decay=weight_decay, betas=BETAS, epsilon=EPSILON
    )
    return optimizer


def two_steps(name: str, first: Tensor, second: Tensor, *, start: Tensor, rate_of_second: float = RATE) -> Tensor:
    """A (4, 6) weight after two steps with these gradients."""
    model = nn.Linear(6, 4, bias=False, dtype=torch.float64)
    with torch.no_grad():
        model.weight.copy_(start)
    optimizer = make(name, model)
    for gradient, rate in ((first, RATE), (second, rate_of_second)):
        for group in optimizer.param_groups:
            group["lr"] = rate
        model.weight.grad = gradient.clone()
        optimizer.step()
    return model.weight.detach()


@pytest.fixture
def tensors() -> tuple[Tensor, Tensor, Tensor]:
    """Weight, first gradient, second gradient: the second is ten times as long, which StableAdamW is to notice."""
    drawn = torch.randn(3, 4, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    return drawn[0], drawn[1], 10 * drawn[2]


def moments(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Unbiased first and second moments of Adam after two gradients."""
    (b1, b2), (g1, g2) = BETAS, (first, second)
    m = (b1 * (1 - b1) * g1 + (1 - b1) * g2) / (1 - b1**2)
    v = (b2 * (1 - b2) * g1**2 + (1 - b2) * g2**2) / (1 - b2**2)
    return m, v


def test_adamw(tensors: tuple[Tensor, Tensor, Tensor]) -> None:
    weight, first, second = tensors
    for m, v, rate in ((first, first**2, RATE), (*moments(first, second), 0.5 * RATE)):
        weight = weight * (1 - rate * DECAY) - rate * m / (v.sqrt() + EPSILON)
    found = two_steps("adamw.v1", first, second, start=tensors[0], rate_of_second=0.5 * RATE)
    torch.testing.assert_close(found, weight, rtol=1e-12, atol=1e-12)


def test_stable_adamw(tensors: tuple[Tensor, Tensor, Tensor]) -> None:
    """arXiv 2304.13013, alg. 2, with Composer's decay: the share per step at the peak, not times the rate."""
    weight, first, second = tensors
    shortenings = []
    for gradient, m, v, rate in (
        (first, first, first**2, RATE),
        (second, *moments(first, second), 0.5 * RATE),
    ):
        rms = math.sqrt((gradient**2 / v.clamp(min=EPSILON**2)).mean().item())
        shortenings.append(max(1.0, rms))
        rate = rate / max(1.0, rms)
        weight = weight * (1 - DECAY * rate / RATE) - rate * m / (v.sqrt() + EPSILON)
    assert shortenings[0] == pytest.approx(1.0)
    assert shortenings[1] > 1.2  # so that the shortening is tested at all
    found = two_steps("stable_adamw.v1", first, second, start=tensors[0], rate_of_second=0.5 * RATE)
    torch.testing.assert_close(found, weight, rtol=1e-12, atol=1e-12)


def test_stable_adamw_refuses_the_decay_of_adamw() -> None:
    with pytest.raises(ConfigError, match="ModernBERT has 1e-5"):
        make("stable_adamw.v1", nn.Linear(2, 2), weight_decay=0.01)


def newton_schulz(matrix: Tensor) -> Tensor:
    """Five rounds of Jordan's quintic, in the precision of `matrix`."""
    x = matrix / matrix.norm()
    for _ in range(5):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x


def test_muon(tensors: tuple[Tensor, Tensor, Tensor]) -> None:
    """Nesterov momentum, orthogonalised, scaled to AdamW's size. torch multiplies in bf16: hence the tolerance."""
    weight, first, second = tensors
    momentum = torch.zeros_like(weight)
    for gradient in (first, second):
        momentum = 0.95 * momentum + 0.05 * gradient
        update = newton_schulz(0.05 * gradient + 0.95 * momentum)
        weight = weight * (1 - RATE * DECAY) - RATE * 0.2 * math.sqrt(6) * update
    found = two_steps("muon.v1", first, second, start=tensors[0])
    torch.testing.assert_close(found, weight, rtol=0, atol=0.02 * RATE)
    assert (found - tensors[0]).norm() > RATE


def tiny_bert() -> BertForMaskedLM:
    """One layer, embeddings of three kinds, a head that is tied to one of them."""
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 24}
    return BertForMaskedLM(BertConfig(vocab_size=40, max_position_embeddings=8, hidden_dropout_prob=0.1, **sizes))


@pytest.mark.parametrize("name", OPTIMIZERS.names())
def test_matrices_decay_and_the_rest_does_not(name: str) -> None:
    """With gradients of zero a step is the decay alone, and every trained weight belongs to one group."""
    model = tiny_bert()
    model.cls.predictions.transform.dense.weight.requires_grad_(False)
    before = copy.deepcopy(model.state_dict())
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter) if parameter.requires_grad else None
    optimizer = make(name, model)
    optimizer.step()
    kept = 1 - (DECAY if name == "stable_adamw.v1" else RATE * DECAY)
    for key, parameter in model.named_parameters():
        decays = parameter.ndim == 2 and parameter.requires_grad
        torch.testing.assert_close(parameter.detach(), before[key] * kept if decays else before[key], rtol=1e-7, atol=0)
    grouped = [id(parameter) for group in optimizer.param_groups for parameter in group["params"]]
    assert sorted(grouped) == sorted(id(parameter) for parameter in model.parameters() if parameter.requires_grad)


def test_hidden_matrices_are_neither_embeddings_nor_the_map_onto_words() -> None:
    model = tiny_bert()
    chosen = {id(parameter) for parameter in hidden_matrices(model)}
    names = {name for name, parameter in model.named_parameters() if id(parameter) in chosen}
    in_layer = {name for name, p in model.named_parameters() if ".layer.0." in name and p.ndim == 2}
    assert names == in_layer | {"cls.predictions.transform.dense.weight"}
    assert len(in_layer) == 6


def train(name: str, folder: Path, *, resume: Path | None = None) -> Trainer:
    """Eight steps of the Trainer with dropout, a checkpoint after each four."""
    model = tiny_bert()
    ids = torch.randint(0, 40, (32, 8), generator=torch.Generator().manual_seed(1))
    optimizer = make(name, model)
    schedule = SCHEDULES.get("trapezoid.v1")(optimizer, steps=8, warmup_share=0.25, decay_share=0.5)
    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            output_dir=str(folder), max_steps=8, per_device_train_batch_size=4, save_steps=4, use_cpu=True,
            report_to="none", disable_tqdm=True, logging_strategy="no",
        ),
        train_dataset=TensorDataset(ids),
        data_collator=lambda rows: dict.fromkeys(("input_ids", "labels"), torch.stack([row[0] for row in rows])),
        optimizers=(optimizer, schedule),
    )  # fmt: skip
    trainer.train(resume_from_checkpoint=str(resume) if resume else None)
    return trainer


def state_of(trainer: Trainer) -> dict[str, Any]:
    state: dict[str, Any] = trainer.optimizer.state_dict()
    return state


@pytest.mark.parametrize("name", OPTIMIZERS.names())
def test_a_checkpoint_of_the_trainer_goes_on_bit_by_bit(name: str, tmp_path: Path) -> None:
    whole = train(name, tmp_path / "whole")
    resumed = train(name, tmp_path / "resumed", resume=tmp_path / "whole" / "checkpoint-4")
    assert resumed.state.global_step == 8
    for (key, left), right in zip(whole.model.state_dict().items(), resumed.model.state_dict().values(), strict=True):
        assert torch.equal(left, right), key
    old, new = state_of(whole), state_of(resumed)
    assert old["param_groups"] == new["param_groups"]
    assert old["state"].keys() == new["state"].keys()
    assert len(old["state"]) == len(list(whole.model.parameters()))
    for number, values in old["state"].items():
        for key, value in values.items():
            equal = torch.equal(value, new["state"][number][key]) if isinstance(value, Tensor) else True
            assert equal, f"{key} of parameter {number}"


def test_precision() -> None:
    assert (resolve("fp32"), resolve("bf16")) == ("fp32", "bf16")
    assert resolve("auto") in ("fp32", "bf16")
