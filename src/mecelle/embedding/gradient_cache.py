"""Backward passes of a batch that is too large for memory: a chunk of texts at a time.

The vectors of all texts are made without gradients; the loss says how it would have each vector change; then each chunk
is embedded again, and carries its share back into the weights. Nothing but the memory differs from a single pass.
Source: GradCache, Gao et al. 2021 (arXiv 2101.06983), §3.
"""

from collections.abc import Callable, Iterator, Sequence

import torch
from sentence_transformers.base.losses.gradcache import RandContext
from torch import Tensor

Features = dict[str, Tensor]
"""`input_ids` and `attention_mask` of texts, shape (texts, tokens), and whatever else the model takes."""
Embed = Callable[[Features], Tensor]
"""Vectors of the texts, shape (texts, D)."""
Judge = Callable[[Sequence[Tensor]], tuple[Tensor, Sequence[Tensor]]]
"""From the vectors of the sides (queries, documents) to the loss and its gradients by them."""

WIDTH_MULTIPLE = 32
"""Lengths are multiples of this many tokens: few block sizes, so that the allocator's heap stays bounded."""


def backward(embed: Embed, sides: Sequence[Features], judge: Judge, *, chunk: int | None) -> Tensor:
    """Add the gradients of the loss to the weights; returns the loss, without gradients.

    chunk: texts at a time, None for all of a side. A batch that fits in one chunk a side is embedded once only.
    """
    if chunk is None or all(len(side["input_ids"]) <= chunk for side in sides):
        vectors = [embed(side) for side in sides]
        value, gradients = judge([vector.detach() for vector in vectors])
        torch.autograd.backward(vectors, gradients)
        return value
    cut = [list(_chunks(side, chunk)) for side in sides]
    states = []
    gathered = []
    with torch.no_grad():
        for chunks in cut:
            parts = []
            for _, features in chunks:
                states.append(RandContext(*features.values()))
                parts.append(embed(features))
            back = torch.argsort(torch.cat([rows for rows, _ in chunks]))
            gathered.append(torch.cat(parts)[back])
    value, gradients = judge(gathered)
    again = (
        (rows, features, gradient) for chunks, gradient in zip(cut, gradients, strict=True) for rows, features in chunks
    )
    for state, (rows, features, gradient) in zip(states, again, strict=True):
        with state:  # what dropout drew in the first pass, it draws again
            vectors_of_chunk = embed(features)
        vectors_of_chunk.backward(gradient[rows])
    return value


def _chunks(side: Features, size: int) -> Iterator[tuple[Tensor, Features]]:
    """Rows of each chunk and their features: texts of like length together, without padding that none of them needs.

    The longest come first: if memory lacks, it lacks at once.
    """
    mask = side["attention_mask"]
    for rows in torch.argsort(mask.sum(dim=1), descending=True, stable=True).split(size):
        last = int(mask[rows].any(dim=0).nonzero().max()) + 1  # padding on the left stays: positions count from there
        width = min(mask.shape[1], -(-last // WIDTH_MULTIPLE) * WIDTH_MULTIPLE)
        yield rows, {name: tensor[rows, :width] for name, tensor in side.items()}
