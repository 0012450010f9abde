"""Schedules have the shape they say, at every corner."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from transformers import get_cosine_schedule_with_warmup, get_linear_schedule_with_warmup

from mecelle.training.schedules import SCHEDULES


def rates(name: str, *, steps: int, **shares: float) -> list[float]:
    """Learning rate of each step, and what would follow, as a share of the peak."""
    return follow(lambda optimizer: SCHEDULES.get(name)(optimizer, steps=steps, **shares), steps=steps)


def follow(make: Callable[[Any], Any], *, steps: int) -> list[float]:
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = make(optimizer)
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
    assert found[81:] == pytest.approx([1 - math.sqrt(n / 20) for n in range(1, 21)])


def test_trapezoid() -> None:
    found = rates("trapezoid.v1", steps=100, warmup_share=0.1, decay_share=0.2)
    assert found[:10] == pytest.approx([n / 10 for n in range(10)])
    assert found[10:81] == [1.0] * 71
    assert found[81:] == pytest.approx([1 - n / 20 for n in range(1, 21)])


def test_warmup_linear() -> None:
    found = rates("warmup_linear.v1", steps=10, warmup_share=0.2)
    assert found == pytest.approx([0, 0.5, 1, *(n / 8 for n in range(7, -1, -1))])


def test_warmup_cosine() -> None:
    found = rates("warmup_cosine.v1", steps=12, warmup_share=1 / 3)
    assert found == pytest.approx([0, 0.25, 0.5, 0.75, *((1 + math.cos(math.pi * n / 8)) / 2 for n in range(9))])


@pytest.mark.parametrize("name", SCHEDULES.names())
def test_floor_is_reached_and_never_undercut_once_the_rate_falls(name: str) -> None:
    """Mecellem §3.4.6: from 5e-5 to 5e-6."""
    found = rates(name, steps=50, warmup_share=0.1, decay_share=0.4, floor=0.1)
    assert max(found) == found[5] == 1.0
    assert found[-1] == pytest.approx(0.1)
    assert min(found[5:]) == pytest.approx(0.1)
    assert found[5:] == sorted(found[5:], reverse=True)


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("trapezoid.v1", 1 - 3 / 4),
        ("warmup_stable_decay.v1", 1 - math.sqrt(3 / 4)),
        ("warmup_linear.v1", 1 - 15 / 16),
        ("warmup_cosine.v1", (1 + math.cos(math.pi * 15 / 16)) / 2),
    ],
)
@pytest.mark.parametrize("floor", [0.0, 0.1])
def test_the_first_step_has_the_floor_and_the_last_is_a_step_above_it(name: str, last: float, floor: float) -> None:
    """As `schedules` and the help of `floor` say."""
    found = rates(name, steps=20, warmup_share=0.2, decay_share=0.2, floor=floor)
    assert found[0] == floor
    assert found[19] == pytest.approx(floor + (1 - floor) * last)
    assert found[20] == floor


@pytest.mark.parametrize(
    ("name", "theirs"),
    [("warmup_linear.v1", get_linear_schedule_with_warmup), ("warmup_cosine.v1", get_cosine_schedule_with_warmup)],
)
def test_steps_are_counted_as_transformers_counts_them(name: str, theirs: Callable[..., Any]) -> None:
    expected = follow(lambda optimizer: theirs(optimizer, num_warmup_steps=4, num_training_steps=20), steps=20)
    assert rates(name, steps=20, warmup_share=0.2) == pytest.approx(expected)


@pytest.mark.parametrize("name", SCHEDULES.names())
def test_without_warmup_the_first_step_has_the_peak(name: str) -> None:
    assert rates(name, steps=10, warmup_share=0.0, decay_share=0.5)[0] == 1.0


@pytest.mark.parametrize("name", ["warmup_stable_decay.v1", "trapezoid.v1"])
def test_plateau_can_be_extended(name: str) -> None:
    """Steps 0 to 80 of a run of 100 are those of a run of 300 with as long a warm-up."""
    short = rates(name, steps=100, warmup_share=0.12, decay_share=0.2)
    long = rates(name, steps=300, warmup_share=0.12 * 100 / 300, decay_share=0.2)
    assert short[:81] == long[:81]
    assert long[81:241] == [1.0] * 160


@pytest.mark.parametrize("name", SCHEDULES.names())
def test_a_warmup_of_less_than_a_step_is_one_step(name: str) -> None:
    assert rates(name, steps=8, warmup_share=0.05, decay_share=0.2)[:2] == [0, pytest.approx(1.0)]
