"""Each token by itself."""

import numpy as np
from numpy.typing import NDArray

from mecelle.encoder.masking import MASKINGS


@MASKINGS.register("token.v1")
def token(
    ids_T: NDArray[np.int64],
    words_T: NDArray[np.int32],
    maskable_T: NDArray[np.bool_],
    terms_T: NDArray[np.int32],
    *,
    count: int,
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    """Exactly `count` maskable tokens (all, if there are fewer), every set of them equally likely."""
    allowed = np.flatnonzero(maskable_T)
    chosen_T = np.zeros(len(ids_T), bool)
    chosen_T[rng.permutation(allowed)[:count]] = True
    return chosen_T
