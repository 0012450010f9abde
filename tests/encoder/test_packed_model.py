"""A packed row gives what its documents give alone, in plain transformers."""

import numpy as np
import pytest
import torch
from transformers import ModernBertForMaskedLM

from mecelle.encoder.batches import IGNORED, collate
from mecelle.encoder.packed_model import PackedMaskedLM, attention_masks
from mecelle.encoder.shapes import Shape, model_config

SHAPE = Shape(layers=3, width=32, heads=2, feed_forward=48, positions=64, window=8)


def models() -> tuple[PackedMaskedLM, ModernBertForMaskedLM]:
    torch.manual_seed(0)
    config = model_config(SHAPE, vocabulary=50, special_ids={"pad": 0, "cls": 1, "sep": 2})
    packed = PackedMaskedLM(config).eval()
    torch.nn.init.normal_(packed.decoder.bias)
    plain = ModernBertForMaskedLM(config).eval()
    plain.load_state_dict(packed.state_dict())
    return packed, plain


def test_documents_of_a_row_do_not_see_each_other() -> None:
    packed, plain = models()
    lengths = (20, 7, 25)  # longer than the window, so that local layers are told from global ones
    ids = torch.randint(3, 50, (2, 60))
    block = torch.full((2, 60), -1, dtype=torch.int32)
    block[:, : sum(lengths)] = torch.repeat_interleave(torch.arange(3), torch.tensor(lengths)).int()
    masks = attention_masks(block, half_window=packed.config.sliding_window)
    with torch.no_grad():
        together = packed.model(input_ids=ids, attention_mask=masks).last_hidden_state
        at = 0
        for length in lengths:
            alone = plain.model(input_ids=ids[:, at : at + length]).last_hidden_state
            torch.testing.assert_close(together[:, at : at + length], alone, atol=2e-5, rtol=1e-4)
            at += length
    assert together.isfinite().all(), "padding must not turn into NaN"


def test_loss_and_gradients_are_those_of_plain_transformers() -> None:
    packed, plain = models()
    ids = torch.randint(3, 50, (2, 30))
    labels = torch.full((2, 30), IGNORED)
    places = torch.tensor([[3, 9, 0], [0, 12, 29]])
    rows = []
    for number in range(2):
        real = [n for n in places[number].tolist() if n]
        labels[number, real] = torch.tensor(real) + 5
        own = [n + 5 if n else IGNORED for n in places[number].tolist()]
        rows.append(
            {
                "ids": ids[number].numpy(),
                "block": np.zeros(30, np.int32),
                "places": places[number].numpy(),
                "labels": np.array(own),
            }
        )
    expected = plain(input_ids=ids, labels=labels)
    output = packed(**collate(rows))
    assert output.loss.item() == pytest.approx(expected.loss.item(), rel=1e-5)
    right = (expected.logits.argmax(-1) == labels).sum().item()
    assert output.correct.item() == right
    expected.loss.backward()
    output.loss.backward()
    for (name, one), two in zip(plain.named_parameters(), packed.parameters(), strict=True):
        torch.testing.assert_close(one.grad, two.grad, atol=1e-5, rtol=1e-3, msg=name)
