"""The Trainer of pre-training: transformers', with rows in the run's own order and a held-out evaluation."""

from typing import Any

import torch
from torch.utils.data import DataLoader, SequentialSampler
from transformers import Trainer

from mecelle.base.errors import TrainingError
from mecelle.training.data_workers import follow_trainer
from mecelle.training.loss_guard import LossGuard
from mecelle.training.pieces import IGNORED


class PretrainingTrainer(Trainer):
    """Tells its guard every loss and gradient's norm, and measures loss and accuracy on held-out rows."""

    guard: LossGuard | None = None

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Batches of the dataset as it stands, which is the run: its order is already drawn."""
        workers = self.args.dataloader_num_workers
        loader: DataLoader[Any] = DataLoader(
            self.train_dataset,
            batch_size=self.args.train_batch_size,
            sampler=SequentialSampler(self.train_dataset),
            collate_fn=self.data_collator,
            pin_memory=self.args.dataloader_pin_memory,
            num_workers=workers,
            # Forked, they have the rows, which are mapped into memory, at once; otherwise each would import torch.
            multiprocessing_context="fork" if workers else None,
            worker_init_fn=follow_trainer,
        )
        prepared: DataLoader[Any] = self.accelerator.prepare(loader)
        return prepared

    def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> torch.Tensor:
        """One forward and backward pass; the guard judges the step's loss before the weights are touched."""
        loss = super().training_step(model, inputs, num_items_in_batch)
        if self.guard:
            self.guard.add(loss)
        return loss

    def _get_grad_norm(self, model: Any, grad_norm: Any = None) -> Any:
        norm = super()._get_grad_norm(model, grad_norm=grad_norm)
        norm = norm.full_tensor() if hasattr(norm, "full_tensor") else norm  # of weights that are split
        if self.guard:
            self.guard.gradient_norm = norm
        return norm

    def _issue_warnings_after_load(self, load_result: Any) -> None:
        # A head that shares the embedding's weights is saved once, with the embedding: it is not missing.
        shared = getattr(self.model, "all_tied_weights_keys", {})
        missing = [key for key in load_result.missing_keys if key not in shared]
        super()._issue_warnings_after_load(load_result._replace(missing_keys=missing))

    def watch(self, guard: LossGuard) -> None:
        """Let `guard` judge each step."""
        self.guard = guard
        guard.scaler = self.accelerator.scaler
        self.add_callback(guard)

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Mean loss (nats per predicted token) and accuracy (0..1) on the held-out rows; logged as `eval_...`.

        Raises TrainingError if they are too short for a single token to be predicted, or the loss is no number.
        """
        totals = torch.zeros(3, dtype=torch.float64)  # nats, right ones, predicted ones
        self.model_wrapped.eval()
        # Forward passes alone would be compiled anew, which takes longer than they do.
        with torch.no_grad(), torch.compiler.set_stance("force_eager"), self.compute_loss_context_manager():
            for batch in self._evaluation_batches():
                output = self.model_wrapped(**self._prepare_inputs(batch), num_items_in_batch=1)
                counted = (batch["labels"] != IGNORED).sum()
                totals += torch.stack([output.loss.double().cpu(), output.correct.cpu(), counted.cpu()])
        nats, right, predicted = totals.tolist()
        if not predicted:
            raise TrainingError(
                "the held-out rows are too short for a single token to be predicted; give more text to train on, of "
                "which up to a tenth is held out (an encoder may also take a higher masking_rate)"
            )
        if self.guard:
            self.guard.judge_held_out(nats / predicted, step=self.state.global_step)
        metrics = {"eval_loss": nats / predicted, "eval_accuracy": right / predicted}
        self.log(metrics)
        return metrics

    def _evaluation_batches(self) -> DataLoader[Any]:
        # As many rows as in training, and no smaller last batch: new shapes would make the heap grow.
        # Its own generator: a loader draws a number from the global one, which belongs to training.
        return DataLoader(
            self.eval_dataset,
            batch_size=min(self.args.per_device_train_batch_size, len(self.eval_dataset)),
            drop_last=True,
            collate_fn=self.data_collator,
            generator=torch.Generator(),
        )
