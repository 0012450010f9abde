"""Only the rows of an embedding table that a task needs are trained: the same training at a fraction of its cost.

Adam passes over every row in every step, and a vocabulary of 250,002 has five times the weights of the layers above it.
The rows that are left aside have no gradient and would only be decayed.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn


class _Rows(nn.Embedding):
    """Some rows of a table, asked by their ids in the table; any other id raises IndexError."""

    def __init__(self, table: nn.Embedding, ids: Tensor) -> None:
        places = torch.full((table.num_embeddings,), len(ids))
        places[ids] = torch.arange(len(ids))
        padding = None if table.padding_idx is None else int(places[table.padding_idx])
        super().__init__(len(ids), table.embedding_dim, padding_idx=padding, _weight=table.weight.detach()[ids])
        self.register_buffer("places", places, persistent=False)

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(self.places[input])


@contextmanager
def only_rows(model: Any, ids: Iterable[int]) -> Iterator[None]:
    """Inside, the model of transformers knows the tokens `ids` alone; afterwards it has all again, these as trained."""
    table: nn.Embedding = model.get_input_embeddings()
    padding = [] if table.padding_idx is None else [table.padding_idx]
    kept = torch.tensor(sorted({*ids, *padding}))
    rows = _Rows(table, kept)
    model.set_input_embeddings(rows)
    try:
        yield
    finally:
        with torch.no_grad():
            table.weight[kept] = rows.weight.to(table.weight.device)
        model.set_input_embeddings(table)
