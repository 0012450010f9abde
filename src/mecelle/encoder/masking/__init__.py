"""Masking strategies, one file each: which positions of a row are to be predicted. What stands there: `replacement`."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mecelle.base.registry import Registry


class Masking(Protocol):
    """Chooses the positions of one row that the model must predict."""

    def __call__(
        self,
        ids_T: NDArray[np.int64],
        words_T: NDArray[np.int32],
        maskable_T: NDArray[np.bool_],
        *,
        count: int,
        rng: np.random.Generator,
    ) -> NDArray[np.bool_]:
        """True at the chosen positions, never outside `maskable_T`, and at most `count` of them.

        T: tokens of a row. words_T: number of the word that a token lies in, -1 at special tokens.
        """


MASKINGS: Registry[Masking] = Registry("mecelle.encoder.masking", kind="masking")
