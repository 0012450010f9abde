"""Does a model look both ways? Asked of the model itself, since config files are easily passed over."""

from typing import Any

import torch

PROBE_TOKENS = 8


def least_effect_of_last_token(transformer: Any) -> float:
    """How much the state of the first token changes when only the last one does: greatest component, 0 if causal.

    Without a mask, with a mask, and with padding behind, where attention takes different ways; the least counts.
    """
    size = transformer.config.vocab_size
    one = torch.arange(PROBE_TOKENS).unsqueeze(0) % size
    other = one.clone()
    other[0, -1] = (PROBE_TOKENS + 1) % size
    ones = torch.ones_like(one)
    padded = torch.nn.functional.pad(ones, (0, 2))
    ways = [(one, other, None), (one, other, ones), (_padded(one), _padded(other), padded)]
    return float(min(_effect(transformer, a, b, mask) for a, b, mask in ways))


@torch.no_grad()
def _effect(transformer: Any, one: torch.Tensor, other: torch.Tensor, mask: torch.Tensor | None) -> float:
    states = [transformer(input_ids=ids, attention_mask=mask).last_hidden_state[0, 0] for ids in (one, other)]
    return float((states[0] - states[1]).abs().max())


def _padded(ids: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.pad(ids, (0, 2))
