"""Callbacks for any `transformers.Trainer`: whole checkpoints by the clock, and our progress instead of its own."""

import time
from typing import Any

import torch
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_callback import PrinterCallback, ProgressCallback

from mecelle.base.errors import Interrupted
from mecelle.base.progress import Progress
from mecelle.training.checkpoints import Checkpoints
from mecelle.training.interrupt import Stop
from mecelle.training.processes import wait_for_all
from mecelle.training.unlogged import Unlogged


class WholeCheckpoints(TrainerCallback):
    """Asks for a checkpoint every so often, at the end and when asked to stop; moves each into place once written.

    When a checkpoint is written has no influence on what is trained, so the clock may decide it. Only steps that are
    logged are saved: the Trainer forgets a loss that is summed up halfway between two logs, and the curve of a resumed
    run would differ. A run that is asked to stop does not wait for the next log if `unlogged` keeps that loss. The
    Trainer's `output_dir` must be `checkpoints.writing` and its `save_strategy` "no".
    """

    def __init__(
        self,
        checkpoints: Checkpoints,
        *,
        minutes: float,
        steps: int | None = None,
        stop: Stop | None = None,
        unlogged: Unlogged | None = None,
    ) -> None:
        """minutes: least time between two checkpoints; steps: if given, also when so many steps are done; stop: whether
        the run is asked to end, which it does with Interrupted once its checkpoint is whole."""
        self.checkpoints = checkpoints
        self.seconds = minutes * 60
        self.steps = steps
        self.stop = stop or Stop()
        self.unlogged = unlogged
        self._stopping = False
        self._saved_at = time.monotonic()
        self._saved_step = 0

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._saved_at, self._saved_step = time.monotonic(), state.global_step

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> TrainerControl:
        asked = self.stop.asked is not None
        if state.global_step >= state.max_steps:
            control.should_save = True
        elif state.global_step % state.logging_steps == 0:
            due = time.monotonic() - self._saved_at >= self.seconds
            due = due or (self.steps is not None and state.global_step - self._saved_step >= self.steps)
            self._stopping, due = _agreed((asked, due), args)
            control.should_save = due or self._stopping
        elif asked and self.unlogged and self.unlogged.kept(args):
            control.should_save = self._stopping = True
        return control

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        wait_for_all()  # other processes may still be writing their generator states
        if state.is_world_process_zero:
            self.checkpoints.accept(state.global_step)
        wait_for_all()
        self._saved_at, self._saved_step = time.monotonic(), state.global_step
        if self._stopping:
            raise self._stopped(state)

    def on_step_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if self._stopping:  # and no checkpoint: another callback held it back
            raise self._stopped(state)

    def _stopped(self, state: TrainerState) -> Interrupted:
        saved = f"saved up to step {self._saved_step:,}" if self._saved_step else "nothing saved yet"
        return self.stop.interrupted(
            f"Stopped after step {state.global_step:,} of {state.max_steps:,}, {saved}. The same command goes on from "
            "where it stopped."
        )


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


def _agreed(found: tuple[bool, bool], args: TrainingArguments) -> tuple[bool, bool]:
    """What the first process finds: clocks and signals differ, and all processes must save at one step."""
    if args.world_size == 1:
        return found
    answer = [found]
    torch.distributed.broadcast_object_list(answer)
    return answer[0]
