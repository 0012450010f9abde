"""A packed row gives what its documents give alone, in plain transformers."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from mecelle.encoder.attention import attention_masks
from mecelle.encoder.batches import collate
from mecelle.encoder.packed_model import FAMILIES, packed_model, plain_model
from mecelle.encoder.shapes import Shape, model_config
from mecelle.training import compilation
from mecelle.training.pieces import IGNORED

SIZES: dict[str, Any] = {"layers": 3, "width": 32, "heads": 2, "feed_forward": 48, "positions": 64}
SHAPES = [Shape(**SIZES, window=8), Shape(**SIZES, family="bert")]
families = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.family)
LENGTHS = (20, 7, 25)  # longer than the window, so that local layers are told from global ones
ROW = 60  # tiles of four: the last ones hold padding


def models(shape: Shape) -> tuple[Any, nn.Module]:
    """A packed model and the plain one of the same weights."""
    torch.manual_seed(0)
    packed = packed_model(model_config(shape, vocabulary=50, special_ids={"pad": 0, "cls": 1, "sep": 2})).eval()
    torch.nn.init.normal_(packed.head_parts()[1].bias)
    return packed, plain_model(packed).eval()


def packed_rows() -> list[dict[str, Any]]:
    """Two rows of three documents and padding; a few tokens of each are to be predicted."""
    rng = np.random.default_rng(0)
    block = np.full(ROW, -1, np.int32)
    block[: sum(LENGTHS)] = np.repeat(np.arange(3), LENGTHS)
    places = np.array([3, 9, 22, 26, 30, 51, 0])
    rows = []
    for _ in range(2):
        labels = rng.integers(3, 50, len(places))
        labels[-1] = IGNORED  # a slot that is not filled
        rows.append({"ids": rng.integers(3, 50, ROW), "block": block, "places": places, "labels": labels})
    return rows


def alone(rows: list[dict[str, Any]]) -> tuple[Tensor, Tensor, Tensor]:
    """The documents of `packed_rows`, one a row and padded: ids, attention mask and labels, each (6, 25)."""
    ids, mask, labels = (torch.zeros(6, 25, dtype=torch.long) for _ in range(3))
    labels += IGNORED
    for number, (row, document) in enumerate((row, document) for row in rows for document in range(3)):
        inside = np.flatnonzero(row["block"] == document)
        ids[number, : len(inside)] = torch.from_numpy(row["ids"][inside])
        mask[number, : len(inside)] = 1
        for place, label in zip(row["places"], row["labels"], strict=True):
            if label != IGNORED and place in inside:
                labels[number, place - inside[0]] = int(label)
    return ids, mask, labels


@families
def test_loss_and_gradients_are_those_of_plain_transformers_on_separate_documents(shape: Shape) -> None:
    packed, plain = models(shape)
    rows = packed_rows()
    ids, mask, labels = alone(rows)
    expected = plain(input_ids=ids, attention_mask=mask, labels=labels)
    output = packed(**collate(rows))
    assert (labels != IGNORED).sum() == 12
    assert output.loss.item() == pytest.approx(expected.loss.item(), rel=1e-5)
    assert output.correct.item() == (expected.logits.argmax(-1) == labels).sum().item()
    expected.loss.backward()
    output.loss.backward()
    for (name, one), two in zip(plain.named_parameters(), packed.parameters(), strict=True):
        torch.testing.assert_close(one.grad, two.grad, atol=1e-5, rtol=1e-3, msg=name)


@families
def test_bf16_stays_within_one_part_in_a_hundred(shape: Shape) -> None:
    packed, _ = models(shape)
    batch = collate(packed_rows())
    exact = packed(**batch).loss
    with torch.autocast("cpu", torch.bfloat16):
        rounded = packed(**batch).loss
    assert rounded.item() == pytest.approx(exact.item(), rel=1e-2)
    assert rounded.item() != exact.item(), "autocast must reach the products"
    one, two = (torch.cat([g.flatten() for g in torch.autograd.grad(x, packed.parameters())]) for x in (exact, rounded))
    assert (one - two).norm() / one.norm() < 0.05


@pytest.mark.filterwarnings("ignore")  # torch's compiler runs into warnings of torch
def test_compiled_parts_compute_the_same() -> None:
    if found := compilation.fault():
        pytest.skip(found)
    packed, _ = models(SHAPES[0])
    batch = collate(packed_rows())
    expected = packed(**batch).loss
    gradients = torch.autograd.grad(expected, packed.parameters())
    packed.compile_parts()
    loss = packed(**batch).loss
    assert packed.compiled
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    for one, two in zip(gradients, torch.autograd.grad(loss, packed.parameters()), strict=True):
        torch.testing.assert_close(one, two, atol=1e-5, rtol=1e-3)


@families
def test_layers_that_are_computed_again_give_the_same_loss_and_gradients(shape: Shape) -> None:
    packed, _ = models(shape)
    batch = collate(packed_rows())
    calls: list[int] = []
    inside = next(one for one in packed.layers()[0].modules() if isinstance(one, nn.Linear))
    inside.register_forward_pre_hook(lambda *_: calls.append(1))
    found = []
    for recompute in (False, True):
        packed.train().zero_grad()
        if recompute:
            packed.activation_checkpointing_enable()
        torch.manual_seed(1)  # of dropout
        loss = packed(**batch).loss
        loss.backward()
        found.append((loss.detach(), [one.grad.clone() for one in packed.parameters()]))
    assert len(calls) == 3  # once, then once and again
    (one, gradients), (two, others) = found
    assert torch.equal(one, two)
    for first, second in zip(gradients, others, strict=True):
        torch.testing.assert_close(first, second, atol=1e-6, rtol=1e-5)


def test_padding_does_not_turn_into_nan() -> None:
    packed, _ = models(SHAPES[0])
    batch = collate(packed_rows())
    assert packed.encode(batch["input_ids"], batch["block"]).isfinite().all()


def test_tiles_say_what_the_whole_mask_says() -> None:
    block = torch.tensor([[0] * 9 + [1] * 10 + [-1] * 5])
    whole = attention_masks(block, half_window=4, tiled=False)["sliding_attention"][0, 0]
    tiles = attention_masks(block, half_window=4, tiled=True)["sliding_attention"][0, 0]
    assert tiles.shape == (6, 4, 12)
    padded = torch.nn.functional.pad(whole, (4, 4))
    for number, tile in enumerate(tiles):
        assert torch.equal(tile, padded[4 * number : 4 * number + 4, 4 * number : 4 * number + 12])
    assert whole.sum() == tiles.sum(), "nothing in reach lies outside the tiles"


@pytest.mark.parametrize(("length", "half_window"), [(24, 5), (12, 4)])
def test_rows_that_tiles_do_not_fit_keep_the_whole_mask(length: int, half_window: int) -> None:
    masks = attention_masks(torch.zeros(1, length, dtype=torch.int32), half_window=half_window, tiled=True)
    assert masks["sliding_attention"].shape == (1, 1, length, length)


def test_training_does_not_pay_for_accuracy() -> None:
    packed, _ = models(SHAPES[0])
    assert packed.train()(**collate(packed_rows())).correct is None


@families
def test_the_plain_model_leaves_the_packed_one_as_it_was(shape: Shape) -> None:
    packed, plain = models(shape)
    assert plain.config.to_dict() == packed.config.to_dict()
    assert plain.config._attn_implementation == "sdpa"
    assert packed.config._attn_implementation == "mecelle_packed"
    assert type(packed) is FAMILIES[packed.config.model_type]
