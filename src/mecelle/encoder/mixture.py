"""Several masking strategies in one row, each for its share of the masked tokens."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mecelle.encoder.masking import MASKINGS
from mecelle.encoder.rates import Rates

KEYWORD: Final = "keyword.v1"
HUKUKBERT: Final = {"whole_word.v1": 0.2, "token_span.v1": 0.2, "word_span.v1": 0.3, KEYWORD: 0.3}
"""HukukBERT §3.5, at a masking rate of 0.25. The paper does not say what the shares are of; see `Mixture`."""


class Mixture:
    """A strategy (`masking.Masking`) made of others.

    Shares are of the masked tokens of each row, so that every row teaches by all strategies, and a row need not hold
    enough terms to be masked by them alone. They take their turns in random order, a word that one of them has touched
    is closed to the next, and what one leaves of its share the next takes over.
    """

    def __init__(self, shares: Mapping[str, float]) -> None:
        """shares: strategy to share, together 1. Raises ConfigError for a name that is not registered."""
        self._strategies = [MASKINGS.get(name) for name in sorted(shares)]
        self._shares = np.array([shares[name] for name in sorted(shares)])

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
        """See `Masking`. A mixture of one is that one."""
        if len(self._strategies) == 1:
            return self._strategies[0](ids_T, words_T, maskable_T, terms_T, count=count, rng=rng)
        order = rng.permutation(len(self._strategies))
        # One random number rounds all shares: the mean of each is exact, and together they are `count`.
        ends = np.floor(np.cumsum(self._shares[order]) * count + rng.random() + 1e-9).astype(int)
        ends[-1] = count
        chosen_T = np.zeros(len(ids_T), bool)
        for number, end in zip(order, ends.tolist(), strict=True):
            open_T = maskable_T & ~np.isin(words_T, words_T[chosen_T])
            left = end - int(chosen_T.sum())
            chosen_T |= self._strategies[number](ids_T, words_T, open_T, terms_T, count=left, rng=rng)
        return chosen_T


def term_shortage(
    shares: Mapping[str, float], rates: Rates, term_tokens_R: NDArray[np.int64], *, length: int
) -> dict[str, Any]:
    """How many rows (R) have fewer tokens of terms than are to be masked as such, at the highest rate of the run.

    Returns {rows_short, share_short: of the tokens that are to be masked as terms, how many must be other words}, both
    at the least: chance may leave a term too long for the rest. Empty without keyword.v1.
    length: maskable tokens of a row, about.
    """
    if KEYWORD not in shares:
        return {}
    wanted = shares[KEYWORD] * max(rate for _, rate in rates) * length
    missing_R = np.maximum(0, wanted - term_tokens_R)
    share = float(missing_R.mean() / wanted) if len(missing_R) else 0.0
    return {"rows_short": int((missing_R > 0).sum()), "share_short": round(share, 6)}
