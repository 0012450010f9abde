"""How often each document enters a mix: a seeded sample of what is too much, whole copies of what is too little."""

import numpy as np
from numpy.typing import NDArray

from mecelle.corpus.mixing.index import Mask, Numbers

Copies = NDArray[np.int32]


def draw(sizes: Numbers, keys: Numbers, target: int, *, most_copies: int, used: Mask | None = None) -> Copies:
    """Copies of each document, so that their sizes add up to `target`, to within half a document.

    All documents are taken as often as they go into the target together, and those of the smallest keys once more. So
    another target, or further documents, change the fate of those alone whose keys lie near the border.
    most_copies: bounds the copies of a document; the sum then falls short of the target. used: documents that come
    after the others, whatever their keys.
    """
    total = int(sizes.sum())
    if total == 0 or target <= 0:
        return np.zeros(len(sizes), dtype=np.int32)
    whole, rest = divmod(min(target, total * most_copies), total)
    order = np.lexsort((keys,) if used is None else (keys, used))
    reached = np.cumsum(sizes[order])
    above = int(np.searchsorted(reached, rest))  # reached[above - 1] < rest <= reached[above]
    below = int(reached[above - 1]) if above else 0
    count = above + 1 if int(reached[above]) - rest < rest - below else above
    copies = np.full(len(sizes), whole, dtype=np.int32)
    copies[order[:count]] += 1
    return copies
