"""A rate that falls over the run is a function of the step; wrong ones are told."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mecelle.base.config import dump, parse
from mecelle.base.errors import ConfigError
from mecelle.encoder.batches import EvaluationRows, Masker, TrainingRows
from mecelle.encoder.config import EncoderConfig
from mecelle.encoder.mixture import Mixture
from mecelle.encoder.rates import mean_rate, rate_at
from mecelle.encoder.replacement import Replacement
from mecelle.training.order import Order
from mecelle.training.pieces import IGNORED

FALLING = ((0.0, 0.30), (0.5, 0.15), (0.8, 0.05))


def test_rate_of_each_step() -> None:
    rates = [rate_at(FALLING, step=step, steps=10) for step in range(10)]
    assert rates == [0.30] * 5 + [0.15] * 3 + [0.05] * 2
    assert mean_rate(FALLING) == pytest.approx(sum(rates) / 10)
    assert mean_rate(((0.0, 0.25),)) == 0.25


def test_config_takes_one_rate_or_several() -> None:
    assert EncoderConfig(masking_rate=0.25).masking_rates == ((0.0, 0.25),)
    config = parse(EncoderConfig, {"masking_rate": [[0, 0.3], [0.5, 0.15], [0.8, 0.05]]}, where="params.yaml")
    assert config.masking_rates == FALLING
    assert parse(EncoderConfig, dump(config), where="again") == config


@pytest.mark.parametrize(
    ("rates", "fault"),
    [
        ([[0.1, 0.3]], "ascend from 0"),
        ([[0, 0.3], [0.5, 0.2], [0.5, 0.1]], "ascend from 0"),
        ([[0, 0.3], [1.0, 0.2]], "stay under 1"),
        ([[0, 0.3], [0.5, 0.0]], "each must be over 0"),
        ([], "ascend from 0"),
        (1.0, "each must be over 0"),
    ],
)
def test_wrong_rates_are_told(rates: object, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        parse(EncoderConfig, {"masking_rate": rates}, where="params.yaml")


@pytest.mark.parametrize("shares", [{}, {"token.v1": 0.9}, {"token.v1": 1.2, "whole_word.v1": -0.2}])
def test_shares_that_are_none_are_told(shares: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="together 1"):
        parse(EncoderConfig, {"masking": shares}, where="params.yaml")


class _OneRow:
    """Two hundred words of one token."""

    def __len__(self) -> int:
        return 7

    def __getitem__(self, _: int) -> dict[str, NDArray[Any]]:
        words = np.arange(200, dtype=np.int32)
        return {"ids": words + 9, "words": words, "terms": words - words - 1, "maskable": words >= 0, "block": words}


def test_rows_are_masked_at_the_rate_of_their_step() -> None:
    vocabulary: Any = SimpleNamespace(special_ids={"mask": 4}, ordinary=np.arange(9, 300))
    masker = Masker(
        masking=Mixture({"token.v1": 1.0}), rates=FALLING, replacement=Replacement(), vocabulary=vocabulary, seed=1
    )
    rows: Any = _OneRow()
    training = TrainingRows(rows, Order(7, rows_per_step=3, seed=1), masker, steps=10)
    predicted = [int((training[place]["labels"] != IGNORED).sum()) for place in range(len(training))]
    assert predicted == [60] * 15 + [30] * 9 + [10] * 6
    assert (EvaluationRows(rows, masker, count=2)[0]["labels"] != IGNORED).sum() == 10, "the last rate"


def test_an_average_over_no_step_is_refused() -> None:
    run = {"budget_tokens": 163_840, "tokens_per_step": 8_192}
    assert EncoderConfig.model_validate({**run, "average_share": 0.05}).first_averaged_step == 20
    with pytest.raises(ValueError, match="of 20 steps is less than half a step"):
        EncoderConfig.model_validate({**run, "average_share": 0.02})


def test_rates_that_rise_are_refused() -> None:
    with pytest.raises(ValueError, match="none may be over the one before"):
        EncoderConfig.model_validate({"masking_rate": ((0, 0.15), (0.5, 0.3))})


def test_compilation_may_be_given_as_yaml_reads_it() -> None:
    assert EncoderConfig.model_validate({"compilation": True}).compilation == "on"
    assert EncoderConfig.model_validate({"compilation": False}).compilation == "off"
    with pytest.raises(ValueError, match="compilation"):
        EncoderConfig.model_validate({"compilation": 3})
