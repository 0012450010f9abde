"""What a pre-training will take, before it runs: for `mecelle check`."""

import time
from math import ceil
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mecelle.encoder.batches import collate
from mecelle.encoder.config import EncoderConfig
from mecelle.encoder.memory import memory
from mecelle.encoder.packed_model import packed_model
from mecelle.encoder.rates import mean_rate
from mecelle.encoder.shapes import model_config, parameters
from mecelle.models.precision import resolve
from mecelle.training.estimate import SECONDS_AROUND, Estimate
from mecelle.training.memory import GIB, PROGRAM_GIB
from mecelle.training.optimizers import OPTIMIZERS
from mecelle.training.throughput import Flops, encoder_flops


def estimate(config: EncoderConfig, *, vocabulary: int, tokens_per_second: float | None = None) -> Estimate:
    """Time and memory of one process.

    tokens_per_second: from an earlier run; without it two batches are timed (a few seconds, `measure_speed`).
    Assumes that the machine stays as busy as it is now. Evaluations count a third of training, as they only go
    forward. See `memory_gib` for the memory.
    """
    speed = tokens_per_second or measure_speed(config, vocabulary=vocabulary)
    tokens = config.steps * config.tokens_per_step
    evaluations = config.steps / config.evaluation_steps * config.evaluation_rows * config.sequence_length / 3
    return Estimate(
        parameters=parameters(config.shape, vocabulary=vocabulary),
        steps=config.steps,
        tokens=tokens,
        tokens_per_second=round(speed, 1),
        seconds=round((tokens + evaluations) / speed + SECONDS_AROUND, 1),
        memory_gib=round(memory_gib(config, vocabulary=vocabulary), 2),
    )


def measure_speed(config: EncoderConfig, *, vocabulary: int, batches: int = 2) -> float:
    """Tokens/s of `batches` batches of random rows, forward and backward and one optimizer step, after one to warm up.

    Not compiled, which would take longer than the look itself: long runs come out 1.1 (25M parameters) to 1.25 (8M)
    times as fast (docs/results/encoders.md). The generator of torch is left as it was.
    """
    with torch.random.fork_rng(devices=[]):
        model = packed_model(
            model_config(config.shape, vocabulary=vocabulary, special_ids={"pad": 0, "cls": 1, "sep": 2})
        )
    optimizer = OPTIMIZERS.get(config.optimizer)(
        model, learning_rate=0.0, weight_decay=0.0, betas=config.betas, epsilon=config.epsilon
    )
    batch = _random_batch(config, vocabulary)
    begin = 0.0
    for number in range(batches + 1):
        if number == 1:
            begin = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=resolve(config.precision) == "bf16"):
            loss = model(**batch).loss
        loss.backward()
    optimizer.step()
    return batches * config.rows_per_batch * config.sequence_length / (time.perf_counter() - begin)


def memory_gib(config: EncoderConfig, *, vocabulary: int) -> float:
    """Largest resident memory of a run on this machine, GiB: `memory.memory`, the program and the attention masks."""
    counted = memory(config, vocabulary=vocabulary, precision=resolve(config.precision), scores=True)
    masks = config.rows_per_batch * config.sequence_length**2 * 2 / GIB
    return PROGRAM_GIB + counted.total + masks


def flops(config: EncoderConfig, *, vocabulary: int) -> Flops:
    """Operations of one token of a full row: see `training.throughput.encoder_flops`."""
    shape = config.shape
    bert = shape.family == "bert"
    global_layers = shape.layers if bert else len(range(0, shape.layers, shape.global_every))
    return encoder_flops(
        width=shape.width,
        feed_forward=shape.feed_forward,
        feed_forward_matrices=2 if bert else 3,
        global_layers=global_layers,
        local_layers=shape.layers - global_layers,
        sequence_length=config.sequence_length,
        window=shape.window,
        vocabulary=vocabulary,
        predicted_share=mean_rate(config.masking_rates),
    )


def _random_batch(config: EncoderConfig, vocabulary: int) -> dict[str, torch.Tensor]:
    length = config.sequence_length
    slots = ceil(mean_rate(config.masking_rates) * length)
    rng = np.random.default_rng(0)
    row: dict[str, NDArray[Any]] = {
        "ids": rng.integers(0, vocabulary, length),
        "block": np.zeros(length, np.int32),
        "places": rng.permutation(length)[:slots],
        "labels": rng.integers(0, vocabulary, slots),
    }
    return collate([row] * config.rows_per_batch)
