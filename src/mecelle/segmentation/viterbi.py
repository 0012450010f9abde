"""The best path through scores: shared by the CRF over sentences and by the tags of tokens."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def best_path(scores: Floats, start: Floats, between: Floats, end: Floats | None = None) -> list[int]:
    """The states whose scores sum highest; in a tie the lower number (Viterbi 1967).

    scores: of each state at each place, shape (places, states), at least one place. start, end: of each state at the
    first and last place; between: of each state (column) after each (row).
    """
    score = scores[0] + start
    came = np.zeros(scores.shape, dtype=np.int64)
    for at in range(1, len(scores)):
        paths = score[:, None] + between
        came[at] = paths.argmax(axis=0)
        score = paths.max(axis=0) + scores[at]
    states = [int((score if end is None else score + end).argmax())]
    for at in range(len(scores) - 1, 0, -1):
        states.append(int(came[at, states[-1]]))
    return states[::-1]
