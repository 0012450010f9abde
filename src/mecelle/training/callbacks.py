"""Callbacks for any `transformers.Trainer`: whole checkpoints by the clock, and our progress instead of its own."""

import time
from typing import Any

import torch
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_callback import PrinterCallback, ProgressCallback

from mecelle.base.progress import Progress
from mecelle.training.checkpoints import Checkpoints
from mecelle.training.processes import wait_for_all


class WholeCheckpoints(TrainerCallback):
    """Asks for a checkpoint every so often and at the end, and moves each into place once it is written.

    When a checkpoint is written has no influence on what is trained, so the clock may decide it. Only steps that are
    logged are saved: the Trainer forgets a loss that is summed up halfway between two logs, and the curve of a resumed
    run would differ. The Trainer's `output_dir` must be `checkpoints.writing` and its `save_strategy` "no".
    """

    def __init__(self, checkpoints: Checkpoints, *, minutes: float, steps: int | None = None) -> None:
        """minutes: least time between two checkpoints; steps: if given, also when so many steps are done."""
        self.checkpoints = checkpoints
        self.seconds = minutes * 60
        self.steps = steps
        self._saved_at = time.monotonic()
        self._saved_step = 0

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._saved_at, self._saved_step = time.monotonic(), state.global_step

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> TrainerControl:
        if state.global_step >= state.max_steps:
            control.should_save = True
        elif state.global_step % state.logging_steps == 0:
            due = time.monotonic() - self._saved_at >= self.seconds
            due = due or (self.steps is not None and state.global_step - self._saved_step >= self.steps)
            control.should_save = _agreed(due, args)
        return control

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        wait_for_all()  # other processes may still be writing their generator states
        if state.is_world_process_zero:
            self.checkpoints.accept(state.global_step)
        wait_for_all()
        self._saved_at, self._saved_step = time.monotonic(), state.global_step


class ShowProgress(TrainerCallback):
    """Shows tokens done, and the loss of the last log, through `mecelle.base.progress`."""

    def __init__(self, progress: Progress, *, units_per_step: int) -> None:
        """progress: open, in the unit that a step does `units_per_step` of."""
        self.progress = progress
        self.units_per_step = units_per_step

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if state.global_step:  # resumed: what was done before is done
            self.progress.advance(state.global_step * self.units_per_step, resumed_at_step=state.global_step)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if state.is_world_process_zero:
            self.progress.advance(self.units_per_step)

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: Any,
    ) -> None:
        shown = {name: logs[name] for name in ("loss", "eval_loss", "eval_accuracy") if logs and name in logs}
        if shown:
            self.progress.advance(0, **shown)


def silence(trainer: Trainer) -> None:
    """Take out the Trainer's own bars and its printing to stdout, where results belong."""
    trainer.remove_callback(PrinterCallback)
    trainer.remove_callback(ProgressCallback)


def _agreed(due: bool, args: TrainingArguments) -> bool:
    """Whether the first process finds a checkpoint due: clocks differ, and all processes must save at one step."""
    if args.world_size == 1:
        return due
    answer = [due]
    torch.distributed.broadcast_object_list(answer)
    return answer[0]
