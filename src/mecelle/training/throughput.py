"""Operations that a training needs, and how many the machine can do; the share of the two is in `utilisation`."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch


@dataclass(frozen=True, kw_only=True)
class Flops:
    """Floating-point operations of one token, by part; a multiplication with its addition counts two."""

    matrices: float
    attention: float
    head: float

    @property
    def forward(self) -> float:
        """Of one token in the forward pass."""
        return self.matrices + self.attention + self.head

    @property
    def training(self) -> float:
        """Forward and backward: the backward pass has two products for each of the forward pass. No recomputation."""
        return 3 * self.forward


def encoder_flops(
    *,
    width: int,
    feed_forward: int,
    global_layers: int,
    local_layers: int,
    sequence_length: int,
    window: int,
    vocabulary: int,
    predicted_share: float,
    feed_forward_matrices: int = 3,
) -> Flops:
    """Operations that the mathematics of an encoder needs, per token of a full row.

    matrices: 2 * (4 width^2 + feed_forward_matrices * width * feed_forward) a layer (queries, keys, values, output;
    feed-forward, of three matrices if it is gated, as in ModernBERT, of two in BERT, whose layers are all global).
    attention: 4 * width * keys a layer, keys being the row's length in global layers and min(window + 1, length) in
    local ones, since a mask that hides the rest is no useful work, though kernels without windows do it. Rows of
    several documents need less: this is the upper bound.
    head: 2 * (width^2 + width * vocabulary) for each predicted token. Left out: embedding look-up, norms, activations,
    softmax, optimizer: all together a few per cent of the operations, though more of the time.
    """
    near = min(window + 1, sequence_length)
    return Flops(
        matrices=2.0 * (4 * width**2 + feed_forward_matrices * width * feed_forward) * (global_layers + local_layers),
        attention=4.0 * width * (global_layers * sequence_length + local_layers * near),
        head=2.0 * (width**2 + width * vocabulary) * predicted_share,
    )


def matmul_peak(
    dtype: torch.dtype, *, size: int = 2048, seconds: float = 1.0, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Best operations/s of a square matrix product of `dtype` with the current number of threads, over `seconds`.

    clock: on a busy machine, with one thread, `time.process_time` leaves out what others take.
    """
    left, right = torch.ones(size, size, dtype=dtype), torch.ones(size, size, dtype=dtype)
    _ = left @ right  # the first call prepares the kernel
    best, end = float("inf"), clock() + seconds
    while best == float("inf") or clock() < end:
        begin = clock()
        _ = left @ right
        best = min(best, clock() - begin)
    return 2.0 * size**3 / best
