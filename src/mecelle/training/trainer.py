"""The Trainer of pre-training: transformers', with rows in the run's own order and a held-out evaluation."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import torch
from torch.utils.data import DataLoader, Dataset, SequentialSampler
from transformers import PreTrainedModel, Trainer, TrainingArguments

from mecelle.base.errors import TrainingError
from mecelle.base.seeds import derive
from mecelle.training.callbacks import silence
from mecelle.training.config import TrainingConfig
from mecelle.training.loss_guard import LossGuard
from mecelle.training.optimizers import OPTIMIZERS
from mecelle.training.pieces import IGNORED
from mecelle.training.processes import keep_to_one_card
from mecelle.training.schedules import SCHEDULES

Arithmetic = Literal["fp32", "bf16", "fp16"]


class PretrainingTrainer(Trainer):
    """Tells its guard every loss, and measures loss and accuracy on held-out rows."""

    guard: LossGuard | None = None

    def _get_train_sampler(self, train_dataset: Any = None) -> SequentialSampler:
        return SequentialSampler(self.train_dataset)  # the dataset is the run: its order is already drawn

    def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> torch.Tensor:
        """One forward and backward pass; the guard judges the step's loss before the weights are touched."""
        loss = super().training_step(model, inputs, num_items_in_batch)
        if self.guard:
            self.guard.add(loss)
        return loss

    def watch(self, guard: LossGuard) -> None:
        """Let `guard` judge the loss of each step."""
        self.guard = guard
        self.add_callback(guard)

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Mean loss (nats per predicted token) and accuracy (0..1) on the held-out rows; logged as `eval_...`.

        Raises TrainingError if they are too short for a single token to be predicted.
        """
        totals = torch.zeros(3, dtype=torch.float64)  # nats, right ones, predicted ones
        self.model_wrapped.eval()
        # Forward passes alone would be compiled anew, which takes longer than they do.
        with torch.no_grad(), torch.compiler.set_stance("force_eager"):
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


def make_trainer(
    config: TrainingConfig,
    model: PreTrainedModel,
    training: Dataset[Any],
    evaluation: Dataset[Any],
    collate: Callable[[list[Any]], dict[str, torch.Tensor]],
    *,
    arithmetic: Arithmetic,
    output: Path,
    seed: int,
) -> PretrainingTrainer:
    """A trainer that is ready to `train()`.

    model: takes what `collate` makes of rows, with `labels` among it; it returns `loss`, and outside training the
    number of `correct` predictions. output: where checkpoints are written when the trainer is told to.
    """
    optimizer = OPTIMIZERS.get(config.optimizer)(
        model,
        learning_rate=config.learning_rate,
        weight_decay=config.weight_decay,
        betas=config.betas,
        epsilon=config.epsilon,
    )
    schedule = SCHEDULES.get(config.schedule)(
        optimizer,
        steps=config.steps,
        warmup_share=config.warmup_share,
        decay_share=config.decay_share,
        floor=config.floor,
    )
    trainer = PretrainingTrainer(
        model=model,
        args=_arguments(config, arithmetic=arithmetic, output=output, seed=seed),
        train_dataset=training,
        eval_dataset=evaluation,
        data_collator=collate,
        optimizers=(optimizer, schedule),
    )
    silence(trainer)
    return trainer


def _arguments(config: TrainingConfig, *, arithmetic: Arithmetic, output: Path, seed: int) -> TrainingArguments:
    arguments = TrainingArguments(
        output_dir=str(output),
        max_steps=config.steps,
        per_device_train_batch_size=config.rows_per_batch,
        bf16=arithmetic == "bf16",
        fp16=arithmetic == "fp16",
        activation_checkpointing=config.recompute,
        use_cpu=not torch.cuda.is_available(),
        max_grad_norm=config.most_gradient_norm,
        seed=derive(seed, "trainer") % 2**32,  # numpy's generator takes no more
        logging_strategy="steps",
        logging_steps=config.log_steps,
        logging_nan_inf_filter=False,
        eval_strategy="steps",
        eval_steps=config.evaluation_steps,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=torch.cuda.is_available(),
    )
    keep_to_one_card(arguments)
    rows = config.rows_per_batch * arguments.world_size
    if config.rows_per_step % rows:
        raise TrainingError(
            f"{config.rows_per_step} rows per step cannot be shared by {arguments.world_size} processes with "
            f"{config.rows_per_batch} rows each; change tokens_per_step or rows_per_batch"
        )
    arguments.gradient_accumulation_steps = config.rows_per_step // rows
    return arguments
