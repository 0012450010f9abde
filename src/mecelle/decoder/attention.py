"""Causal attention in packed rows, made for processors: queries in tiles, each of which meets only the keys before it.

torch's own attention reaches a third of the speed of a plain product on a processor (benchmarks/encoder_training.py).
Queries that share a head of keys are one product with it, so that keys are never repeated.
"""

from typing import Any

from torch import Tensor, cat, nn
from torch.nn.functional import dropout as drop
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.masking_utils import sdpa_mask

PACKED = "mecelle_packed_causal"
"""Name of `packed_attention` among the attention implementations of transformers."""
TILES = 4
"""Tiles of a row: with n of them (n - 1) / 2n of the pairs, those after the query, are not computed."""


def packed_attention(
    module: nn.Module,
    query_BHTD: Tensor,
    key_BKTD: Tensor,
    value_BKTD: Tensor,
    attention_mask: Tensor,
    *,
    scaling: float,
    dropout: float = 0.0,
    **_: Any,
) -> tuple[Tensor, None]:
    """Attention under a causal mask, in the calling convention of transformers: result (B, T, H, D).

    H heads of queries, K of keys, K divides H; attention_mask: bool (B, 1, T, T), True where a query sees a key, never
    one after it. Softmax in fp32, everything else in the precision of the query.
    """
    query_BKGTD = query_BHTD.unflatten(1, (key_BKTD.shape[1], -1))
    length = query_BHTD.shape[2]
    tiles = TILES if length % TILES == 0 else 1
    parts = []
    for end in range(length // tiles, length + 1, length // tiles):
        rows = slice(end - length // tiles, end)
        mask = attention_mask[:, :, None, rows, :end]
        query, key, value = query_BKGTD[:, :, :, rows], key_BKTD[:, :, :end], value_BKTD[:, :, :end]
        scores = (query.flatten(2, 3) @ key.transpose(-1, -2)).unflatten(2, query.shape[2:4]).float() * scaling
        shares = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        shares = drop(shares, p=dropout, training=dropout > 0).to(query.dtype)
        parts.append((shares.flatten(2, 3) @ value).unflatten(2, query.shape[2:4]))
    return cat(parts, dim=3).flatten(1, 2).transpose(1, 2), None


def packed_mask(*args: Any, **kwargs: Any) -> Tensor:
    """The mask that transformers makes for sdpa, always as a tensor: also where a row is one document."""
    mask: Tensor = sdpa_mask(*args, **kwargs | {"allow_is_causal_skip": False})
    return mask


AttentionInterface.register(PACKED, packed_attention)
AttentionMaskInterface.register(PACKED, packed_mask)
