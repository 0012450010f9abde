"""Models kept for good at chosen shares of a run, to be compared with one another: plain transformers folders.

work/<key>/snapshots/00000120   written during the run, whole or not at all
<out>/snapshots/00000120        where they are when the run is done, as part of the artifact
"""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

FOLDER = "snapshots"


def snapshot_steps(shares: Sequence[float], *, steps: int) -> list[int]:
    """The optimizer steps, ascending, after which `shares` (0..1) of the run's `steps` are done; 0 is before the first.

    >>> snapshot_steps((0.0, 0.25, 1.0), steps=10)
    [0, 2, 10]
    """
    return sorted({round(share * steps) for share in shares})


class Judge(Protocol):
    """Raises an error if the weights of `model` after `step` are not to be kept."""

    def __call__(self, model: Any, *, step: int) -> None: ...


class Snapshots(TrainerCallback):
    """Keeps the model at chosen steps.

    A checkpoint of the same step is written after the snapshot, and a run resumes from a checkpoint: whatever step it
    resumes at, the snapshots up to there are on disk. Later ones, that a killed run wrote, are removed: the run writes
    the same again, or others if it goes on with other `spikes`. The training itself does not feel it: the generator of
    torch is left as it was.
    """

    def __init__(self, folder: Path, steps: Sequence[int], *, save: Callable[[Any, Path], None], judge: Judge) -> None:
        """folder: of the run, in its work folder; save: writes a model as a plain folder; judge: is asked before. All
        processes call both."""
        self.folder, self.steps, self.save, self.judge = folder, frozenset(steps), save, judge

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **more: Any
    ) -> None:
        if state.is_world_process_zero:
            for step in self.steps:
                if step > state.global_step or not state.global_step:
                    shutil.rmtree(self._place(step), ignore_errors=True)
        if not state.global_step:
            self._keep(state, more["model"])

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **more: Any) -> None:
        self._keep(state, more["model"])

    def copy_into(self, artifact: Path) -> None:
        """Copy all snapshots into `artifact`. Not moved: if this is killed too, a resumed run still has them."""
        for step in sorted(self.steps):
            shutil.copytree(self._place(step), artifact / FOLDER / self._place(step).name)

    def _keep(self, state: TrainerState, model: Any) -> None:
        if state.global_step not in self.steps:
            return
        self.judge(model, step=state.global_step)
        place = self._place(state.global_step)
        partial = place.with_suffix(".partial")
        if state.is_world_process_zero:
            shutil.rmtree(partial, ignore_errors=True)
        with torch.random.fork_rng(devices=[]):
            self.save(model, partial)
        if state.is_world_process_zero:
            partial.rename(place)

    def _place(self, step: int) -> Path:
        return self.folder / FOLDER / f"{step:08d}"
