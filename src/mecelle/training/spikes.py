"""Loss spikes: what counts as one, and what is done about it. No torch here: recipes read the parameters."""

from collections import deque
from collections.abc import Iterable
from statistics import median
from typing import Literal

from pydantic import Field

from mecelle.base.config import Config

DEVIATION_OF_MAD = 1.4826
"""Standard deviations of a normal distribution in one median absolute deviation."""
LEAST_DEVIATION = 0.01
"""Deviation that is assumed at least, as a share of the median: a flat curve must not make every step a spike."""


class Spikes(Config):
    """What counts as a loss spike, and what is done about it."""

    action: Literal["stop", "skip", "ignore"] = "stop"
    """stop: end the run after `in_a_row` spikes. skip: also leave the gradients of each spike out. ignore: go on."""
    deviations: float = Field(default=8.0, gt=0)
    """A step is a spike if its loss is so many robust deviations above the median of the steps before."""
    window: int = Field(default=64, ge=8)
    """Steps before it that a loss is compared with; half of them must be there."""
    in_a_row: int = Field(default=3, ge=1)
    """Spikes one after the other that mean divergence: one alone is an odd batch."""


class Window:
    """The losses of the last steps that were no spikes."""

    def __init__(self, spikes: Spikes) -> None:
        self._deviations, self._least = spikes.deviations, spikes.window // 2
        self.losses: deque[float] = deque(maxlen=spikes.window)

    def is_spike(self, loss: float) -> bool:
        """Whether `loss` stands out; if it does not, it is remembered."""
        if len(self.losses) >= self._least:
            middle, deviation = self.usual()
            if loss > middle + self._deviations * deviation:
                return True
        self.losses.append(loss)
        return False

    def usual(self) -> tuple[float, float]:
        """Median, and 1.4826 times the median absolute deviation from it."""
        middle = median(self.losses)
        spread = DEVIATION_OF_MAD * median(abs(loss - middle) for loss in self.losses)
        return middle, max(spread, LEAST_DEVIATION * abs(middle))

    def restore(self, losses: Iterable[float]) -> None:
        """Take over what a checkpoint kept."""
        self.losses.clear()
        self.losses.extend(losses)
