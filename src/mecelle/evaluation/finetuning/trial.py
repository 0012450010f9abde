"""One learning rate: train over all epochs, score the development items after each, keep the best weights."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel, ConfigDict
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from mecelle.base.seeds import derive
from mecelle.evaluation.finetuning.config import FineTuningConfig
from mecelle.evaluation.finetuning.encoders import TunableEncoder
from mecelle.evaluation.finetuning.heads import Head
from mecelle.evaluation.finetuning.items import Item, TaskType
from mecelle.evaluation.finetuning.metrics import MAIN, score
from mecelle.evaluation.finetuning.vocabulary import only_rows
from mecelle.models.precision import resolve
from mecelle.training.callbacks import silence
from mecelle.training.interrupt import StopWhenAsked
from mecelle.training.processes import keep_to_one_card


class Trial(BaseModel):
    """What one learning rate gave."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    learning_rate: float
    dev: tuple[float, ...]
    """Main score on the development items after each epoch."""
    steps: int
    seconds: float

    @property
    def best_epoch(self) -> int:
        """The first epoch with the highest score, counted from 1."""
        return self.dev.index(max(self.dev)) + 1


class _BestEpoch(TrainerCallback):
    """Scores the development items after every epoch and remembers the best weights."""

    def __init__(self, kind: TaskType, head: Head, items: Sequence[Item], tokenizer: Any) -> None:
        self.kind, self.head, self.items, self.tokenizer = kind, head, items, tokenizer
        self.dev: list[float] = []
        self.weights: dict[str, torch.Tensor] = {}

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, model: Any = None, **_: Any
    ) -> None:
        predictions = self.head.predict(model, self.items, self.tokenizer)
        model.train()
        self.dev.append(score(self.kind, self.items, predictions).scores[MAIN[self.kind]])
        if self.dev[-1] > max(self.dev[:-1], default=float("-inf")):
            self.weights = {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}


def run_trial(
    encoder: TunableEncoder,
    kind: TaskType,
    head: Head,
    train: Sequence[Item],
    dev: Sequence[Item],
    learning_rate: float,
    config: FineTuningConfig,
    *,
    folder: Path,
    seed: int,
) -> tuple[Trial, Any]:
    """Train once; the trial, and the model with the weights of its best epoch.

    head: one that has learnt its labels. folder: for what the Trainer writes; nothing in it is needed afterwards.
    """
    clock = time.monotonic()
    tokenizer = encoder.tokenizer()
    model = encoder.model(head, seed=derive(seed, "head") % 2**32)
    best = _BestEpoch(kind, head, dev, tokenizer)
    features = head.training_features(train, tokenizer)
    seen = {number for row in [*features, *head.features(dev, tokenizer)] for number in row["input_ids"]}
    with only_rows(model, seen | set(tokenizer.all_special_ids)), StopWhenAsked() as stop:
        trainer = Trainer(
            model=model,
            args=_arguments(config, learning_rate, len(features), folder=folder, seed=seed),
            train_dataset=features,
            data_collator=head.collator(tokenizer),
            callbacks=[best, stop],
        )
        silence(trainer)
        trainer.train()
        model.load_state_dict(best.weights)
    trial = Trial(
        learning_rate=learning_rate,
        dev=tuple(best.dev),
        steps=trainer.state.global_step,
        seconds=round(time.monotonic() - clock, 1),
    )
    return trial, model


def _arguments(
    config: FineTuningConfig, learning_rate: float, rows: int, *, folder: Path, seed: int
) -> TrainingArguments:
    steps = -(-rows // config.batch_size) * config.epochs
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=config.epochs,
        learning_rate=learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=int(steps * config.warmup_share),
        weight_decay=config.weight_decay,
        per_device_train_batch_size=config.batch_size,
        train_sampling_strategy="group_by_length",  # half of a batch of mixed lengths would be padding
        bf16=resolve(config.precision) == "bf16",
        use_cpu=not torch.cuda.is_available(),
        seed=derive(seed, "trainer") % 2**32,
        logging_strategy="no",
        eval_strategy="no",
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=torch.cuda.is_available(),
    )
    keep_to_one_card(arguments)
    return arguments
