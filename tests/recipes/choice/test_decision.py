"""The rule of choice, on scores whose answer is known."""

from typing import Any

import numpy as np
import pytest

from mecelle.base.errors import InputError
from mecelle.recipes.choice.decision import Decision, Rule, decide

RNG = np.random.default_rng(0)
BASE = RNG.uniform(0.3, 0.6, 80)
SCORES = {
    "early": BASE - 0.2 + RNG.normal(0, 0.02, 80),  # surely worse
    "middle": BASE + 0.004 + RNG.normal(0, 0.05, 80),  # the best by a hair
    "late": BASE + RNG.normal(0, 0.05, 80),  # cannot be told from it
}
LOSSES = {"early": 5.0, "middle": 4.0, "late": 3.0}
AMOUNTS: dict[str, int | None] = {"early": 1, "middle": 2, "late": 3}


def choose(rule: Rule, **more: Any) -> Decision:
    given = {"development": {name: list(x) for name, x in SCORES.items()}, "losses": LOSSES, "amounts": AMOUNTS} | more
    return decide(**given, rule=rule, alpha=0.05, seed=1, resamples=2_000)


def test_fixture_is_as_it_says() -> None:
    assert SCORES["middle"].mean() > SCORES["late"].mean()


@pytest.mark.parametrize(("rule", "chosen"), [("lowest_loss", "late"), ("earliest", "middle"), ("best_mean", "middle")])
def test_the_rule_decides_among_the_tied(rule: Rule, chosen: str) -> None:
    found = choose(rule)
    assert found.best == "middle"
    assert found.tied == ("middle", "late")
    assert found.chosen == chosen
    assert found.lowest_loss == "late"
    assert "cannot be told from it" in found.sentence


def test_a_lowest_loss_that_is_worse_is_not_chosen() -> None:
    found = choose("lowest_loss", losses=LOSSES | {"early": 1.0})
    assert found.lowest_loss == "early"
    assert found.chosen == "late"
    assert "the loss misleads here" in found.sentence


def test_the_lowest_loss_that_is_the_best() -> None:
    assert choose("lowest_loss", losses=LOSSES | {"middle": 1.0}).sentence == (
        "The lowest loss was the best retriever: middle."
    )


def test_equal_scores_are_settled_by_loss() -> None:
    same = {name: [0.5, 0.2, 0.9] for name in SCORES}
    assert choose("best_mean", development=same).chosen == "late"


def test_p_values_are_corrected() -> None:
    found = choose("lowest_loss")
    assert found.comparisons["early"].p_holm == pytest.approx(2 * found.comparisons["early"].p)


def test_one_candidate_is_chosen() -> None:
    assert choose("lowest_loss", development={"late": [0.1, 0.2]}).chosen == "late"


def test_earliest_needs_amounts() -> None:
    with pytest.raises(InputError, match="how long early was trained is not known"):
        choose("earliest", amounts=AMOUNTS | {"early": None})
