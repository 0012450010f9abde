"""Next-token loss over a large vocabulary, chunk by chunk: the logits of a batch are never in memory together.

torch's `linear_cross_entropy` does the same and was four times slower than the plain loss here (bf16 on a processor,
512 tokens, 8,192 words: 0.33 s against 0.08 s); so the gradient is taken in the forward pass, as in Liger
(arXiv 2410.10989) and Cut Cross-Entropy (2411.09009), whose kernels are for cards alone.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from mecelle.training.pieces import IGNORED

CHUNK = 2048
"""Tokens whose logits are in memory together: 2,048 x 32,768 words take 128 MiB in bf16 and 256 MiB in fp32."""

Scores = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


def chunk_loss(logits_NV: Tensor, labels_N: Tensor) -> tuple[Tensor, Tensor]:
    """Sum of the nats of the labels other than IGNORED, and its gradient by the logits, in their precision."""
    logits = logits_NV.float()
    counted = labels_N != IGNORED
    label = torch.where(counted, labels_N, 0)[:, None]
    log_sum = logits.logsumexp(-1, keepdim=True)
    nats = _nats(logits, log_sum, label, counted)
    hot = torch.arange(logits.shape[1], device=logits.device) == label
    gradient = ((logits - log_sum).exp() - hot.float()) * counted[:, None]
    return nats, gradient.to(logits_NV.dtype)


def _nats(logits_NV: Tensor, log_sum_N1: Tensor, label_N1: Tensor, counted_N: Tensor) -> Tensor:
    return ((log_sum_N1 - logits_NV.gather(1, label_N1)).squeeze(1) * counted_N).sum()


class _ChunkedLoss(torch.autograd.Function):
    """Keeps the gradients by hidden states, weight and bias instead of logits."""

    @staticmethod
    def forward(
        context: Any, hidden_ND: Tensor, weight_VD: Tensor, bias_V: Tensor | None, labels_N: Tensor, scores: Scores
    ) -> Tensor:
        total = hidden_ND.new_zeros((), dtype=torch.float32)
        by_hidden = torch.empty_like(hidden_ND)
        by_weight, by_bias = None, None
        for begin in range(0, len(hidden_ND), CHUNK):
            hidden = hidden_ND[begin : begin + CHUNK]
            logits = nn.functional.linear(hidden, weight_VD, bias_V)
            nats, gradient = scores(logits, labels_N[begin : begin + CHUNK])
            total += nats
            by_hidden[begin : begin + CHUNK] = gradient @ weight_VD
            # A head that is frozen, as under adapters, needs none, which is as large as itself.
            by_weight = _add(by_weight, gradient.T @ hidden) if context.needs_input_grad[1] else None
            by_bias = _add(by_bias, gradient.sum(0)) if context.needs_input_grad[2] else None
        context.save_for_backward(by_hidden, by_weight, by_bias)
        return total

    @staticmethod
    def backward(context: Any, *outer: Tensor) -> tuple[Tensor | None, ...]:
        by_hidden, by_weight, by_bias = context.saved_tensors
        (by_total,) = outer
        return (
            by_hidden * by_total,
            None if by_weight is None else by_weight * by_total,
            None if by_bias is None else by_bias * by_total,
            None,
            None,
        )


def _add(total: Tensor | None, part: Tensor) -> Tensor:
    """The sum in fp32: rounding to bf16 at each chunk would lose what is small."""
    return part.float() if total is None else total.add_(part)


def chunked_loss(hidden_ND: Tensor, head: nn.Module, labels_N: Tensor, scores: Scores = chunk_loss) -> Tensor:
    """Sum of the nats of the labels other than IGNORED.

    head: the linear map onto words; scores: `chunk_loss`, or the same compiled. Products in the precision of autocast.
    """
    hidden_ND, weight, bias = _in_precision(hidden_ND, head)
    with torch.autocast(hidden_ND.device.type, enabled=False):
        total: Tensor = _ChunkedLoss.apply(hidden_ND, weight, bias, labels_N, scores)
    return total


@torch.no_grad()
def judged(hidden_ND: Tensor, head: nn.Module, labels_N: Tensor) -> tuple[Tensor, Tensor]:
    """The same sum to the bit, without gradients, and how many of the labels are the likeliest token."""
    hidden_ND, weight, bias = _in_precision(hidden_ND, head)
    total = hidden_ND.new_zeros((), dtype=torch.float32)
    correct = labels_N.new_zeros(())
    with torch.autocast(hidden_ND.device.type, enabled=False):
        for hidden, labels in zip(hidden_ND.split(CHUNK), labels_N.split(CHUNK), strict=True):
            logits = nn.functional.linear(hidden, weight, bias)
            counted = labels != IGNORED
            correct += ((logits.argmax(-1) == labels) & counted).sum()
            logits = logits.float()
            label = torch.where(counted, labels, 0)[:, None]
            total += _nats(logits, logits.logsumexp(-1, keepdim=True), label, counted)
    return total, correct


def _in_precision(hidden_ND: Tensor, head: nn.Module) -> tuple[Tensor, Tensor, Tensor | None]:
    """Hidden states, weight and bias in the precision of autocast."""
    weight, bias = head.weight, getattr(head, "bias", None)
    if torch.is_autocast_enabled(hidden_ND.device.type):
        half = torch.get_autocast_dtype(hidden_ND.device.type)
        hidden_ND, weight = hidden_ND.to(half), weight.to(half)
        bias = None if bias is None else bias.to(half)
    return hidden_ND, weight, bias
