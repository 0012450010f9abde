"""The sentence-transformers trainer, held to our order of batches and to our way back through them."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.sentence_transformer.model import SentenceTransformer
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from mecelle.base.errors import TrainingError
from mecelle.base.seeds import derive
from mecelle.embedding.collate import PairCollator
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.gathering import add_gradients
from mecelle.embedding.gradient_cache import backward
from mecelle.embedding.heldout import measure
from mecelle.embedding.pairs.record import Pair
from mecelle.models.precision import resolve
from mecelle.training.processes import keep_to_one_card


class PlannedBatches(torch.utils.data.BatchSampler):
    """Batches that were planned before: the order of training does not depend on any generator's state."""

    def __init__(self, plan: NDArray[np.int32]) -> None:
        self.plan = plan
        self.batch_size = plan.shape[1]
        self.drop_last = True

    def __iter__(self) -> Any:
        return iter(self.plan.tolist())

    def __len__(self) -> int:
        return len(self.plan)


class PairTrainer(SentenceTransformerTrainer):
    """Trains on planned batches. `loss` must be a `PairObjective`."""

    def __init__(self, *, plan: NDArray[np.int32], chunk: int | None, **arguments: Any) -> None:
        """plan: rows of the training set in each batch; chunk: texts that go through the model at a time."""
        super().__init__(**arguments)
        self.plan, self.chunk = plan, chunk

    def get_batch_sampler(self, dataset: Any, **_: Any) -> Any:
        """The planned batches, whatever sampler the arguments name."""
        return PlannedBatches(self.plan)

    def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
        """No callback: it would draw examples from the data for a card that we do not use."""

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        self.model.save_pretrained(output_dir or self.args.output_dir, create_model_card=False)

    def training_step(self, model: Any, inputs: dict[str, Any], *_: Any, **__: Any) -> torch.Tensor:
        """The loss of one batch; adds its gradients. Raises TrainingError if it is no finite number.

        It goes around `compute_loss`: the loss needs the vectors of the whole batch, of which the gradients are then
        carried back in chunks, and are summed over processes once a step.
        """
        self.model.train()
        features, numbers = self.collect_features(self._prepare_inputs(inputs))
        value = backward(
            lambda side: self.model(side)["sentence_embedding"],
            features,
            lambda vectors: self._judge(vectors, numbers),
            chunk=self.chunk,
        )
        if self.accelerator.sync_gradients:
            add_gradients(list(self.model.parameters()))
        return value / self.current_gradient_accumulation_steps

    def _judge(self, vectors: Sequence[torch.Tensor], numbers: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        value, gradients = self.loss.judge(vectors, numbers)
        if not math.isfinite(value):
            raise TrainingError(
                f"step {self.state.global_step + 1}: the loss is {value}; nothing was kept of this run but its "
                "checkpoints. Lower learning_rate, raise temperature, or choose precision fp32"
            )
        return value, [gradient / self.current_gradient_accumulation_steps for gradient in gradients]

    def log(self, logs: dict[str, float], *positional: Any, **named: Any) -> None:
        """Adds the share of negatives that the guide took out."""
        if "loss" in logs:
            share = self.loss.take_hidden_share()
            logs = logs | ({"false_negative_share": round(share, 6)} if share is not None else {})
        super().log(logs, *positional, **named)


class AskHeldOut(TrainerCallback):
    """Adds a row with the held-out figures to the log, every so many steps and at the end."""

    def __init__(self, model: SentenceTransformer, collator: PairCollator, held: list[Pair], *, every: int) -> None:
        self.model, self.collator, self.held, self.every = model, collator, held, every

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if self.held and (state.global_step % self.every == 0 or state.global_step == state.max_steps):
            state.log_history.append({"step": state.global_step, **measure(self.model, self.collator, self.held)})


def training_arguments(
    config: EmbeddingConfig, *, output: Path, steps: int, seed: int
) -> SentenceTransformerTrainingArguments:
    """Our configuration as the trainer's. Checkpoints, progress and evaluation are ours; the trainer keeps the rest."""
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(output),
        per_device_train_batch_size=config.batch,
        accelerator_config={"split_batches": True},  # a batch is one batch, however many processes share it
        gradient_accumulation_steps=config.accumulation,
        max_steps=steps,
        learning_rate=config.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=round(config.warmup_share * steps),
        weight_decay=config.weight_decay,
        max_grad_norm=config.gradient_clip,
        bf16=resolve(config.precision) == "bf16",
        seed=derive(seed, "embedding") % 2**32,
        logging_steps=config.log_steps,
        logging_nan_inf_filter=False,  # it would hide a loss that is no number
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=torch.cuda.is_available(),
        use_cpu=not torch.cuda.is_available(),
    )
    keep_to_one_card(arguments)
    return arguments
