"""Muon for hidden matrices, AdamW for the rest, as one optimizer."""

from typing import Any

import torch
from torch import nn

from mecelle.training.optimizers import OPTIMIZERS
from mecelle.training.parameter_groups import decay_groups, hidden_matrices

MOMENTUM = 0.95
USUAL_DECAY = 0.01


@OPTIMIZERS.register("muon.v1")
def muon(
    model: nn.Module, *, learning_rate: float, weight_decay: float | None, betas: tuple[float, float], epsilon: float
) -> torch.optim.Optimizer:
    """Muon (Jordan 2024) for the matrices between hidden states; AdamW for embeddings, head, gains and biases.

    An extension, not in the papers. Steps of Muon are scaled to those of AdamW (0.2 * sqrt(longer side), Liu et al.,
    arXiv 2502.16982), so both share the learning rate and the decay, rate * weight_decay of the matrices per step.
    betas and epsilon are AdamW's. Fused matrices (queries, keys and values; the two halves of a gated layer) are
    orthogonalised as they are stored, as one. The products run in bf16: about 20 more matrix products the size of each
    weight at every step, which pays with many tokens a step.
    """
    weight_decay = USUAL_DECAY if weight_decay is None else weight_decay
    matrices = hidden_matrices(model)
    chosen = {id(parameter) for parameter in matrices}
    rest = [parameter for parameter in model.parameters() if id(parameter) not in chosen]
    return Together(
        torch.optim.Muon(
            matrices, lr=learning_rate, weight_decay=weight_decay, momentum=MOMENTUM, adjust_lr_fn="match_rms_adamw"
        ),
        torch.optim.AdamW(
            decay_groups(rest, weight_decay=weight_decay), lr=learning_rate, betas=betas, eps=epsilon, fused=True
        ),
    )


class Together(torch.optim.Optimizer):
    """Several optimizers as one: schedules see the groups of all, checkpoints hold the state of all."""

    def __init__(self, *parts: torch.optim.Optimizer) -> None:
        """parts: optimizers of different parameters."""
        self.parts = parts
        super().__init__([group for part in parts for group in part.param_groups], defaults={})
        self._share()

    def step(self, closure: Any = None) -> Any:
        """One step of each."""
        loss = closure() if closure is not None else None
        for part in self.parts:
            part.step()
        return loss

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take the groups and states of `state_dict`, which `state_dict()` gave."""
        super().load_state_dict(state_dict)
        self._share()

    def _share(self) -> None:
        """Let the parts work on the groups and states of the whole, which loading replaces."""
        begin = 0
        for part in self.parts:
            end = begin + len(part.param_groups)
            part.param_groups, part.state = self.param_groups[begin:end], self.state
            begin = end
