"""A guide is as sure as it is right, whatever its cosines lie between."""

import numpy as np
import pytest
from scipy.special import softmax

from mecelle.embedding.guide.temperature import BOUNDS, calibrated


def batches(*, low: float, high: float, temperature: float) -> list[np.ndarray]:
    """Cosines between `low` and `high` of which the softmax at `temperature` is right as often as it says."""
    rng = np.random.default_rng(3)
    found = []
    for _ in range(60):
        cosines = rng.uniform(low, high, (32, 32))
        for row, odds in enumerate(softmax(cosines / temperature, axis=1)):
            own = rng.choice(32, p=odds)
            cosines[row, [row, own]] = cosines[row, [own, row]]
        found.append(cosines)
    return found


@pytest.mark.parametrize(("low", "high", "temperature"), [(0.75, 0.92, 0.02), (-0.1, 0.8, 0.1)])
def test_it_finds_the_temperature_at_which_the_guide_is_right_as_often_as_it_says(
    low: float, high: float, temperature: float
) -> None:
    assert calibrated(batches(low=low, high=high, temperature=temperature)) == pytest.approx(temperature, rel=0.1)


def test_a_guide_that_never_errs_or_always_does_stays_within_bounds() -> None:
    right = [np.eye(8) * 0.03 for _ in range(3)]
    assert calibrated(right) == pytest.approx(BOUNDS[0], rel=0.01)
    assert calibrated([-one for one in right]) == pytest.approx(BOUNDS[1], rel=0.01)
