"""Decoupled StableAdamW: AdamW whose step is shortened where the second moment lags behind the gradient."""

import torch
from torch import nn

from mecelle.base.errors import ConfigError, require
from mecelle.training.optimizers import OPTIMIZERS
from mecelle.training.parameter_groups import decay_groups

USUAL_DECAY = 1e-5
"""ModernBERT's."""
MOST_DECAY = 1e-3
"""A thousandth of the weights at every step: as much or more is an AdamW's decay, not this one's."""


@OPTIMIZERS.register("stable_adamw.v1")
def stable_adamw(
    model: nn.Module, *, learning_rate: float, weight_decay: float | None, betas: tuple[float, float], epsilon: float
) -> torch.optim.Optimizer:
    """Decoupled StableAdamW (Mecellem §3.3.4), by the package that ModernBERT's training code takes it from.

    Per tensor, the learning rate is divided by max(1, sqrt(mean(g^2 / max(v, epsilon^2)))): arXiv 2304.13013, alg. 2.
    Decoupled as in Composer: a step takes weight_decay * rate / peak rate of the matrices away, the rate being that
    shortened one, so `weight_decay` is the share per step at the peak, whatever the peak (ModernBERT: 1e-5; Mecellem
    does not say). Raises ConfigError from 1e-3 on: AdamW's usual 0.01 would be a thousand times too much.
    pytorch_optimizer 4.1 has a StableAdamW as well; its decay is AdamW's, rate * weight_decay.
    Where weights are split over processes, the mean is still one of the whole tensor.
    """
    weight_decay = USUAL_DECAY if weight_decay is None else weight_decay
    if weight_decay >= MOST_DECAY:
        raise ConfigError(
            f"weight_decay {weight_decay:g}: decoupled StableAdamW takes this share of the weights at every step at "
            f"the peak rate; it must be below {MOST_DECAY:g}, ModernBERT has 1e-5"
        )
    optimi = require("optimi", extra="train", why="optimizer stable_adamw.v1")
    optimizer: torch.optim.Optimizer = optimi.StableAdamW(
        decay_groups(model.parameters(), weight_decay=weight_decay),
        lr=learning_rate,
        betas=betas,
        eps=epsilon,
        decouple_lr=True,
        max_lr=learning_rate,
        foreach=False,
    )
    return optimizer
