"""Matryoshka: the same loss on leading components, so that a vector may be cut short."""

from collections.abc import Sequence
from typing import Any

import torch.nn.functional as F  # noqa: N812 - the field's name
from torch import Tensor

from mecelle.embedding.losses import LossFunction


def nested(loss: LossFunction, dims: Sequence[int]) -> LossFunction:
    """The mean of `loss` over the first `k` components of the vectors, made unit again, for each k of `dims`.

    The guide's vectors are never cut. Source: Kusupati et al. 2022 (arXiv 2205.13147), eq. 1 with equal weights.
    """
    assert dims, "nested() needs at least one dimension"

    def nested_loss(q_BD: Tensor, d_ND: Tensor, target_B: Tensor, **named: Any) -> Tensor:
        assert max(dims) <= q_BD.shape[1], f"dimension {max(dims)} of {q_BD.shape[1]}"
        terms = [
            loss(F.normalize(q_BD[:, :k].float(), dim=1), F.normalize(d_ND[:, :k].float(), dim=1), target_B, **named)
            for k in dims
        ]
        return sum(terms[1:], start=terms[0]) / len(terms)

    return nested_loss
