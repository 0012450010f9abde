"""What a causal pre-training will take, before it runs: for `mecelle check`."""

import time

import torch

from mecelle.decoder.config import DecoderConfig
from mecelle.decoder.memory import memory
from mecelle.decoder.packed_model import packed_model
from mecelle.decoder.precision import strategy_of
from mecelle.decoder.shapes import model_config
from mecelle.training.memory import GIB, PROGRAM_GIB
from mecelle.training.optimizers import OPTIMIZERS


def measure_speed(config: DecoderConfig, *, vocabulary: int, batches: int = 2) -> float:
    """Tokens/s of `batches` batches of random rows, forward and backward and one optimizer step, after one to warm up.

    Uncompiled, so a little slower than a long run; the generator of torch is left as it was.
    """
    with torch.random.fork_rng(devices=[]):
        model = packed_model(model_config(config.shape, vocabulary=vocabulary))
    optimizer = OPTIMIZERS.get(config.optimizer)(
        model, learning_rate=0.0, weight_decay=0.0, betas=config.betas, epsilon=config.epsilon
    )
    batch = random_batch(config, vocabulary)
    half = strategy_of(config.precision).arithmetic
    begin = 0.0
    for number in range(batches + 1):
        if number == 1:
            begin = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=half == "bf16"):
            loss = model(**batch).loss
        loss.backward()
    optimizer.step()
    return batches * config.rows_per_batch * config.sequence_length / (time.perf_counter() - begin)


def memory_gib(config: DecoderConfig, *, vocabulary: int) -> float:
    """Largest resident memory of a run on this machine, GiB: `memory.memory`, the program and the attention masks."""
    half = strategy_of(config.precision).arithmetic
    counted = memory(config, vocabulary=vocabulary, precision="fp32" if half == "fp32" else "bf16", scores=True)
    return PROGRAM_GIB + counted.total + config.rows_per_batch * config.sequence_length**2 / GIB


def random_batch(config: DecoderConfig, vocabulary: int) -> dict[str, torch.Tensor]:
    """A batch of full rows, each one document of random tokens, the same at every call."""
    size = (config.rows_per_batch, config.sequence_length)
    ids = torch.randint(vocabulary, size, generator=torch.Generator().manual_seed(0))
    return {"input_ids": ids, "block": torch.zeros(size, dtype=torch.int32), "labels": ids.roll(-1, 1)}
