"""A training in two stretches is the same as in one: weights, moments and rates."""

from pathlib import Path

import pytest
import torch
from torch import nn

from mecelle.base.config import parse
from mecelle.base.errors import ArtifactError, ConfigError, MismatchError
from mecelle.training.config import TrainingConfig
from mecelle.training.going_on import load_state, save_state
from mecelle.training.optimizers import OPTIMIZERS
from mecelle.training.schedules import SCHEDULES
from mecelle.training.stretch import Stretch
from mecelle.training.trainer import make_optimizer

STEPS, CUT, TOKENS = 12, 5, 64


def config(optimizer: str, schedule: str) -> TrainingConfig:
    return TrainingConfig(
        sequence_length=16, tokens_per_step=TOKENS, rows_per_batch=4, budget_tokens=STEPS * TOKENS,
        optimizer=optimizer, schedule=schedule, warmup_share=0.25, decay_share=0.4,
    )  # fmt: skip


def model() -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 4))


def steps(
    one: nn.Module, config: TrainingConfig, numbers: range, *, stretch: Stretch | None, before: Path | None = None
) -> tuple[torch.optim.Optimizer, list[float]]:
    """Train over the batches of these numbers; the optimizer and the rate of each step."""
    optimizer, schedule = make_optimizer(config, one, stretch=stretch)
    if before:
        load_state(optimizer, before)
    rates = []
    for number in numbers:
        inputs = torch.randn(4, 8, generator=torch.Generator().manual_seed(number))
        one(inputs).square().mean().backward()
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    return optimizer, rates


@pytest.mark.parametrize("optimizer", OPTIMIZERS.names())
@pytest.mark.parametrize("schedule", SCHEDULES.names())
def test_two_stretches_are_one_training(optimizer: str, schedule: str, tmp_path: Path) -> None:
    how, whole, parts = config(optimizer, schedule), model(), model()
    _, rates = steps(whole, how, range(STEPS), stretch=None)
    stretch = Stretch(before=0, whole=STEPS * TOKENS)
    first, early = steps(parts, how, range(CUT), stretch=stretch)
    save_state(first, tmp_path)
    later = Stretch(before=CUT * TOKENS, whole=STEPS * TOKENS)
    _, late = steps(parts, how, range(CUT, STEPS), stretch=later, before=tmp_path)
    assert early + late == rates
    for ours, theirs in zip(parts.parameters(), whole.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_what_cannot_go_on_is_told(tmp_path: Path) -> None:
    how, one = config("adamw.v1", "warmup_cosine.v1"), model()
    optimizer, _ = make_optimizer(how, one)
    with pytest.raises(ArtifactError, match=r"no optimizer\.pt in it.*restart: false"):
        load_state(optimizer, tmp_path)
    other = nn.Sequential(nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 5))
    save_state(steps(other, how, range(1), stretch=None)[0], tmp_path)
    with pytest.raises(MismatchError, match=r"not of these weights .*\(4, 8\)"):
        load_state(optimizer, tmp_path)
    with pytest.raises(ConfigError, match="begins after 64 of 64 tokens"):
        parse(Stretch, {"before": 64, "whole": 64}, where="x")


@pytest.mark.parametrize("before", OPTIMIZERS.names())
def test_what_another_optimizer_remembers_is_refused(before: str, tmp_path: Path) -> None:
    save_state(steps(model(), config(before, "trapezoid.v1"), range(1), stretch=None)[0], tmp_path)
    for name in set(OPTIMIZERS.names()) - {before}:
        with pytest.raises(MismatchError, match="another optimizer"):
            load_state(make_optimizer(config(name, "trapezoid.v1"), model())[0], tmp_path)


def test_steps_of_another_size_lie_where_their_tokens_do() -> None:
    stretch = Stretch(before=640, whole=2_000)
    assert stretch.steps(64) == (10, 32)
    assert stretch.steps(128) == (5, 16)
