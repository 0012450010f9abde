"""What models see of packed rows: which label counts for nothing, and where in its piece a token stands."""

import torch
from torch import Tensor

IGNORED = -100
"""Label of a position that counts for nothing, as everywhere in transformers."""


def positions_in_pieces(block: Tensor) -> Tensor:
    """(B, T), number of each token in its piece, from 0. block: (B, T), number of the piece, -1 at padding.

    >>> positions_in_pieces(torch.tensor([[0, 0, 0, 1, 1, -1]])).tolist()
    [[0, 1, 2, 0, 1, 0]]
    """
    place = torch.arange(block.shape[1], device=block.device).expand_as(block)
    begins = torch.cat([torch.ones_like(block[:, :1], dtype=torch.bool), block[:, 1:] != block[:, :-1]], dim=1)
    return place - (place * begins).cummax(dim=1).values
