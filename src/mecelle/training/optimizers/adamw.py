"""AdamW with weight decay on matrices alone."""

import torch
from torch import nn

from mecelle.training.optimizers import OPTIMIZERS
from mecelle.training.parameter_groups import decay_groups

USUAL_DECAY = 0.01
"""Of torch, and of most who do not say theirs."""


@OPTIMIZERS.register("adamw.v1")
def adamw(
    model: nn.Module, *, learning_rate: float, weight_decay: float | None, betas: tuple[float, float], epsilon: float
) -> torch.optim.Optimizer:
    """AdamW (arXiv 1711.05101; HukukBERT §3.6) of all parameters of `model` that are trained.

    Each step takes learning rate * weight_decay of the matrices away: see `decay_groups`.
    The fused kernel does one pass over memory per tensor instead of about ten.
    """
    groups = decay_groups(model.parameters(), weight_decay=USUAL_DECAY if weight_decay is None else weight_decay)
    return torch.optim.AdamW(groups, lr=learning_rate, betas=betas, eps=epsilon, fused=True)
