"""One of several processes of a pre-training: used by test_two_processes.py."""

import os
from pathlib import Path
from typing import Any

import torch

from mecelle.base.errors import TrainingError
from mecelle.encoder.config import EncoderConfig
from mecelle.encoder.pretrain import pretrain
from mecelle.encoder.shapes import SMOKE
from mecelle.training.pretraining_trainer import PretrainingTrainer

CONFIG = EncoderConfig(
    shape=SMOKE,
    sequence_length=64,
    budget_tokens=64 * 16 * 12,
    tokens_per_step=64 * 16,
    rows_per_batch=4,  # four batches accumulated by one process, two by each of two
    learning_rate=5e-3,
    evaluation_rows=8,
    evaluations=3,
    logs=12,
    checkpoint_minutes=60,
    checkpoint_steps=4,
    snapshots=(0.5,),
    precision="fp32",
)
SEED = 5


def run(
    collection: Path, tokenizer: Path, folder: Path, rank: int, processes: int, port: int, settings: dict[str, Any]
) -> None:
    """Pre-train into folder/encoder as process `rank` of `processes`, as torchrun would start it.

    settings: parameters, and `broken`: rank of a process whose gradient is no number in its ninth batch (two a step).
    What a process says of that is written into folder/said-<rank>.
    """
    torch.set_num_threads(1)
    if processes > 1:
        os.environ |= {
            "RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(processes),
            "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port),
        }  # fmt: skip
    if settings.pop("broken", None) == rank:
        _break(batch=9)
    config = CONFIG.model_copy(update=settings)
    try:
        pretrain(collection, tokenizer, folder / "encoder", config, seed=SEED, work=folder / "work")
    except TrainingError as error:
        (folder / f"said-{rank}").write_text(str(error), encoding="utf-8")
    finally:
        if processes > 1:
            torch.distributed.destroy_process_group()


def _break(*, batch: int) -> None:
    whole, seen = PretrainingTrainer.compute_loss, []

    def broken(self: Any, *given: Any, **more: Any) -> Any:
        loss = whole(self, *given, **more)
        seen.append(loss)
        # 0 itself, and its derivative is 0 times infinity.
        return loss + torch.sqrt((loss * 0).abs()) if len(seen) == batch else loss

    PretrainingTrainer.compute_loss = broken
