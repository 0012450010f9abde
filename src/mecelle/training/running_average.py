"""A running average of the weights over the late steps of a training, kept through kills."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn, get_swa_multi_avg_fn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from mecelle.base.errors import TrainingError
from mecelle.training.checkpoints import Checkpoints
from mecelle.training.shards import split_like, whole

FILE = "average.pt"
"""In a checkpoint: what has been averaged so far."""


class RunningAverage(TrainerCallback):
    """Averages the weights after each step from `first_step` on. Costs one copy of the weights, and one pass over them.

    Stochastic weight averaging (arXiv 1803.05407) or, with `decay`, an exponential moving average; of late steps, not
    over the whole run. Add it before `WholeCheckpoints`, which moves the checkpoint away that this one writes into.
    Where weights are split over processes, each averages its part.
    """

    def __init__(self, checkpoints: Checkpoints, *, first_step: int, decay: float | None = None) -> None:
        """checkpoints: of the run; first_step: number of the first step that counts, from 1; decay: share of the old
        average that stays at each step, 0..1, None for a plain mean."""
        self.checkpoints = checkpoints
        self.first_step = first_step
        self.count = 0
        """Steps averaged so far."""
        self.weights: list[Tensor] = []
        """The average, in the order of the model's parameters; empty before `first_step`."""
        self._update = get_swa_multi_avg_fn() if decay is None else get_ema_multi_avg_fn(decay)

    def write_into(self, model: nn.Module) -> None:
        """Replace the weights of `model` by their average. Raises TrainingError if there is none."""
        if not self.count:
            raise TrainingError(f"no step from {self.first_step} on was done: there is no average to take")
        with torch.no_grad():
            for parameter, mean in zip(model.parameters(), self.weights, strict=True):
                parameter.copy_(mean)

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **more: Any
    ) -> None:
        if state.global_step >= self.first_step:  # resumed
            kept = self.checkpoints.place(state.global_step) / FILE
            found = torch.load(kept, map_location="cpu", weights_only=True)
            self.count, self.weights = found["count"], split_like(found["weights"], more["model"].parameters())

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **more: Any) -> None:
        if state.global_step < self.first_step:
            return
        now = [parameter.detach() for parameter in more["model"].parameters()]
        if self.count:
            self._update(self.weights, now, self.count)
        else:
            self.weights = [parameter.clone() for parameter in now]
        self.count += 1

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if not self.count:
            return
        weights = whole({str(number): weight for number, weight in enumerate(self.weights)})
        if state.is_world_process_zero:
            place = self.checkpoints.writing / f"checkpoint-{state.global_step}"
            torch.save({"count": self.count, "weights": list(weights.values())}, place / FILE)
