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
    nats = ((log_sum - logits.gather(1, label)).squeeze(1) * counted).sum()
    hot = torch.arange(logits.shape[1], device=logits.device) == label
    gradient = ((logits - log_sum).exp() - hot.float()) * counted[:, None]
    return nats, gradient.to(logits_NV.dtype)


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
            by_weight = _add(by_weight, gradient.T @ hidden)
            by_bias = None if bias_V is None else _add(by_bias, gradient.sum(0))
        context.save_for_backward(by_hidden, by_weight, by_bias)
        return total

    @staticmethod
    def backward(context: Any, *outer: Tensor) -> tuple[Tensor | None, ...]:
        by_hidden, by_weight, by_bias = context.saved_tensors
        (by_total,) = outer
        return (
            by_hidden * by_total,
            by_weight * by_total,
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
    weight, bias = head.weight, getattr(head, "bias", None)
    if torch.is_autocast_enabled(hidden_ND.device.type):
        half = torch.get_autocast_dtype(hidden_ND.device.type)
        hidden_ND, weight = hidden_ND.to(half), weight.to(half)
        bias = None if bias is None else bias.to(half)
    with torch.autocast(hidden_ND.device.type, enabled=False):
        total: Tensor = _ChunkedLoss.apply(hidden_ND, weight, bias, labels_N, scores)
    return total


def count_correct(hidden_ND: Tensor, head: nn.Module, labels_N: Tensor) -> Tensor:
    """How many labels other than IGNORED are the likeliest token."""
    return sum(
        ((head(hidden).argmax(-1) == labels) & (labels != IGNORED)).sum()
        for hidden, labels in zip(hidden_ND.split(CHUNK), labels_N.split(CHUNK), strict=True)
    )  # type: ignore[return-value]
