"""Damages, one file each, found by listing this folder: each lowers what it says, and touches nothing else."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mecelle.base.registry import Registry
from mecelle.reward.objectives import Objective


class Change(Protocol):
    """The damaged answer, or None where it cannot be damaged so. A function of answer and seed alone."""

    def __call__(self, answer: str, *, seed: int) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Damage:
    """What is done to an answer, and which objectives it lowers."""

    lowers: tuple[Objective, ...]
    change: Change


DAMAGES: Registry[Damage] = Registry(__name__, kind="damage")


def damage(name: str, *, lowers: Objective | tuple[Objective, ...]) -> Callable[[Change], Change]:
    """Decorator that files a change under `name`."""

    def file(change: Change) -> Change:
        DAMAGES.register(name)(Damage((lowers,) if isinstance(lowers, str) else lowers, change))
        return change

    return file
