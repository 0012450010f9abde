"""Which candidates are negatives: hard ones, but none so near that it may answer the query (a pure function)."""

from collections import Counter
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray


def choose(
    scores_N: NDArray[np.float32],
    positive: int,
    *,
    not_among: AbstractSet[int],
    share: float,
    depth: int,
    count: int,
) -> tuple[list[int], Counter[str]]:
    """Places of at most `count` negatives, hardest first, and what became of the `depth` best candidates.

    scores_N: of all documents for the query. positive: place of the own document. not_among: places that answer the
    query too, or cannot be told from what does. share: of the positive's score, from which on a candidate is taken for
    a false negative: no fixed score fits all queries. Source: NV-Retriever (arXiv 2407.15831), §4, TopK-PercPos, 0.95.
    """
    order = np.argsort(-scores_N, kind="stable")[: depth + len(not_among) + 1]
    candidates = [int(place) for place in order if place != positive and place not in not_among][:depth]
    limit = share * float(scores_N[positive])
    fates: Counter[str] = Counter()
    if limit <= 0:  # the search does not see why the positive answers: it cannot tell what does not
        return [], Counter(positive_not_found=len(candidates))
    chosen: list[int] = []
    for place in candidates:
        if scores_N[place] >= limit:
            fates["too_near"] += 1
        elif scores_N[place] <= 0:
            fates["unrelated"] += 1
        elif len(chosen) < count:
            chosen.append(place)
        else:
            fates["not_needed"] += 1
    fates["negative"] = len(chosen)
    return chosen, fates
