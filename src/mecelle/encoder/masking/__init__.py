"""Masking strategies, one file each: which positions of a row are to be predicted. What stands there: `replacement`.

Several of them in one row: `mixture`. T: tokens of a row.
"""

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
        terms_T: NDArray[np.int32],
        *,
        count: int,
        rng: np.random.Generator,
    ) -> NDArray[np.bool_]:
        """True at the chosen positions, never outside `maskable_T`: exactly `count` of them, or as many as there are.

        words_T: number of the word that a token lies in, -1 at special tokens; terms_T: number of the occurrence of a
        legal term, -1 elsewhere. `maskable_T` holds words whole. Strategies of whole words may stay below `count`
        where no word is short enough for the rest.
        """


MASKINGS: Registry[Masking] = Registry("mecelle.encoder.masking", kind="masking")
