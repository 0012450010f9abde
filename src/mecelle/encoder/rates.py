"""Masking rates that fall over a run: an extension, in neither paper. Few steps, since each changes shapes once."""

from collections.abc import Sequence

Rates = tuple[tuple[float, float], ...]
"""(share of the run from which it holds, rate), 0..1, ascending from a share of 0: ((0, .3), (.5, .15), (.8, .05))."""


def rate_at(rates: Rates, *, step: int, steps: int) -> float:
    """The rate of optimizer step `step`, 0-based, of `steps`: a function of the step, so that a run can resume."""
    return next(rate for start, rate in reversed(rates) if step >= start * steps)


def mean_rate(rates: Rates) -> float:
    """The rate that masks as many tokens over the whole run."""
    ends = (*(start for start, _ in rates[1:]), 1.0)
    return sum((end - start) * rate for (start, rate), end in zip(rates, ends, strict=True))


def rate_faults(rates: Sequence[tuple[float, float]]) -> str | None:
    """What is wrong with rates, or None."""
    starts = [start for start, _ in rates]
    if not rates or starts[0] != 0 or starts != sorted(set(starts)) or starts[-1] >= 1:
        return f"shares of the run {starts}: they must ascend from 0 and stay under 1"
    each = [rate for _, rate in rates]
    if not all(0 < rate < 1 for rate in each):
        return f"rates {each}: each must be over 0 and under 1"
    if each != sorted(each, reverse=True):
        return f"rates {each}: none may be over the one before, since the jump of the loss would look like divergence"
    return None
