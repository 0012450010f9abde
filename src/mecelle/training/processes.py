"""Several processes that train one model (torchrun, accelerate launch): the first writes, the others train along."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from mecelle.base.artifacts import Run, RunRecord


def join() -> bool:
    """Join the group of processes that torchrun or accelerate announces, if any.

    Returns `is_first`.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        from accelerate import PartialState

        PartialState(cpu=not torch.cuda.is_available())
    return is_first()


def is_first() -> bool:
    """Whether this is the first or only process: it alone takes locks and makes artifacts."""
    return int(os.environ.get("RANK", "0")) == 0


def wait_for_all() -> None:
    """Wait until every process has come here; at once if there is only one."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.barrier()


@contextmanager
def thrown_away() -> Iterator[Run]:
    """In the place of an artifact for all processes but the first: they go through the same motions, since gathering a
    model that is spread over processes takes all of them, and what they write is removed."""
    with TemporaryDirectory(prefix="mecelle-") as folder:
        yield Run(Path(folder), RunRecord(stage="", version=0))
