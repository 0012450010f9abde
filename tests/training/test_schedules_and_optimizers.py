"""Schedules have the shape they say; the optimizer decays matrices alone."""

import pytest
import torch
from torch import nn

from mecelle.training.optimizers import OPTIMIZERS
from mecelle.training.precision import resolve
from mecelle.training.schedules import SCHEDULES


def rates(name: str, *, steps: int, **shares: float) -> list[float]:
    """Learning rate of each step, as a share of the peak."""
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = SCHEDULES.get(name)(optimizer, steps=steps, **shares)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return [*found, optimizer.param_groups[0]["lr"]]


def test_warmup_stable_decay() -> None:
    found = rates("warmup_stable_decay.v1", steps=100, warmup_share=0.1, decay_share=0.2)
    assert found[:10] == pytest.approx([n / 10 for n in range(10)])
    assert found[10:81] == [1.0] * 71
    assert found[85] == pytest.approx(1 - (5 / 20) ** 0.5)
    assert found[100] == pytest.approx(0.0)


def test_warmup_linear() -> None:
    found = rates("warmup_linear.v1", steps=10, warmup_share=0.2)
    assert found == pytest.approx([0, 0.5, 1, *(n / 8 for n in range(7, -1, -1))])


def test_only_matrices_decay() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.LayerNorm(2))
    before = [parameter.detach().clone() for parameter in model.parameters()]
    optimizer = OPTIMIZERS.get("adamw.v1")(model, learning_rate=0.1, weight_decay=0.5, betas=(0.9, 0.98), epsilon=1e-8)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    for old, new in zip(before, model.parameters(), strict=True):
        torch.testing.assert_close(new.detach(), old * 0.95 if old.ndim == 2 else old)


def test_precision() -> None:
    assert (resolve("fp32"), resolve("bf16")) == ("fp32", "bf16")
    assert resolve("auto") in ("fp32", "bf16")
