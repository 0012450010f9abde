"""A Trainer of pre-training, ready to train, as the parameters of a run say."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn
from torch.utils.data import Dataset
from transformers import PreTrainedModel, TrainingArguments

from mecelle.base.errors import ConfigError, MecelleError, TrainingError
from mecelle.base.seeds import derive
from mecelle.training import shards
from mecelle.training.callbacks import silence
from mecelle.training.config import TrainingConfig
from mecelle.training.going_on import advance, load_state
from mecelle.training.optimizers import OPTIMIZERS
from mecelle.training.pretraining_trainer import PretrainingTrainer
from mecelle.training.processes import keep_to_one_card
from mecelle.training.schedules import SCHEDULES
from mecelle.training.sharded_trainer import ShardedTrainer
from mecelle.training.stretch import Stretch

Arithmetic = Literal["fp32", "bf16", "fp16"]


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
    stretch: Stretch | None = None,
    initial: Path | str | None = None,
) -> PretrainingTrainer:
    """A trainer that is ready to `train()`.

    model: takes what `collate` makes of rows, with `labels` among it; it returns `loss`, and outside training the
    number of `correct` predictions; if it is to be split, it tells its `layers()`. output: where checkpoints are
    written when the trainer is told to. stretch: where the run lies in a longer training; after its beginning the
    optimizer goes on from that of `initial`.
    """
    trainer = (ShardedTrainer if config.sharded else PretrainingTrainer)(
        model=model,
        args=_arguments(config, arithmetic=arithmetic, output=output, seed=seed),
        train_dataset=training,
        eval_dataset=evaluation,
        data_collator=collate,
    )
    silence(trainer)
    if config.sharded:
        shards.split(model)
    trainer.optimizer, trainer.lr_scheduler = make_optimizer(config, model, stretch=stretch)
    if stretch and stretch.before:
        assert initial is not None, "a training goes on from a model"
        load_state(trainer.optimizer, initial)
    return trainer


def make_optimizer(config: TrainingConfig, model: nn.Module, *, stretch: Stretch | None = None) -> tuple[Any, Any]:
    """The optimizer of `model`, and the schedule of its learning rate, which may be that of a longer training.

    Raises ConfigError for a name that is not registered or a parameter that one of them refuses, MissingPackageError
    if the optimizer's package is not installed.
    """
    before, steps = stretch.steps(config.tokens_per_step) if stretch else (0, config.steps)
    try:
        optimizer = OPTIMIZERS.get(config.optimizer)(
            model,
            learning_rate=config.learning_rate,
            weight_decay=config.weight_decay,
            betas=config.betas,
            epsilon=config.epsilon,
        )
        schedule = SCHEDULES.get(config.schedule)(
            optimizer,
            steps=steps,
            warmup_share=config.warmup_share,
            decay_share=config.decay_share,
            floor=config.floor,
        )
    except MecelleError:
        raise
    except ValueError as error:  # torch's
        raise ConfigError(f"optimizer {config.optimizer} with schedule {config.schedule}: {error}") from None
    advance(schedule, before)
    return optimizer, schedule


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
        dataloader_num_workers=config.data_workers,
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
