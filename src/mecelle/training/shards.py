"""Weights that are split over the processes of a training (FSDP 2): a layer is whole only while it is at work.

torch splits them itself: accelerate's own FSDP does nothing on processors, and splits embeddings and head in a way that
models whose head is no module of the forward pass (`decoder.loss`) do not bear.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from mecelle.base.errors import ConfigError, TrainingError
from mecelle.training.processes import is_first

FOLDER = "shards"
"""In a checkpoint: weights and moments, written by all processes, to be read by any number of them."""


SAID = {True: "true", False: "false"}
"""As parameters are written."""


def check_processes(*, sharded: bool) -> None:
    """Raise ConfigError if weights cannot be split as asked: here is one process, or accelerate was told to do it."""
    if os.environ.get("ACCELERATE_USE_FSDP") in ("true", "True", "TRUE"):
        raise ConfigError(
            "ACCELERATE_USE_FSDP is set: the FSDP of accelerate is not used here (it is without effect on processors). "
            "Start with torchrun, or accelerate launch without FSDP, and set `sharded: true`"
        )
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    if sharded and processes == 1:
        raise ConfigError(
            "sharded: weights are split over two or more processes, and this is one; start it with torchrun "
            "--nproc-per-node N --no-python mecelle ..., or set `sharded: false`"
        )


def split(model: Any) -> None:
    """Split the weights of `model` in place, layer by layer; the rest together. Parameters keep their names.

    model: with whole weights, the same in every process; it tells its `layers()`.
    """
    from torch.distributed.fsdp import fully_shard

    for layer in model.layers():
        fully_shard(layer)
    # Whole only within a pass, the rest, too: what looks at the weights between two steps finds them split.
    fully_shard(model, reshard_after_forward=True)
    model._is_accelerate_prepared = True  # or accelerate would copy it into each process (DDP)


def whole(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """`weights` as the first process can write them, one after the other; nothing in the others.

    All processes must call this where weights are split, since each has its part.
    """
    found = {}
    for name, weight in weights.items():
        gathered = weight.full_tensor().cpu() if _is_split(weight) else weight
        if is_first():
            found[name] = gathered
    return found


def split_like(tensors: Iterable[Tensor], parameters: Iterable[nn.Parameter]) -> list[Tensor]:
    """Each of `tensors`, which all processes have whole, split as its parameter is, or on its device."""
    from torch.distributed.tensor import distribute_tensor

    return [
        distribute_tensor(tensor, parameter.device_mesh, parameter.placements, src_data_rank=None)
        if _is_split(parameter)
        else tensor.to(parameter.device)
        for tensor, parameter in zip(tensors, parameters, strict=True)
    ]


def save(model: nn.Module, optimizer: torch.optim.Optimizer, folder: Path) -> None:
    """Write weights and moments into the checkpoint `folder`: each process its part, on a disk that all of them see."""
    from torch.distributed import checkpoint
    from torch.distributed.checkpoint.state_dict import get_state_dict

    weights, moments = get_state_dict(model, optimizer)
    try:
        checkpoint.save({"model": weights, "optimizer": moments}, checkpoint_id=folder / FOLDER)
    except checkpoint.CheckpointException as error:  # no Exception: who waits for a full disk would not see it
        raise next(iter(error.failures.values()))[0] from error


def load(model: nn.Module, optimizer: torch.optim.Optimizer, folder: Path) -> None:
    """Take weights and moments from the checkpoint `folder`, whatever the number of processes that wrote it."""
    from torch.distributed import checkpoint
    from torch.distributed.checkpoint.state_dict import get_state_dict, set_state_dict

    weights, moments = get_state_dict(model, optimizer)
    checkpoint.load({"model": weights, "optimizer": moments}, checkpoint_id=folder / FOLDER)
    set_state_dict(model, optimizer, model_state_dict=weights, optim_state_dict=moments)


def check_checkpoint(folder: Path, *, sharded: bool) -> None:
    """Raise TrainingError unless the checkpoint `folder` was written by a run of the same kind."""
    written = (folder / FOLDER).exists()
    if written != sharded:
        raise TrainingError(
            f"{folder}: written with `sharded: {SAID[written]}`, and this run has `sharded: {SAID[sharded]}`. Go on as "
            f"it began, or remove {folder.parent} to begin anew"
        )


def _is_split(tensor: Tensor) -> Any:
    from torch.distributed.tensor import DTensor

    return isinstance(tensor, DTensor)
