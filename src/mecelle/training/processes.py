"""Several processes that train one model (torchrun, accelerate launch): the first writes, the others train along."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from transformers import TrainingArguments

from mecelle.base.artifacts import Run, RunRecord

LOGGER = logging.getLogger(__name__)

PATIENCE = timedelta(days=30)
"""How long processes wait for the first, which may tokenise for days; torch gives up after 10 (NCCL) or 30 minutes.
One that dies is no matter of patience: torchrun ends the others."""


def join() -> bool:
    """Join the group of processes that torchrun or accelerate announces, if any.

    Returns `is_first`.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        from accelerate import PartialState

        PartialState(cpu=not torch.cuda.is_available())
        _patient()
    return is_first()


def is_first() -> bool:
    """Whether this is the first or only process: it alone takes locks and makes artifacts."""
    return int(os.environ.get("RANK", "0")) == 0


def wait_for_all() -> None:
    """Wait until every process has come here; at once if there is only one."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.barrier(group=_patient())


@cache
def _patient() -> Any:
    """All processes as a group of its own, so that what hangs in training is still told within minutes."""
    return torch.distributed.new_group(backend="gloo", timeout=PATIENCE)


def keep_to_one_card(arguments: TrainingArguments) -> None:
    """Let a Trainer take one card for each process.

    By itself a single process would spread over all cards that it sees, with as many times the rows in a batch: the
    order of the rows and the number of steps would not be those that were planned.
    """
    if arguments.n_gpu > 1:
        LOGGER.warning(
            "%d cards here, and one process trains on one of them: torchrun --nproc-per-node %d takes all",
            arguments.n_gpu,
            arguments.n_gpu,
        )
        arguments._n_gpu = 1  # as transformers itself does for models that are split; there is no public way


@contextmanager
def thrown_away() -> Iterator[Run]:
    """In the place of an artifact for all processes but the first: they go through the same motions, since gathering a
    model that is spread over processes takes all of them, and what they write is removed."""
    with TemporaryDirectory(prefix="mecelle-") as folder:
        yield Run(Path(folder), RunRecord(stage="", version=0))
