"""Learning-rate schedules, one file each: functions of (optimizer, steps) that return a torch scheduler.

Each step takes the rate of the curve at the number of steps done before it, as in transformers: the first step of a
warm-up has the floor itself (at 0 it fills the moments and moves no weight), the first step of the fall has the peak,
and the last step is one step of the fall above the floor.

Going on with a larger budget: `warmup_stable_decay` and `trapezoid` are the same up to the end of the plateau whatever
the number of steps, if the warm-up has as many. So a run of N steps is extended to M from any checkpoint of its
plateau: steps M, warmup_share * N / M, the same learning rate. The others fall from the start and cannot be extended.
"""

from collections.abc import Callable
from typing import Any

from mecelle.base.registry import Registry

Schedule = Callable[..., Any]
"""(optimizer, *, steps, warmup_share, decay_share, floor) -> scheduler that is stepped once per optimizer step.

floor: where the rise begins and the fall would end a step after the last, as a share of the peak, 0..1."""

SCHEDULES: Registry[Schedule] = Registry("mecelle.training.schedules", kind="schedule")


def rise_and_fall(step: int, steps: int) -> float:
    """Share of the peak at `step`, from 0: up over a tenth of the steps, then in a straight line down to 0.

    Of the short trainings, which have no choice of schedule.
    """
    rising = max(1, steps // 10)
    return min((step + 1) / rising, (steps - step) / max(1, steps - rising))


def warmup_steps(steps: int, warmup_share: float) -> int:
    """Steps of the warm-up: at least one if there is to be any, so that the first step does not take the peak rate."""
    return max(1, round(steps * warmup_share)) if warmup_share else 0
