"""A causal pre-training in a process of its own, to be killed or joined: used by test_decoder_processes.py."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback

from mecelle.decoder.config import DecoderConfig
from mecelle.decoder.pretrain import pretrain
from mecelle.decoder.shapes import SMOKE
from mecelle.training import trainer

CONFIG = DecoderConfig(
    shape=SMOKE,
    sequence_length=64,
    budget_tokens=64 * 8 * 12,
    tokens_per_step=64 * 8,
    rows_per_batch=2,  # four batches accumulated by one process, two by each of two
    learning_rate=5e-3,
    evaluation_rows=4,
    evaluations=4,
    logs=6,
    checkpoint_minutes=60,
    checkpoint_steps=4,
    snapshots=(0.25, 1.0),
    average_share=0.75,  # begins before the kill
    precision="fp32",
)
SEED = 11


class TellStep(TrainerCallback):
    """Tells each step as it is done, and slows the run down, so that it can be killed at a step."""

    def __init__(self, steps: Any, *, pause: float) -> None:
        self.steps, self.pause = steps, pause

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        torch.rand(3)  # draws from the global generator, as dropout would

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.steps.put(state.global_step)
        time.sleep(self.pause)


def run(collection: Path, tokenizer: Path, folder: Path, steps: Any, pause: float) -> None:
    """Pre-train into folder/decoder; work folder: folder/work; each step number goes into `steps`."""
    torch.set_num_threads(1)
    silence = trainer.silence

    def silence_and_tell(made: Any) -> None:
        silence(made)
        made.add_callback(TellStep(steps, pause=pause))

    trainer.silence = silence_and_tell
    pretrain(collection, tokenizer, folder / "decoder", CONFIG, seed=SEED, work=folder / "work")


class Kill(TrainerCallback):
    """Ends the process with SIGKILL after a step."""

    def __init__(self, step: int | None) -> None:
        self.step = step

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step == self.step:
            os.kill(os.getpid(), signal.SIGKILL)


def run_one_of(
    collection: Path, tokenizer: Path, folder: Path, rank: int, processes: int, port: int, settings: dict[str, Any]
) -> None:
    """The same as process `rank` of `processes`, as torchrun would start it. settings: of the run, and `kill_at`."""
    torch.set_num_threads(1)
    silence, kill = trainer.silence, Kill(settings.pop("kill_at", None))

    def silence_and_kill(made: Any) -> None:
        silence(made)
        made.add_callback(kill)

    trainer.silence = silence_and_kill
    if processes > 1:
        os.environ |= {
            "RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(processes),
            "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port),
        }  # fmt: skip
    config = CONFIG.model_copy(update=settings)
    try:
        pretrain(collection, tokenizer, folder / "decoder", config, seed=SEED, work=folder / "work")
    finally:
        if processes > 1:
            torch.distributed.destroy_process_group()
