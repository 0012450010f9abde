"""AdamW with weight decay on matrices alone."""

import torch
from torch import nn

from mecelle.training.optimizers import OPTIMIZERS


@OPTIMIZERS.register("adamw.v1")
def adamw(
    model: nn.Module, *, learning_rate: float, weight_decay: float, betas: tuple[float, float], epsilon: float
) -> torch.optim.Optimizer:
    """AdamW (arXiv 1711.05101) of all parameters of `model` that are trained.

    Weights of two dimensions or more decay; gains and biases do not, since decay would only pull them off their scale.
    The fused kernel does one pass over memory per tensor instead of about ten.
    """
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=learning_rate, betas=betas, eps=epsilon, fused=True)
