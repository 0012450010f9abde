"""The steps of a training without a Trainer, in whole checkpoints: stopped or killed, it goes on to the same bytes."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import torch

from mecelle.training.checkpoints import Checkpoints
from mecelle.training.interrupt import Stop

FILE = "state.pt"
"""In a checkpoint: the states of the parts by name, the lists that the loop fills, and torch's generators."""


class ResumableSteps:
    """What of so many steps is left to do, saved every so often, after the last, and when asked to stop.

    with open_work(...) as checkpoints, Stop() as stop:
        left = ResumableSteps(checkpoints, parts, steps=100, minutes=5, lists={"losses": losses})
        for step in left.to_do(stop):
            ...  # one optimizer step, which draws from torch's generators or from those of its own number

    On the CPU a run that was interrupted anywhere ends with the same bytes as one that was not.
    """

    def __init__(
        self,
        checkpoints: Checkpoints,
        parts: Mapping[str, Any],
        *,
        steps: int,
        minutes: float,
        lists: Mapping[str, list[Any]],
    ) -> None:
        """Takes up the latest checkpoint, if there is one: states, lists and generators are those of its step.

        parts: model, optimizer, schedule: what has `state_dict` and `load_state_dict`, on its device. minutes: least
        time between two checkpoints, no part of the result. lists: of numbers and dicts of them, filled by the loop.
        """
        self.checkpoints, self.parts, self.steps, self.lists = checkpoints, parts, steps, lists
        self.seconds = minutes * 60
        latest = checkpoints.latest()
        self.done = int(latest.name) if latest else 0
        """Steps that need not be done again."""
        if latest:
            saved = torch.load(latest / FILE, map_location="cpu", weights_only=True)
            for name, part in parts.items():
                part.load_state_dict(saved["parts"][name])
            for name, values in lists.items():
                values[:] = saved["lists"][name]
            _set_generators(saved["generators"])

    def to_do(self, stop: Stop) -> Iterator[int]:
        """Numbers of the steps left, from 0; what follows a step is done before the next is given.

        Raises Interrupted once the step is saved in which `stop` was asked.
        """
        saved_at = time.monotonic()
        for step in range(self.done, self.steps):
            yield step
            self.done = step + 1
            asked = stop.asked is not None
            if asked or self.done == self.steps or time.monotonic() - saved_at >= self.seconds:
                self._save()
                saved_at = time.monotonic()
            if asked:
                raise stop.interrupted(
                    f"Stopped after step {self.done:,} of {self.steps:,}, saved. The same command goes on from there."
                )

    def _save(self) -> None:
        place = self.checkpoints.writing / f"checkpoint-{self.done}"
        place.mkdir()
        states = {name: part.state_dict() for name, part in self.parts.items()}
        lists = {name: list(values) for name, values in self.lists.items()}
        torch.save({"parts": states, "lists": lists, "generators": _generators()}, place / FILE)
        self.checkpoints.accept(self.done)


def _generators() -> dict[str, Any]:
    """States of torch's own generators, which dropout draws from."""
    found: dict[str, Any] = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        found["cuda"] = torch.cuda.get_rng_state_all()
    return found


def _set_generators(saved: Mapping[str, Any]) -> None:
    torch.set_rng_state(saved["cpu"])
    if "cuda" in saved and len(saved["cuda"]) == torch.cuda.device_count():  # else the run goes on elsewhere
        torch.cuda.set_rng_state_all(saved["cuda"])
