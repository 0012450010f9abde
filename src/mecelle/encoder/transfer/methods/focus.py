"""FOCUS: a sparse mixture of the known tokens that are used like the new one.

Source: Dobler and de Melo 2023, "FOCUS: Effective Embedding Initialization for Monolingual Specialization of
Multilingual Models", §2; written from its description.
"""

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import InputError
from mecelle.base.seeds import derive, generator
from mecelle.encoder.transfer.auxiliary import static_vectors
from mecelle.encoder.transfer.matching import NONE
from mecelle.encoder.transfer.methods import METHODS, Filled, Task, draw_like

CHUNK = 512
"""Tokens whose similarities are held at a time."""


@METHODS.register("focus.v1")
def focus(task: Task, *, seed: int) -> Filled:
    """Old rows of the matched tokens, weighed by sparsemax over their similarity to the new token.

    Similarity: cosine of static vectors that are learned on `task.texts`, cut by the new tokenizer. Tokens that are not
    in the texts are drawn as in `random.v1`. Raises InputError if there are no texts, or no matched token in them.
    """
    if not task.texts:
        raise InputError("focus.v1 learns what tokens are used like from text, and none was given: name the training")
    unit_ND, known_N = static_vectors(task.new, task.texts, task.auxiliary, seed=derive(seed, "transfer", "auxiliary"))
    anchors = np.flatnonzero(known_N & (task.origins != NONE))
    if not len(anchors):
        raise InputError("focus.v1: no token that both tokenizers have is in the texts; give more or other text")
    rows = draw_like(task.table, len(task.wanted), rng=generator(seed, "transfer", "focus"))
    seen = np.flatnonzero(known_N[task.wanted])
    anchor_rows = task.table[task.origins[anchors]]
    for begin in range(0, len(seen), CHUNK):
        part = seen[begin : begin + CHUNK]
        weights = sparsemax(unit_ND[task.wanted[part]] @ unit_ND[anchors].T)
        rows[part] = weights @ anchor_rows
    return Filled(rows, ["similar tokens" if known else "drawn" for known in known_N[task.wanted]])


def sparsemax(scores_MA: NDArray[np.float32]) -> NDArray[np.float32]:
    """The point of the probability simplex that is nearest to each row: weights that sum to 1, most of them 0.

    Source: Martins and Astudillo 2016, "From Softmax to Sparsemax", algorithm 1.

    >>> sparsemax(np.array([[1.0, 0.8, -1.0]], np.float32)).round(2).tolist()
    [[0.6000000238418579, 0.4000000059604645, 0.0]]
    """
    falling = -np.sort(-scores_MA.astype(np.float64), axis=1)
    sums = falling.cumsum(1)
    ranks = np.arange(1, scores_MA.shape[1] + 1)
    support = (1 + ranks * falling > sums).sum(1)
    threshold = (np.take_along_axis(sums, support[:, None] - 1, 1) - 1) / support[:, None]
    weights: NDArray[np.float32] = np.maximum(scores_MA - threshold, 0).astype(np.float32)
    return weights
