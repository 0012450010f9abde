"""The Trainer of pre-training for weights that are split over processes: all of them take part in each checkpoint."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import AutocastKwargs
from transformers.trainer import SCHEDULER_NAME

from mecelle.training import shards
from mecelle.training.pretraining_trainer import PretrainingTrainer


class ShardedTrainer(PretrainingTrainer):
    """Trains a model that `shards.split` has split. To the Trainer it is one that needs no wrapping."""

    def autocast_smart_context_manager(self, cache_enabled: bool | None = False) -> AbstractContextManager[Any]:
        """Arithmetic of a pass, as accelerate gives it to models that it wraps.

        Without a cache, which would hold a half-precision copy of all weights until the pass is done.
        """
        handler = AutocastKwargs(cache_enabled=bool(cache_enabled))
        context: AbstractContextManager[Any] = self.accelerator.autocast(autocast_handler=handler)
        return context

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        """Nothing: the weights of a checkpoint are written with the moments, those of a model by `run.write`."""

    def _save_optimizer_and_scheduler(self, output_dir: str) -> None:
        shards.save(self.model, self._bare_optimizer(), Path(output_dir))
        if self.args.should_save:
            torch.save(self.lr_scheduler.state_dict(), Path(output_dir) / SCHEDULER_NAME)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        """Nothing: the weights come with the moments, below."""

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        if checkpoint is None:
            return
        shards.load(self.model, self._bare_optimizer(), Path(checkpoint))
        self.lr_scheduler.load_state_dict(torch.load(Path(checkpoint) / SCHEDULER_NAME, weights_only=True))

    def _bare_optimizer(self) -> torch.optim.Optimizer:
        optimizer = self.optimizer
        return getattr(optimizer, "optimizer", optimizer)  # accelerate's stands before ours
