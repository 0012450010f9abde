"""Texts in batches of like length, so that little is padded, and their vectors in the order of the texts."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import InputError
from mecelle.base.progress import Progress

QUIET_TEXTS = 1_000
"""Fewer texts than this are encoded without a progress line: a search embeds one query at a time."""


def encode_sorted(
    texts: Sequence[str],
    lengths: Sequence[int],
    encode_batch: Callable[[list[str]], NDArray[np.float32]],
    *,
    dimension: int,
    batch_size: int,
    task: str,
) -> NDArray[np.float32]:
    """Unit vectors of `texts`, shape (len(texts), dimension), float32.

    lengths: of each text, in any unit; longest are encoded first, so that a batch that does not fit in memory fails at
    once. A row of zeros (a model with no token for the text) stays zero, and is similar to nothing.
    Raises InputError if the model gives NaN or infinity.
    """
    vectors = np.zeros((len(texts), dimension), dtype=np.float32)
    order = sorted(range(len(texts)), key=lambda i: (-lengths[i], i))
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    if len(texts) < QUIET_TEXTS:
        for batch in batches:
            vectors[batch] = encode_batch([texts[i] for i in batch])
    else:
        with Progress(task, total=len(texts), unit="texts") as progress:
            for batch in batches:
                vectors[batch] = encode_batch([texts[i] for i in batch])
                progress.advance(len(batch))
    return _unit(vectors, task)


def _unit(vectors: NDArray[np.float32], task: str) -> NDArray[np.float32]:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    broken = int((~np.isfinite(norms)).sum())
    if broken:
        raise InputError(
            f"{task}: {broken} of {len(vectors)} vectors are NaN or infinite: the weights are damaged, or the number "
            "type of the model is too narrow; load it in float32, or train it again"
        )
    vectors /= np.where(norms > 0, norms, 1)
    return vectors
