"""A pre-training in a process of its own, so that it can be killed: used by test_pretrain_resume.py."""

import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback

from mecelle.encoder.config import EncoderConfig
from mecelle.encoder.pretrain import pretrain
from mecelle.encoder.shapes import SMOKE
from mecelle.training import trainer

CONFIG = EncoderConfig(
    shape=SMOKE,
    sequence_length=64,
    budget_tokens=64 * 8 * 24,
    tokens_per_step=64 * 8,
    rows_per_batch=4,  # two batches a step: accumulation is part of what must resume
    evaluation_rows=8,
    evaluations=4,
    logs=12,
    checkpoint_minutes=60,
    checkpoint_steps=4,
    # Whatever draws or remembers is part of what must resume.
    masking={"whole_word.v1": 0.4, "token_span.v1": 0.3, "word_span.v1": 0.3},
    masking_rate=((0.0, 0.3), (0.5, 0.15)),
    snapshots=(0.25, 0.5, 1.0),
    average_share=0.75,  # begins before the first kill
    precision="fp32",
)
SEED = 11
COMPILED = CONFIG.model_copy(update={"compilation": "on", "precision": "bf16"})
"""As long runs on a processor with bf16 are by default."""


class TellStep(TrainerCallback):
    """Tells each step as it is done, and slows the run down, so that it can be killed at a step."""

    def __init__(self, steps: Connection, *, pause: float) -> None:
        self.steps = steps
        self.pause = pause

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        torch.rand(3)  # draws from the global generator, as dropout would

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.steps.send(state.global_step)
        time.sleep(self.pause)


def run(
    collection: Path,
    tokenizer: Path,
    folder: Path,
    steps: Connection,
    pause: float,
    compiled: bool = False,
    workers: int = 0,
) -> None:
    """Pre-train into folder/encoder; work folder: folder/work; each step number goes into `steps`."""
    torch.set_num_threads(2 if compiled else 1)
    silence = trainer.silence

    def silence_and_tell(made: Any) -> None:
        silence(made)
        made.add_callback(TellStep(steps, pause=pause))

    trainer.silence = silence_and_tell
    config = (COMPILED if compiled else CONFIG).model_copy(update={"data_workers": workers})
    pretrain(collection, tokenizer, folder / "encoder", config, seed=SEED, work=folder / "work")
