"""Whole words: a Turkish word of five pieces cannot be read off the four that were left."""

import numpy as np
from numpy.typing import NDArray

from mecelle.encoder.masking import MASKINGS
from mecelle.encoder.units import choose_units


@MASKINGS.register("whole_word.v1")
def whole_word(
    ids_T: NDArray[np.int64],
    words_T: NDArray[np.int32],
    maskable_T: NDArray[np.bool_],
    terms_T: NDArray[np.int32],
    *,
    count: int,
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    """Words in random order, as long as each fits into what is left of `count` tokens; no word is chosen in part.

    `count` is reached exactly wherever the row has a word short enough to fill the rest, as running text does. Words
    longer than the rest are passed over, which only the last few choices of a row feel.
    """
    return choose_units(words_T, maskable_T, count=count, rng=rng)
