"""Learning-rate schedules, one file each: functions of (optimizer, steps) that return a torch scheduler."""

from collections.abc import Callable
from typing import Any

from mecelle.base.registry import Registry

Schedule = Callable[..., Any]
"""(optimizer, *, steps, warmup_share, decay_share) -> scheduler that is stepped once per optimizer step."""

SCHEDULES: Registry[Schedule] = Registry("mecelle.training.schedules", kind="schedule")
