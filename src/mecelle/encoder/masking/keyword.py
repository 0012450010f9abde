"""Legal terms: what the words of the trade mean is learned where they are missing."""

import numpy as np
from numpy.typing import NDArray

from mecelle.encoder.masking import MASKINGS
from mecelle.encoder.units import choose_units, whole_units


@MASKINGS.register("keyword.v1")
def keyword(
    ids_T: NDArray[np.int64],
    words_T: NDArray[np.int32],
    maskable_T: NDArray[np.bool_],
    terms_T: NDArray[np.int32],
    *,
    count: int,
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    """Occurrences of terms in random order, each whole with its suffixes, as long as it fits into the rest of `count`.

    Source: HukukBERT §3.5 (a list of over 40,000 terms). Where a row has too few, whole words fill up to `count`:
    `training.packing` tells how much of a row its terms are, which is the most that can be masked as such.
    """
    chosen_T = choose_units(terms_T, whole_units(terms_T, maskable_T), count=count, rng=rng)
    left = count - int(chosen_T.sum())
    return chosen_T | choose_units(words_T, maskable_T & ~chosen_T, count=left, rng=rng)
