"""Whole units (words, terms) for a number of tokens."""

import numpy as np
from numpy.typing import NDArray


def choose_units(
    unit_T: NDArray[np.int32], allowed_T: NDArray[np.bool_], *, count: int, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Units in random order, each as long as it fits into what is left of `count` tokens; none in part.

    unit_T: number of the unit that a token lies in, any number outside `allowed_T`.
    """
    units, owner, sizes = np.unique(unit_T[allowed_T], return_inverse=True, return_counts=True)
    picked = np.zeros(len(units), bool)
    left, size_of = count, sizes.tolist()
    for number in rng.permutation(len(units)).tolist():
        if size_of[number] <= left:
            picked[number] = True
            left -= size_of[number]
        if left == 0:
            break
    chosen_T = np.zeros(len(unit_T), bool)
    chosen_T[allowed_T] = picked[owner]
    return chosen_T


def whole_units(unit_T: NDArray[np.int32], allowed_T: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """True where `allowed_T` holds all tokens of a unit; False at tokens of none (-1)."""
    closed = np.unique(unit_T[~allowed_T])
    return allowed_T & (unit_T >= 0) & ~np.isin(unit_T, closed)
