"""Stage 3: rewards that do not follow the length of the answer. Source: ArmoRM, Mecellem App. B.

ArmoRM takes from each reward a multiple of its verbosity objective, so large that the rank correlation of both is 0 on
a reference set. Mecellem has no such objective; length itself stands for it: r'_i = r_i - penalty_i * v, where v is the
logarithm of one plus the answer's words, standardised on the reference set.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mecelle.reward.objectives import OBJECTIVES
from mecelle.text.words import words

Floats = NDArray[np.float64]
_HALVINGS = 50


@dataclass(frozen=True)
class LengthPenalty:
    """How rewards are corrected."""

    mean: float
    scale: float
    penalties: Floats
    """Of each objective, (5,); all 0 leaves the rewards as they are."""

    def corrected(self, rewards_NO: Floats, answers: Sequence[str]) -> Floats:
        """Rewards without what length gives; bounded ones may leave 0..1."""
        verbosity_N = (log_lengths(answers) - self.mean) / self.scale
        return rewards_NO - verbosity_N[:, None] * self.penalties


NO_PENALTY = LengthPenalty(0.0, 1.0, np.zeros(len(OBJECTIVES)))


def log_lengths(answers: Sequence[str]) -> Floats:
    """log(1 + words) of each answer."""
    return np.array([log1p(len(words(answer))) for answer in answers])


def fit_penalty(rewards_NO: Floats, answers: Sequence[str]) -> LengthPenalty:
    """The penalties by which no reward ranks these answers by length. Answers of one length need none."""
    lengths_N = log_lengths(answers)
    if np.ptp(lengths_N) == 0:
        return NO_PENALTY
    mean, scale = float(lengths_N.mean()), float(lengths_N.std())
    verbosity_N = (lengths_N - mean) / scale
    penalties = [_penalty(rewards_NO[:, column], verbosity_N) for column in range(rewards_NO.shape[1])]
    return LengthPenalty(mean, scale, np.array(penalties))


def _penalty(reward_N: Floats, verbosity_N: Floats) -> float:
    """By halving: the rank correlation falls as the penalty rises."""
    if np.ptp(reward_N) == 0:
        return 0.0
    # Ten spreads of the reward for each spread of length: there length decides nearly alone.
    low, high = -10.0 * float(reward_N.std()), 10.0 * float(reward_N.std())
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if float(stats.spearmanr(reward_N - middle * verbosity_N, verbosity_N).statistic) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
