"""How often each document enters a mix: a seeded sample of what is too much, whole copies of what is too little."""

import numpy as np
from numpy.typing import NDArray

from mecelle.corpus.mixing.index import Mask, Numbers

Copies = NDArray[np.int32]


NEAR = 0.01
"""Share of a target by which a sum may miss it before documents that fit better are looked for."""


def draw(sizes: Numbers, keys: Numbers, target: int, *, most_copies: int, used: Mask | None = None) -> Copies:
    """Copies of each document, so that their sizes add up to `target`, to within half a document.

    All documents are taken as often as they go into the target together, and those of the smallest keys once more. So
    another target, or further documents, change the fate of those alone whose keys lie near the border. Where the
    document at the border is long beside the target, it is passed over for the next ones that fit.
    most_copies: bounds the copies of a document; the sum then falls short of the target. used: documents that come
    after the others, whatever their keys.
    """
    total = int(sizes.sum())
    if total == 0 or target <= 0:
        return np.zeros(len(sizes), dtype=np.int32)
    whole, rest = divmod(min(target, total * most_copies), total)
    order = np.lexsort((keys,) if used is None else (keys, used))
    copies = np.full(len(sizes), whole, dtype=np.int32)
    copies[order[_chosen(sizes[order], rest, near=NEAR * target)]] += 1
    return copies


def _chosen(sizes: Numbers, target: int, *, near: float) -> Mask:
    """Which documents, the first ones first, come to `target`; it is less than all of them."""
    chosen, left = np.zeros(len(sizes), dtype=np.bool_), target
    places = np.arange(len(sizes))
    while left > 0 and len(places):
        reached = np.cumsum(sizes[places])
        border = int(np.searchsorted(reached, left))  # reached[border - 1] < left <= reached[border]
        if border == len(places):  # those that still fit, fit together
            chosen[places] = True
            left -= int(reached[-1])
            break
        below = int(reached[border - 1]) if border else 0
        over, under = int(reached[border]) - left, left - below
        chosen[places[:border]] = True
        if min(over, under) <= near:
            chosen[places[border]] = over < under
            return chosen
        left, places = under, places[border + 1 :]
        places = places[sizes[places] <= left]
    others = np.flatnonzero(~chosen)
    if left > 0 and int(sizes[others].min()) - left < left:
        chosen[others[sizes[others].argmin()]] = True
    return chosen
