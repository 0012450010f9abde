"""Shapes are those of the paper; estimates agree with what is; precisions that need a card are refused without one."""

from pathlib import Path

import orjson
import pytest
import torch
from pydantic import ValidationError

from mecelle.base.errors import InputError, ResourceError
from mecelle.decoder import shapes
from mecelle.decoder.config import DecoderConfig, Lora
from mecelle.decoder.estimate import measure_speed
from mecelle.decoder.flops import causal_flops
from mecelle.decoder.memory import adapter_parameters, memory
from mecelle.decoder.packed_model import packed_model
from mecelle.decoder.precision import STRATEGIES, strategy_of
from mecelle.training.utilisation import read_speeds, utilisation


@pytest.mark.parametrize(("shape", "published"), [(shapes.QWEN3_1_7B, 1_720_574_976), (shapes.QWEN3_4B, 4_022_468_096)])
def test_table_7_has_the_published_size(shape: shapes.DecoderShape, published: int) -> None:
    assert shapes.parameters(shape, vocabulary=shapes.QWEN3_VOCABULARY) == published
    config = shapes.model_config(shape, vocabulary=shapes.QWEN3_VOCABULARY)
    assert (config.max_position_embeddings, config.rope_parameters["rope_theta"]) == (40_960, 1_000_000.0)


@pytest.mark.parametrize(("shape", "millions"), [(shapes.TINY, 8), (shapes.SMALL, 25), (shapes.MEDIUM, 70)])
def test_laptop_shapes_have_about_their_size_without_embeddings(shape: shapes.DecoderShape, millions: int) -> None:
    assert shapes.parameters_of_layers(shape) == pytest.approx(1e6 * millions, rel=0.02)


@pytest.mark.parametrize(
    ("change", "words"),
    [({"key_heads": 3}, "no multiple of key_heads 3"), ({"head_width": 15}, "head_width 15 is odd")],
)
def test_shapes_that_cannot_be_are_told(change: dict[str, int], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        shapes.DecoderShape(**shapes.SMOKE.model_dump() | change)


def test_defaults_are_those_of_the_paper() -> None:
    config = DecoderConfig()
    assert config.learning_rate * config.floor == pytest.approx(5e-6)
    assert (config.weight_decay, config.schedule, config.lora) == (0.01, "warmup_cosine.v1", None)


def test_flops_are_those_of_the_formula() -> None:
    config = DecoderConfig(shape=shapes.QWEN3_1_7B, sequence_length=4096, tokens_per_step=4096 * 4)
    model = shapes.empty_model(config.shape, vocabulary=shapes.QWEN3_VOCABULARY)
    found = causal_flops(model, sequence_length=config.sequence_length)
    of_layer = 2 * (2 * 2048 * 2048 + 2 * 2048 * 1024 + 3 * 2048 * 6144)
    assert found.matrices == 28 * of_layer
    assert found.head == 2 * 2048 * shapes.QWEN3_VOCABULARY
    assert found.attention == 28 * 4 * 2048 * 4097 / 2
    # Table 9 counts six operations a parameter: 19.7% of 200 x 989e12 at 3.77M tokens/s.
    assert 3 * (found.matrices + found.head) == pytest.approx(0.197 * 200 * 989e12 / 3.77e6, rel=0.01)


def test_speed_is_measured() -> None:
    config = DecoderConfig(shape=shapes.SMOKE, sequence_length=64, tokens_per_step=256)
    before = torch.get_rng_state()
    assert 100 < measure_speed(config, vocabulary=100) < 1e7
    assert torch.equal(before, torch.get_rng_state())


def test_memory_follows_what_it_is_for() -> None:
    base = DecoderConfig(shape=shapes.QWEN3_1_7B, sequence_length=4096, rows_per_batch=2, tokens_per_step=8192)
    count = shapes.parameters(shapes.QWEN3_1_7B, vocabulary=151_936)
    found = memory(base, vocabulary=151_936, precision="bf16")
    assert found.moments == pytest.approx(8 * count / 2**30)
    assert found.head < 10  # not 8,192 x 151,936 x 12 bytes
    again = memory(base.model_copy(update={"recompute": True}), vocabulary=151_936, precision="bf16")
    assert again.activations < 0.2 * found.activations
    averaged = memory(base.model_copy(update={"average_share": 0.1}), vocabulary=151_936, precision="bf16")
    assert averaged.weights == pytest.approx(found.weights + 4 * count / 2**30)
    sharded = memory(base, vocabulary=151_936, precision="bf16", shards=64)
    assert sharded.moments == pytest.approx(found.moments / 64)
    lora = memory(base.model_copy(update={"lora": Lora(rank=16)}), vocabulary=151_936, precision="bf16")
    assert lora.moments + lora.gradients < 0.02 * (found.moments + found.gradients)


def test_adapters_are_counted_as_they_are() -> None:
    peft = pytest.importorskip("peft")
    assert peft
    from mecelle.decoder.adapters import add_adapters

    model = packed_model(shapes.model_config(shapes.SMOKE, vocabulary=50))
    add_adapters(model, Lora(rank=4))
    assert model.num_parameters(only_trainable=True) == adapter_parameters(shapes.SMOKE, rank=4)


@pytest.mark.parametrize("precision", ["fp16", "bf16-fp8", "fp16-fp8", "bf16-fp8-cs", "fp16-fp8-cs"])
def test_what_needs_a_card_is_refused_without_one(precision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ResourceError, match=f'precision "{precision}".*graphics card'):
        strategy_of(precision)  # type: ignore[arg-type]


def test_strategies_are_those_of_table_21() -> None:
    assert {one.nemo for one in STRATEGIES.values() if one.nemo} == {
        "bf16_mixed", "fp16_mixed", "bf16_with_fp8_mixed", "fp16_with_fp8_mixed",
        "bf16_with_fp8_current_scaling_mixed", "fp16_with_fp8_current_scaling_mixed",
    }  # fmt: skip
    for name, one in STRATEGIES.items():
        assert name.startswith(one.arithmetic)
        assert one.edges_in_half == name.endswith("-cs") == (one.scaling == "tensorwise")
    assert strategy_of("bf16") is STRATEGIES["bf16"]
    assert strategy_of("auto").scaling is None


def test_utilisation_has_a_mean_and_a_median_without_what_comes_between(tmp_path: Path) -> None:
    rows = [
        {"step": 1, "tokens_per_second": 100.0, "step_tokens_per_second": 110.0},
        {"step": 2, "tokens_per_second": 50.0, "step_tokens_per_second": 100.0},
        {"step": 3, "tokens_per_second": 100.0, "step_tokens_per_second": 120.0},
    ]
    (tmp_path / "speed.jsonl").write_bytes(b"\n".join(map(orjson.dumps, rows)))
    found = utilisation(read_speeds(tmp_path / "speed.jsonl"), flops_per_token=2.0, peak=1000.0)
    assert found.tokens_per_second == pytest.approx(75.0)
    assert found.mean == pytest.approx(0.15)
    assert (found.median_tokens_per_second, found.median) == (110.0, pytest.approx(0.22))
    with pytest.raises(InputError, match="no speed in it"):
        read_speeds(tmp_path / "absent.jsonl")
