"""Shapes are those of the paper; estimates agree with what is."""

import pytest
from pydantic import ValidationError

from mecelle.encoder import shapes
from mecelle.encoder.config import EncoderConfig
from mecelle.encoder.estimate import estimate, flops, measure_speed


@pytest.mark.parametrize(
    ("shape", "published"), [(shapes.MECELLEM_BASE, 155_000_000), (shapes.MECELLEM_LARGE, 403_000_000)]
)
def test_mecellem_shapes_have_the_published_size(shape: shapes.Shape, published: int) -> None:
    count = shapes.parameters(shape, vocabulary=shapes.MECELLEM_VOCABULARY)
    assert count == pytest.approx(published, rel=0.01)


def test_heads_must_divide_width() -> None:
    with pytest.raises(ValidationError, match="no multiple"):
        shapes.Shape(layers=1, width=64, heads=5, feed_forward=64)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tokens_per_step": 5000}, "no multiple"),
        ({"sequence_length": 16384, "tokens_per_step": 65536}, "exceeds"),
        ({"warmup_share": 0.9}, "more than 1"),
        ({"masking_rat": 0.3}, "Extra inputs"),
    ],
)
def test_faults_of_a_configuration_are_told(change: dict[str, float], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        EncoderConfig(**change)


def test_steps_use_up_the_budget_and_evaluations_fall_on_logs() -> None:
    config = EncoderConfig(budget_tokens=1_000_000, tokens_per_step=8192)
    assert config.steps == 123
    assert config.steps * 8192 >= 1_000_000 > (config.steps - 1) * 8192
    for budget in (10_000, 1_000_000, 77_000_000):
        config = EncoderConfig(budget_tokens=budget)
        assert config.evaluation_steps % config.log_steps == 0


def test_estimate_follows_its_speed() -> None:
    config = EncoderConfig(budget_tokens=1_024_000, tokens_per_step=8192)
    found = estimate(config, vocabulary=16_384, tokens_per_second=1000.0)
    assert found.steps == 125
    assert 1024 < found.seconds < 1400  # evaluation and loading are added
    assert found.parameters == shapes.parameters(config.shape, vocabulary=16_384)
    assert 1.0 < found.memory_gib < 3.0


def test_speed_is_measured() -> None:
    config = EncoderConfig(shape=shapes.SMOKE, sequence_length=64, tokens_per_step=256)
    assert 100 < measure_speed(config, vocabulary=100) < 1e7
    assert flops(config, vocabulary=100).training > 0
