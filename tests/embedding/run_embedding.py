"""Processes that train: used by test_shared_batches.py and test_resume.py."""

import os
from pathlib import Path

import torch

from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.gathering import add_gradients, gather
from mecelle.embedding.train import train

SEED = 5

torch.set_num_threads(1)


def join(rank: int, processes: int, port: int) -> None:
    """Take the place that torchrun would give."""
    os.environ |= {
        "RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(processes),
        "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port),
    }  # fmt: skip


def run(
    encoder: Path, pairs: Path, guide: Path, folder: Path, config: EmbeddingConfig, place: tuple[int, int, int]
) -> None:
    """Train into folder/embedding as one of several processes. place: rank, number of processes, port."""
    if place[1] > 1:
        join(*place)
    try:
        train(encoder, pairs, guide, folder / "embedding", config, seed=SEED, work=folder / "work")
    finally:
        if place[1] > 1:
            torch.distributed.destroy_process_group()


def gather_unequal(folder: Path, place: tuple[int, int, int]) -> None:
    """Gather 2 rows of the first and 5 of the second process; add gradients; leave both in folder/<rank>.pt."""
    join(*place)
    torch.distributed.init_process_group("gloo")
    rank = place[0]
    count = (2, 5)[rank]
    rows, mine = gather(torch.arange(count * 3.0).reshape(count, 3) + 100 * rank)
    parameters = [torch.nn.Parameter(torch.zeros(4)) for _ in range(2)]
    parameters[0].grad = torch.full((4,), float(rank + 1))
    add_gradients(parameters)
    torch.save(
        {"rows": rows, "mine": mine, "grad": parameters[0].grad, "none": parameters[1].grad}, folder / f"{rank}.pt"
    )
    torch.distributed.destroy_process_group()
