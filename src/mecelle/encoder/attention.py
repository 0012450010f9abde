"""Attention in packed rows, made for processors: two batched products around a softmax, local layers tile by tile.

torch's own attention reaches a third of the speed of a plain product on a processor, and computes what masks hide. Rows
hold 1.7 documents at 512 tokens, so document masks hide little (15% of the pairs, which stay computed), but the window
of a local layer hides three quarters: its queries are cut into tiles, each of which meets only the keys in its reach.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout as drop
from torch.nn.functional import pad
from transformers import AttentionInterface

PACKED = "mecelle_packed"
"""Name of `packed_attention` among the attention implementations of transformers."""


def attention_masks(block: Tensor, *, half_window: int | None, tiled: bool) -> dict[str, Tensor]:
    """Masks by kind of layer, bool: a token sees its own piece, in local layers at most `half_window` tokens away.

    block: (B, T), number of the piece, -1 at padding; padding sees padding, since a row without any token in sight
    would turn into NaN. half_window: None if no layer is local. Returns masks of (B, 1, T, T); if `tiled`, the local
    one is (B, 1, T / W, W, 3 W) wherever W = half_window divides T and tiles are less work than the whole.
    """
    same = block[:, None, :, None] == block[:, None, None, :]
    if half_window is None:
        return {"full_attention": same}
    length = block.shape[1]
    place = torch.arange(length, device=block.device)
    if tiled and length % half_window == 0 and length > 3 * half_window:
        key_block = _tiles(pad(block, (half_window, half_window), value=-2)[..., None], half_window)[..., 0]
        near = (place[:half_window, None] + half_window - place[: 3 * half_window]).abs() <= half_window
        local = (block.unflatten(1, (-1, half_window))[..., None] == key_block[:, :, None, :]) & near
        return {"full_attention": same, "sliding_attention": local[:, None]}
    return {
        "full_attention": same,
        "sliding_attention": same & ((place[:, None] - place[None, :]).abs() <= half_window),
    }


def packed_attention(
    module: nn.Module,
    query_BHTD: Tensor,
    key_BHTD: Tensor,
    value_BHTD: Tensor,
    attention_mask: Tensor,
    *,
    scaling: float,
    dropout: float = 0.0,
    **_: Any,
) -> tuple[Tensor, None]:
    """Attention under a mask of `attention_masks`, in the calling convention of transformers: result (B, T, H, D).

    Softmax in fp32, everything else in the precision of the query.
    """
    if attention_mask.ndim == 4:
        result = _attend(query_BHTD, key_BHTD, value_BHTD, attention_mask, scaling=scaling, dropout=dropout)
    else:
        width = attention_mask.shape[-2]
        query = query_BHTD.unflatten(2, (-1, width))
        key, value = (_tiles(pad(x, (0, 0, width, width)), width) for x in (key_BHTD, value_BHTD))
        result = _attend(query, key, value, attention_mask, scaling=scaling, dropout=dropout).flatten(2, 3)
    return result.transpose(1, 2), None


AttentionInterface.register(PACKED, packed_attention)


def _attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor, *, scaling: float, dropout: float) -> Tensor:
    scores = (query @ key.transpose(-1, -2)).float() * scaling
    shares = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return drop(shares, p=dropout, training=dropout > 0).to(query.dtype) @ value


def _tiles(padded: Tensor, width: int) -> Tensor:
    """(..., T + 2 W, D) as (..., T / W, 3 W, D): each tile with its neighbours on both sides."""
    return padded.unfold(-2, 3 * width, width).transpose(-1, -2)
