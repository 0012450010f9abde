"""Shapes are those of the paper; estimates agree with what is."""

import pytest
from pydantic import ValidationError
from transformers import RobertaConfig

from mecelle.base.errors import MismatchError
from mecelle.encoder import shapes
from mecelle.encoder.config import EncoderConfig
from mecelle.encoder.estimate import estimate, flops, measure_speed
from mecelle.encoder.memory import memory


@pytest.mark.parametrize(
    ("shape", "vocabulary", "published"),
    [
        # Well-known counts of these shapes with their own vocabularies: ModernBERT-base and bert-base-uncased.
        (shapes.MECELLEM_BASE, 50_368, 149_655_232),
        (shapes.BERT_BASE, 30_522, 109_514_298),
    ],
)
def test_shapes_have_the_published_size(shape: shapes.Shape, vocabulary: int, published: int) -> None:
    assert shapes.parameters(shape, vocabulary=vocabulary) == published


@pytest.mark.parametrize(("shape", "millions"), [(shapes.MECELLEM_BASE, 155), (shapes.MECELLEM_LARGE, 403)])
def test_table_4_counts_the_encoder_without_its_head(shape: shapes.Shape, millions: int) -> None:
    encoder = shapes.empty_model(shape, vocabulary=shapes.MECELLEM_VOCABULARY).base_model
    assert sum(parameter.numel() for parameter in encoder.parameters()) // 1_000_000 == millions


@pytest.mark.parametrize(("shape", "millions"), [(shapes.TINY, 8), (shapes.SMALL, 25), (shapes.MEDIUM, 60)])
def test_laptop_shapes_have_about_their_size_without_embeddings(shape: shapes.Shape, millions: int) -> None:
    assert shapes.parameters_of_layers(shape) == pytest.approx(1e6 * millions, rel=0.08)


@pytest.mark.parametrize("shape", [shapes.SMOKE, shapes.MECELLEM_LARGE, shapes.BERT_BASE])
def test_shape_is_read_back_from_a_configuration(shape: shapes.Shape) -> None:
    config = shapes.model_config(shape, vocabulary=99, special_ids={"pad": 3, "cls": 4, "sep": 5})
    assert shapes.shape_of(config) == shape
    assert (config.vocab_size, config.pad_token_id) == (99, 3)


def test_other_kinds_of_model_have_no_shape() -> None:
    with pytest.raises(MismatchError, match="roberta"):
        shapes.shape_of(RobertaConfig())


def test_a_bert_has_no_window() -> None:
    with pytest.raises(ValidationError, match="window: a BERT has no such thing"):
        shapes.Shape(family="bert", layers=1, width=64, heads=2, feed_forward=64, window=64)


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


def test_flops_know_the_family() -> None:
    """A BERT's feed-forward part has two matrices, and all its layers see the whole row."""
    config = EncoderConfig(shape=shapes.BERT_BASE, sequence_length=512)
    found = flops(config, vocabulary=48_000)
    assert found.matrices == 12 * 2 * (4 * 768**2 + 2 * 768 * 3072)
    assert found.attention == 12 * 4 * 768 * 512


def test_memory_follows_what_it_is_for() -> None:
    base = EncoderConfig(shape=shapes.MECELLEM_BASE, sequence_length=1024, tokens_per_step=65_536, rows_per_batch=32)
    count, gib = shapes.parameters(shapes.MECELLEM_BASE, vocabulary=59_008), 2**30
    found = memory(base, vocabulary=59_008, precision="bf16")
    assert found.moments == pytest.approx(8 * count / gib)
    assert found.gradients == pytest.approx(4 * count / gib)
    assert found.activations == pytest.approx(32 * 1024 * 22 * (24 * 768 + 8 * 1152) / gib)
    recomputed = base.model_copy(update={"recompute": True})
    assert memory(recomputed, vocabulary=59_008, precision="bf16").total < 0.5 * found.total
    averaged = memory(base.model_copy(update={"average_share": 0.1}), vocabulary=59_008, precision="bf16")
    assert averaged.weights == pytest.approx(found.weights + 4 * count / gib)
    sharded = memory(base, vocabulary=59_008, precision="bf16", shards=64)
    assert sharded.moments == pytest.approx(found.moments / 64)
    muon = memory(base.model_copy(update={"optimizer": "muon.v1"}), vocabulary=59_008, precision="bf16")
    assert muon.moments < 0.7 * found.moments
