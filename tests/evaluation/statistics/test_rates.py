import pytest

from mecelle.base.errors import InputError
from mecelle.evaluation.statistics.rates import wilson


# statsmodels 0.15.0: proportion_confint(method="wilson")
@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (0, 20, 0.0, 0.1611251580528194),
        (77, 83, 0.8511321390822681, 0.9664497044770073),
        (70, 83, 0.7502486450452769, 0.9061198772487894),
        (633, 750, 0.8162852851432555, 0.8682087738691368),
        (20, 20, 0.8388748419471804, 1.0),
    ],
)
def test_wilson_agrees_with_statsmodels(successes: int, n: int, low: float, high: float) -> None:
    found = wilson(successes, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)
    assert found.mean == successes / n


@pytest.mark.parametrize(("successes", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_no_rate_of_nothing(successes: int, n: int) -> None:
    with pytest.raises(InputError, match="at least one trial"):
        wilson(successes, n)
