"""A training that goes wrong stops in time: at a loss that is no number, or one that has jumped and stays up."""

import math
from typing import Any

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_callback import ExportableState

from mecelle.base.errors import TrainingError
from mecelle.training.spikes import Spikes, Window


class LossGuard(TrainerCallback, ExportableState):
    """Judges the loss of each step before the weights are touched; see `Spikes`.

    The trainer hands it the loss of every batch with `add`; the step's loss is their sum, and the mean over processes.
    What it remembers is in the checkpoint, so that a resumed run judges as if it had never stopped. Add it after the
    callback that asks for checkpoints: none is written amid spikes.
    """

    def __init__(self, spikes: Spikes) -> None:
        self.spikes = spikes
        self.found: list[int] = []
        """Steps that were spikes."""
        self.skipped: list[int] = []
        """Of these, the steps whose gradients were left out."""
        self._window = Window(spikes)
        self._row: list[float] = []
        self._sum: torch.Tensor | float = 0.0

    def add(self, loss: torch.Tensor) -> None:
        """Count the loss of one batch, its share of the step's mean. Nothing waits for the device here."""
        self._sum = self._sum + loss.detach()

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        losses = list(self._window.losses)
        kept = {"found": self.found, "skipped": self.skipped, "losses": losses, "row": self._row}
        return {"args": {}, "attributes": kept}

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        kept = (state.stateful_callbacks or {}).get(type(self).__name__)
        if kept and state.global_step:  # resumed
            values = kept["attributes"]
            self.found, self.skipped, self._row = values["found"], values["skipped"], values["row"]
            self._window.restore(values["losses"])

    def on_pre_optimizer_step(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        model: torch.nn.Module | None = None,
        lr_scheduler: Any = None,
        **_: Any,
    ) -> None:
        """Raises TrainingError on a loss that is no number, and on too many spikes in a row."""
        loss, self._sum = _mean_over_processes(self._sum), 0.0
        step, rate = state.global_step + 1, lr_scheduler.get_last_lr()[0] if lr_scheduler else math.nan
        if not math.isfinite(loss):
            raise TrainingError(
                f"step {step}: the loss is {loss} at learning rate {rate:.2e}. The last checkpoint is sound. Lower "
                "learning_rate, lengthen warmup_share, or set precision: fp32"
            )
        if not self._window.is_spike(loss):
            self._row = []
            return
        self.found.append(step)
        self._row.append(loss)
        if len(self._row) >= self.spikes.in_a_row and self.spikes.action != "ignore":
            raise TrainingError(self._diverged(step, rate))
        if self.spikes.action == "skip" and model is not None:
            model.zero_grad(set_to_none=True)  # optimizers pass over parameters without a gradient
            self.skipped.append(step)

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> TrainerControl:
        """Holds checkpoints back while the loss is up: what is resumed from must be sound."""
        if self._row and self.spikes.action != "ignore" and state.global_step < state.max_steps:
            control.should_save = False
        return control

    def _diverged(self, step: int, rate: float) -> str:
        middle, deviation = self._window.usual()
        worst, count = max(self._row), len(self._row)
        if self.spikes.action == "stop":
            remedy = "set spikes.action: skip to go on from there without the gradients of such steps; or"
        else:
            remedy = "the gradients of these steps were left out, which did not help:"
        return (
            f"steps {step - count + 1} to {step}: the loss is {worst:.3f} where it was {middle:.3f} "
            f"({(worst - middle) / deviation:.0f} deviations, {self.spikes.deviations:g} are allowed), {count} times "
            f"in a row, at learning rate {rate:.2e}. The last whole checkpoint is from before: {remedy} lower "
            "learning_rate or lengthen warmup_share, and begin anew"
        )


def _mean_over_processes(loss: torch.Tensor | float) -> float:
    if isinstance(loss, torch.Tensor) and torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.all_reduce(loss)
        loss = loss / torch.distributed.get_world_size()
    return float(loss)
