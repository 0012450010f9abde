"""Where tokens stand in their pieces."""

import torch

from mecelle.training.pieces import positions_in_pieces


def test_positions_begin_anew_with_each_piece() -> None:
    block = torch.tensor([[0, 0, 0, 1, 1, -1], [0, 1, 2, 2, 2, 2]])
    assert positions_in_pieces(block).tolist() == [[0, 1, 2, 0, 1, 0], [0, 0, 0, 1, 2, 3]]
