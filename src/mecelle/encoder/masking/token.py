"""Each token by itself."""

import numpy as np
from numpy.typing import NDArray

from mecelle.encoder.masking import MASKINGS


@MASKINGS.register("token.v1")
def token(
    ids_T: NDArray[np.int64],
    words_T: NDArray[np.int32],
    maskable_T: NDArray[np.bool_],
    *,
    count: int,
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    """Exactly `count` maskable tokens (all, if there are fewer), every set of them equally likely."""
    allowed = np.flatnonzero(maskable_T)
    chosen = np.zeros(len(ids_T), bool)
    chosen[rng.permutation(allowed)[:count]] = True
    return chosen
