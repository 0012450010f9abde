"""What stands at a chosen position: the mask, another token, or the token itself."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from mecelle.base.config import Config


class Replacement(Config):
    """Shares of the chosen positions by what replaces them; the rest keeps its token. BERT's 80/10/10."""

    mask_share: float = Field(default=0.8, ge=0, le=1)
    """Share that becomes [MASK], 0..1."""
    random_share: float = Field(default=0.1, ge=0, le=1)
    """Share that becomes a random ordinary token, 0..1."""

    @model_validator(mode="after")
    def _at_most_all(self) -> "Replacement":
        if (together := self.mask_share + self.random_share) > 1 + 1e-9:
            raise ValueError(f"mask_share + random_share = {together:g}, more than 1")
        return self


def replace(
    ids_T: NDArray[np.int64],
    chosen_T: NDArray[np.bool_],
    replacement: Replacement,
    *,
    mask: int,
    ordinary: NDArray[np.int64],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """A copy of `ids_T` with the chosen positions replaced.

    mask: id of [MASK]; ordinary: all ids that are no special token, from which random ones are drawn.
    """
    places = np.flatnonzero(chosen_T)
    draw = rng.random(len(places))
    others = rng.choice(ordinary, len(places))
    replaced = ids_T.copy()
    masked = draw < replacement.mask_share
    swapped = ~masked & (draw < replacement.mask_share + replacement.random_share)
    replaced[places[masked]] = mask
    replaced[places[swapped]] = others[swapped]
    return replaced
