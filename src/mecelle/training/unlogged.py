"""What a run has summed up since its last log, kept in a checkpoint between two logs: the next log is the same."""

from collections.abc import Mapping
from typing import Any

import orjson
import torch
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from mecelle.training.checkpoints import Checkpoints

FILE = "unlogged.json"
"""In a checkpoint between two logs: {step: of the last log, loss: sum since then, more}."""
_SUM, _LAST = "_tr_loss", "_globalstep_last_logged"
"""Where the Trainer has them. It begins with 0 and the step it resumes at, so that it forgets what was not logged."""


class Unlogged(TrainerCallback):
    """Keeps the losses since the last log. Add it before `WholeCheckpoints`, which moves the checkpoint away."""

    def __init__(
        self, trainer: Trainer, checkpoints: Checkpoints, *, more: Mapping[str, list[float]] | None = None
    ) -> None:
        """more: lists that are filled step by step and emptied at each log, by name."""
        self.trainer, self.checkpoints, self.more = trainer, checkpoints, more or {}

    def kept(self, args: TrainingArguments) -> bool:
        """Whether a checkpoint may lie between two logs.

        Not of several processes, each of which has its own sum, nor where the Trainer hides its sum, as that of
        transformers 5.0 does.
        """
        return args.world_size == 1 and isinstance(getattr(self.trainer, _SUM, None), torch.Tensor)

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        path = self.checkpoints.place(state.global_step) / FILE
        if state.global_step and path.exists():
            found = orjson.loads(path.read_bytes())
            getattr(self.trainer, _SUM).fill_(found["loss"])
            setattr(self.trainer, _LAST, found["step"])
            for name, values in self.more.items():
                values[:] = found["more"][name]

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if state.global_step % state.logging_steps == 0 or not self.kept(args):
            return
        # Of float32, which JSON holds to the bit.
        found = {
            "step": getattr(self.trainer, _LAST),
            "loss": getattr(self.trainer, _SUM).item(),
            "more": {name: list(values) for name, values in self.more.items()},
        }
        (self.checkpoints.writing / f"checkpoint-{state.global_step}" / FILE).write_bytes(orjson.dumps(found))
