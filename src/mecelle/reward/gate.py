"""Stage 2: a mixture of experts says from the prompt how much each objective counts. Source: Mecellem App. B.

A router gives each expert a share; the `top_k` largest are kept and made to sum to one. Each expert gives weights of
the objectives, positive and of sum one; the gate is their mean by the shares. Trained on preferences with frozen
rewards by the Bradley-Terry likelihood (ArmoRM).
"""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mecelle.base.errors import InputError
from mecelle.base.seeds import derive, generator
from mecelle.reward.config import GateConfig
from mecelle.reward.objectives import OBJECTIVES

FIRST_STEEPNESS = 10.0
"""Of the logistic curve over differences of scores, before training: bounded scores differ by less than one."""


class Gate(nn.Module):
    """Prompt states (N, D) to weights of the objectives (N, 5), at least 0 and of sum 1."""

    mean: torch.Tensor
    scale: torch.Tensor

    def __init__(self, dimension: int, config: GateConfig) -> None:
        super().__init__()
        self.top_k = min(config.top_k, config.experts)
        self.register_buffer("mean", torch.zeros(dimension))
        self.register_buffer("scale", torch.ones(dimension))
        self.router = nn.Linear(dimension, config.experts)
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(dimension, config.hidden), nn.ReLU(), nn.Linear(config.hidden, len(OBJECTIVES)))
            for _ in range(config.experts)
        )
        for expert in self.experts:  # equal weights, from which training departs
            for parameter in expert[-1].parameters():
                nn.init.zeros_(parameter)

    def forward(self, states_ND: torch.Tensor) -> torch.Tensor:
        """Weights of the objectives."""
        x_ND = (states_ND - self.mean) / self.scale
        logits_NE = self.router(x_ND)
        least_N1 = logits_NE.topk(self.top_k, dim=-1).values[:, -1:]
        shares_NE = logits_NE.masked_fill(logits_NE < least_N1, -torch.inf).softmax(dim=-1)
        weights_NEO = torch.stack([expert(x_ND).softmax(dim=-1) for expert in self.experts], dim=1)
        mixed: torch.Tensor = (shares_NE[:, :, None] * weights_NEO).sum(dim=1)
        return mixed

    def weights(self, states_ND: NDArray[np.floating]) -> NDArray[np.float64]:
        """The same, from and to numpy."""
        with torch.inference_mode():
            found: Any = self(torch.from_numpy(states_ND.astype(np.float32))).double().numpy()
        return np.asarray(found)


def fit_gate(
    prompts_ND: NDArray[np.floating],
    better_NO: NDArray[np.float64],
    worse_NO: NDArray[np.float64],
    config: GateConfig,
    *,
    seed: int,
    groups: Sequence[str] | None = None,
) -> tuple[Gate, list[float]]:
    """Train a gate on preferences: rewards of the better and of the worse answer to each prompt. And the losses.

    Minimises the mean of -log sigmoid(s * (score of better - score of worse)), with s > 0 trained along and then left
    off. groups: the question of each preference; a fifth of them is left out, and the gate is taken as it was when it
    did best there: prompts are few, and a gate that knows them by heart does worse than equal weights. Without groups,
    or with too few, all steps are done; with no steps all objectives count alike. Raises InputError if there is no
    preference to learn from.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(seed, "gate"))
        gate = Gate(prompts_ND.shape[1], config)
    if not config.steps:
        return gate.eval(), []
    if not len(prompts_ND):
        raise InputError(
            "no question has two answers of which one is known to be better; give such answers (a label higher, none "
            "lower), or set gate.steps: 0, with which all objectives count alike"
        )
    prompts = torch.from_numpy(prompts_ND.astype(np.float32))
    with torch.no_grad():
        gate.mean.copy_(prompts.mean(dim=0))
        spread_D = prompts.std(dim=0, correction=0)
        gate.scale.copy_(torch.where(spread_D > 1e-6, spread_D, torch.ones_like(spread_D)))
    differences_NO = torch.from_numpy((better_NO - worse_NO).astype(np.float32))
    log_steepness = torch.tensor(FIRST_STEEPNESS).log().requires_grad_()
    optimizer = torch.optim.AdamW(
        [
            {"params": list(gate.parameters()), "weight_decay": config.weight_decay},
            {"params": [log_steepness], "weight_decay": 0.0},
        ],
        lr=config.learning_rate,
    )
    left_out_N = _left_out(groups, seed=seed) if groups else torch.zeros(len(prompts), dtype=torch.bool)
    best, kept = float("inf"), gate.state_dict()
    losses = []
    for _ in range(config.steps):
        optimizer.zero_grad()
        margins_N = (gate(prompts) * differences_NO).sum(dim=1)
        losses_N = -nn.functional.logsigmoid(log_steepness.exp() * margins_N)
        left_out = float(losses_N.detach()[left_out_N].mean()) if left_out_N.any() else best
        if left_out < best:
            best, kept = left_out, deepcopy(gate.state_dict())
        loss = losses_N[~left_out_N].mean()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(float(loss.detach()))
    if best < float("inf"):
        gate.load_state_dict(kept)
    return gate.eval(), losses


def _left_out(groups: Sequence[str], *, seed: int) -> torch.Tensor:
    """Which preferences are left out: none if there are fewer than five questions."""
    names = np.array(sorted(set(groups)))
    drawn = generator(seed, "gate left out").permutation(len(names))[: len(names) // 5]
    return torch.from_numpy(np.isin(np.array(groups), names[drawn]))
