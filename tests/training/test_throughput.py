"""Operations are those of torch's own counter."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import ModernBertForMaskedLM

from mecelle.encoder.shapes import SMOKE, model_config
from mecelle.training.throughput import encoder_flops, matmul_peak


def test_operations_agree_with_the_counter_of_torch() -> None:
    length, vocabulary = 32, 100
    config = model_config(SMOKE, vocabulary=vocabulary, special_ids={"pad": 0, "cls": 1, "sep": 2})
    config._attn_implementation = "eager"  # the counter knows matrix products
    model = ModernBertForMaskedLM(config).eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(input_ids=torch.ones(1, length, dtype=torch.long))
    ours = encoder_flops(
        width=64, feed_forward=96, global_layers=1, local_layers=1, sequence_length=length, window=128,
        vocabulary=vocabulary, predicted_share=1.0,
    )  # fmt: skip
    assert counter.get_total_flops() == pytest.approx(ours.forward * length, rel=0.01)  # rotary angles are counted too
    assert ours.training == 3 * ours.forward


def test_local_layers_count_their_window_alone() -> None:
    shape = {"width": 8, "feed_forward": 8, "sequence_length": 512, "window": 64, "vocabulary": 10}
    near = encoder_flops(**shape, global_layers=0, local_layers=1, predicted_share=0.3)
    far = encoder_flops(**shape, global_layers=1, local_layers=0, predicted_share=0.3)
    assert near.attention / far.attention == pytest.approx(65 / 512)


def test_the_peak_is_measured() -> None:
    assert matmul_peak(torch.float32, size=64, seconds=0.01) > 1e6
