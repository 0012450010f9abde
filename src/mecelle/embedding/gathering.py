"""Rows of a batch that several processes share."""

import torch
from torch import Tensor, distributed


def processes() -> int:
    """How many processes train together."""
    return distributed.get_world_size() if distributed.is_available() and distributed.is_initialized() else 1


def gather(rows: Tensor) -> tuple[Tensor, slice]:
    """The rows of all processes in their order, without gradients, and which of them are this one's.

    Processes may have different numbers of rows.
    """
    if processes() == 1:
        return rows, slice(0, len(rows))
    counts = [torch.zeros(1, dtype=torch.int64, device=rows.device) for _ in range(processes())]
    distributed.all_gather(counts, torch.tensor([len(rows)], device=rows.device))
    lengths = [int(count) for count in counts]
    padded = rows.new_zeros(max(lengths), *rows.shape[1:])
    padded[: len(rows)] = rows
    received = [torch.empty_like(padded) for _ in lengths]
    distributed.all_gather(received, padded)
    start = sum(lengths[: distributed.get_rank()])
    whole = torch.cat([part[:length] for part, length in zip(received, lengths, strict=True)])
    return whole, slice(start, start + len(rows))


def add_gradients(parameters: list[torch.nn.Parameter]) -> None:
    """Replace each gradient by its sum over the processes."""
    if processes() > 1:
        for parameter in parameters:
            if parameter.grad is not None:
                distributed.all_reduce(parameter.grad)
