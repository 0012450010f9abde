"""Accumulation and epochs by the number of the pairs."""

import pytest

from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.sizing import LEAST_STEPS, MOST_EPOCHS, sized

USUAL = EmbeddingConfig()


def steps(config: EmbeddingConfig, pairs: int) -> float:
    return config.epochs * pairs / (min(config.batch, pairs) * config.accumulation)


@pytest.mark.parametrize("pairs", [1, 45, 270, 480, 900, 4_800, 19_744, 191_999, 192_000, 10_000_000])
def test_steps_are_enough_or_epochs_at_their_most(pairs: int) -> None:
    config, sentence = sized(USUAL, pairs, given=())
    assert steps(config, pairs) >= LEAST_STEPS or config.epochs == MOST_EPOCHS
    assert config.epochs == 1.0 or steps(config, pairs) < LEAST_STEPS + 1, "no more than are needed"
    assert steps(config, pairs) >= steps(USUAL, pairs)
    assert (config == USUAL) == (pairs >= 192_000) == (sentence == "")
    assert config.model_copy(update={"accumulation": 4, "epochs": 1.0}) == USUAL, "nothing else is changed"


def test_what_the_user_set_stays() -> None:
    for name, value in (("epochs", 2.0), ("accumulation", 3)):
        config, _ = sized(USUAL.model_copy(update={name: value}), 900, given={name})
        assert getattr(config, name) == value
        assert config != USUAL.model_copy(update={name: value}), "the other one is chosen"
    both = USUAL.model_copy(update={"epochs": 2.0, "accumulation": 3})
    assert sized(both, 900, given={"epochs", "accumulation"}) == (both, "")
    small = EmbeddingConfig(batch=8)
    assert steps(sized(small, 900, given={"batch"})[0], 900) == 112.5, "a smaller batch takes enough steps in one pass"


def test_the_sentence_tells_the_steps_that_there_will_be() -> None:
    _, sentence = sized(USUAL, 900, given=())
    assert sentence.startswith("900 pairs: 100 steps in place of 5, by accumulation 1 (usually 4) and 5.34 epochs")
    _, sentence = sized(USUAL.model_copy(update={"most_steps": 7}), 900, given={"most_steps"})
    assert sentence.startswith("900 pairs: 7 steps in place of 5")
    few = USUAL.model_copy(update={"most_steps": 3})
    assert sized(few, 900, given={"most_steps"}) == (few, ""), "there is nothing to choose"
