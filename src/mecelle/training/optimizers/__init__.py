"""Optimizers, one file each: functions of a model that return a torch optimizer."""

from collections.abc import Callable
from typing import Any

from mecelle.base.registry import Registry

OptimizerMaker = Callable[..., Any]
"""(model, *, learning_rate, weight_decay, betas, epsilon) -> torch optimizer; weight_decay None: its usual one."""

OPTIMIZERS: Registry[OptimizerMaker] = Registry("mecelle.training.optimizers", kind="optimizer")
