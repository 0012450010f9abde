"""Spans of SpanBERT (arXiv 1907.10529 §3.1), over any units: tokens or words."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

CHANCE_TO_END: Final = 0.2
LONGEST: Final = 10
_CHANCES: Final = CHANCE_TO_END * (1 - CHANCE_TO_END) ** np.arange(LONGEST)
LENGTH_SHARES: Final = _CHANCES / _CHANCES.sum()
"""Of spans by length, 1 to LONGEST units: Geo(0.2) cut off at 10, not heaped up there, which makes the mean 3.8."""


def draw_spans(units: int, wanted: int, *, rng: np.random.Generator) -> list[NDArray[np.int64]]:
    """Spans over `units` in a circle, together of at least `wanted` of them (all, if there are fewer), in random order.

    Lengths are drawn first, and the rest is dealt out as gaps between them, so that long spans are not turned down more
    often than short ones; a random turn of the circle then gives every unit the same chance. No two spans touch as long
    as there is room for a gap behind each. A span may go over the end of the circle.
    """
    if not 0 < wanted < units:
        return [np.arange(units)] if wanted > 0 else []
    lengths = 1 + rng.choice(LONGEST, wanted, p=LENGTH_SHARES)
    lengths = lengths[: 1 + int(np.searchsorted(np.cumsum(lengths), wanted))]
    lengths[-1] -= max(0, int(lengths.sum()) - units)
    spare = units - int(lengths.sum())
    least_gap = int(spare >= len(lengths))
    # Of k spans, the i-th has i gaps before it: k sorted numbers, the first of them 0, are the sums of what they have
    # beyond the least.
    beyond = np.sort(rng.integers(0, spare - least_gap * len(lengths), len(lengths), endpoint=True))
    before = np.arange(len(lengths)) * least_gap + beyond - beyond[0]
    starts = rng.integers(units) + np.cumsum(lengths) - lengths + before
    return [np.arange(starts[one], starts[one] + lengths[one]) % units for one in rng.permutation(len(lengths))]
