"""What a training goes on from: the state after its last whole epoch, in one file that is replaced at once."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mecelle.segmentation.epochs import Epoch


class State:
    """The parts of a training that change, and the file that holds them."""

    def __init__(self, path: Path, *parts: Any) -> None:
        """parts: things with `state_dict` and `load_state_dict`, in one order."""
        self.path, self.parts = path, parts

    def keep(self, epochs: list[Epoch], best: dict[str, Tensor]) -> None:
        """Write the state; a process that dies while it writes leaves the one before."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(".partial")
        told = [epoch.model_dump_json() for epoch in epochs]
        torch.save({"epochs": told, "best": best, "parts": [part.state_dict() for part in self.parts]}, partial)
        partial.replace(self.path)

    def restore(self) -> tuple[list[Epoch], dict[str, Tensor]]:
        """The epochs so far and the best weights; nothing of either where there is no file."""
        if not self.path.exists():
            return [], {}
        kept = torch.load(self.path, weights_only=True)
        for part, state in zip(self.parts, kept["parts"], strict=True):
            part.load_state_dict(state)
        return [Epoch.model_validate_json(told) for told in kept["epochs"]], kept["best"]
