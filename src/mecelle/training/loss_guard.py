"""A training that goes wrong stops in time: at a loss, gradient or weight that is no number, or a loss that has jumped
and stays up."""

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch.nn.utils import get_total_norm
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_callback import ExportableState

from mecelle.base.errors import TrainingError
from mecelle.training.spikes import Spikes, Window


class LossGuard(TrainerCallback, ExportableState):
    """Judges loss and gradient of each step before the weights are touched, and the weights before they are saved.

    The trainer hands it the loss of every batch with `add`; the step's loss is their sum, and the mean over processes.
    For spikes see `Spikes`. What it remembers is in the checkpoint, so that a resumed run judges as if it had never
    stopped. Add it after the callback that asks for checkpoints: none is written amid spikes.
    """

    def __init__(self, spikes: Spikes) -> None:
        self.spikes = spikes
        self.found: list[int] = []
        """Steps that were spikes."""
        self.skipped: list[int] = []
        """Of these, the steps whose gradients were left out."""
        self.gradient_norm: torch.Tensor | float | None = None
        """Of the step at hand, over all weights and processes, from whoever shortened the gradients; None: measured
        here."""
        self.scaler: Any = None
        """Of fp16's losses, if there is one: it leaves out steps whose gradients its scale made too large."""
        self._saved = 0
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
        self._saved = state.global_step
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
        """Raises TrainingError on a loss or gradient that is no number, and on too many spikes in a row."""
        loss, self._sum = _mean_over_processes(self._sum), 0.0
        step, rate = state.global_step + 1, lr_scheduler.get_last_lr()[0] if lr_scheduler else math.nan
        if not math.isfinite(loss):
            raise TrainingError(self._no_number(f"step {step}: the loss is {loss} at learning rate {rate:.2e}"))
        norm = self._gradient_norm(model)
        if not math.isfinite(norm) and not self._left_out_by_scaler():
            raise TrainingError(
                self._no_number(
                    f"step {step}: the loss is {loss:.3f}, but the norm of its gradient {norm}, at learning rate "
                    f"{rate:.2e}; the step was not taken"
                )
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
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        model: torch.nn.Module | None = None,
        **_: Any,
    ) -> TrainerControl:
        """Holds checkpoints back while the loss is up: what is resumed from must be sound.

        Raises TrainingError before weights that are no numbers are saved: a finite step, too, can be too long.
        """
        if self._row and self.spikes.action != "ignore" and state.global_step < state.max_steps:
            control.should_save = False
        if control.should_save and model is not None:
            self.judge_weights(model, step=state.global_step)
        return control

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._saved = state.global_step

    def judge_weights(self, model: torch.nn.Module, *, step: int) -> None:
        """Raise TrainingError if the weights, after `step` and before they are saved, are no numbers."""
        norm = _norm(parameter.detach() for parameter in model.parameters())
        if not math.isfinite(norm):
            raise TrainingError(self._no_number(f"step {step}: the norm of the weights is {norm} after it"))

    def judge_held_out(self, loss: float, *, step: int) -> None:
        """Raise TrainingError if the loss on the held-out rows, after `step` and before a checkpoint, is no number."""
        if not math.isfinite(loss):
            raise TrainingError(self._no_number(f"step {step}: the loss on the held-out rows is {loss} after it"))

    def _gradient_norm(self, model: torch.nn.Module | None) -> float:
        norm, self.gradient_norm = self.gradient_norm, None
        if norm is not None:
            return float(norm)
        # transformers 5.0 has no place to hand it over.
        return _norm(parameter.grad for parameter in model.parameters() if parameter.grad is not None) if model else 0.0

    def _left_out_by_scaler(self) -> bool:
        """Whether the scale of fp16's losses may be the reason: of 1 or less it makes no gradient longer."""
        return self.scaler is not None and self.scaler.get_scale() > 1

    def _no_number(self, fault: str) -> str:
        return f"{fault}. {self._before()} Lower learning_rate, lengthen warmup_share, or set precision: fp32"

    def _before(self) -> str:
        if not self._saved:
            return "There is no checkpoint from before."
        return f"The checkpoint of step {self._saved:,} is sound: its weights are finite."

    def _diverged(self, step: int, rate: float) -> str:
        middle, deviation = self._window.usual()
        worst, count = max(self._row), len(self._row)
        if self.spikes.action == "stop":
            remedy = "Set spikes.action: skip to go on from before without the gradients of such steps; or"
        else:
            remedy = "The gradients of these steps were left out, which did not help:"
        return (
            f"steps {step - count + 1} to {step}: the loss is {worst:.3f} where it was {middle:.3f} "
            f"({(worst - middle) / deviation:.0f} deviations, {self.spikes.deviations:g} are allowed), {count} times "
            f"in a row, at learning rate {rate:.2e}. {self._before()} {remedy} lower learning_rate or lengthen "
            "warmup_share, and begin anew"
        )


def _norm(tensors: Iterable[torch.Tensor]) -> float:
    """Of all of them as one vector, in all processes alike; no number as soon as one component is none."""
    norm = get_total_norm(tensors)
    return float(norm.full_tensor() if hasattr(norm, "full_tensor") else norm)


def _mean_over_processes(loss: torch.Tensor | float) -> float:
    if isinstance(loss, torch.Tensor) and torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.all_reduce(loss)
        loss = loss / torch.distributed.get_world_size()
    return float(loss)
