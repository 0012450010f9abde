"""A packed row gives what its documents give alone, in plain transformers, whatever the family."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode
from transformers import GPT2Config, LlamaConfig, MistralConfig, PreTrainedConfig

from mecelle.decoder import attention, loss
from mecelle.decoder.packed_model import packed_model, plain_model
from mecelle.decoder.rows import collate
from mecelle.decoder.shapes import DecoderShape, model_config
from mecelle.training import compilation
from mecelle.training.pieces import IGNORED

SHAPE = DecoderShape(layers=2, width=32, heads=4, key_heads=2, head_width=8, feed_forward=48, positions=64)
SIZES: dict[str, Any] = {
    "vocab_size": 50, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "max_position_embeddings": 64,
}  # fmt: skip
FAMILIES: dict[str, PreTrainedConfig] = {
    "qwen3": model_config(SHAPE, vocabulary=50),
    "llama-untied": LlamaConfig(**SIZES, tie_word_embeddings=False, attention_bias=True),
    "mistral-window": MistralConfig(**SIZES, sliding_window=6),
    "gpt2": GPT2Config(vocab_size=50, n_positions=64, n_embd=32, n_layer=2, n_head=4, attn_pdrop=0.0),
}
families = pytest.mark.parametrize("config", FAMILIES.values(), ids=FAMILIES)
LENGTHS = (20, 7, 25)
ROW = 56  # tiles of 14; the last one holds padding


@families
def test_the_layers_are_no_experts_inside_of_them(config: PreTrainedConfig) -> None:
    packed = packed_model(config)
    layers = packed.layers()
    assert len(layers) == 2
    for layer in layers:
        layer.mlp.experts = nn.ModuleList(nn.Linear(2, 2) for _ in range(8))
    assert packed.layers() is layers


def models(config: PreTrainedConfig) -> tuple[Any, nn.Module]:
    """A packed model and the plain one of the same weights."""
    torch.manual_seed(0)
    packed = packed_model(config).eval()
    return packed, plain_model(packed).eval()


def packed_rows() -> list[dict[str, Any]]:
    """Two rows of three documents and padding."""
    rng = np.random.default_rng(0)
    block = np.full(ROW, -1, np.int32)
    block[: sum(LENGTHS)] = np.repeat(np.arange(3), LENGTHS)
    rows = []
    for _ in range(2):
        ids = rng.integers(3, 50, ROW)
        inside = (block[1:] == block[:-1]) & (block[1:] >= 0)
        labels = np.append(np.where(inside, ids[1:], IGNORED), IGNORED)
        rows.append({"ids": ids, "block": block, "labels": labels})
    return rows


def alone(plain: nn.Module, rows: list[dict[str, Any]]) -> tuple[Tensor, int]:
    """Mean loss of the documents of `rows`, each given alone to plain transformers, and how many tokens were right."""
    total, right, count = torch.zeros(()), 0, 0
    for row in rows:
        for document in range(3):
            ids = torch.from_numpy(row["ids"][row["block"] == document])[None]
            output = plain(input_ids=ids, labels=ids)
            total = total + output.loss * (ids.shape[1] - 1)
            right += int((output.logits[0, :-1].argmax(-1) == ids[0, 1:]).sum())
            count += ids.shape[1] - 1
    return total / count, right


@families
def test_loss_and_gradients_are_those_of_plain_transformers_on_separate_documents(
    config: PreTrainedConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loss, "CHUNK", 40)  # chunks that end inside documents, and a shorter last one
    packed, plain = models(config)
    rows = packed_rows()
    expected, right = alone(plain, rows)
    output = packed(**collate(rows))
    assert output.loss.item() == pytest.approx(expected.item(), rel=1e-5)
    assert output.correct.item() == right
    expected.backward()
    output.loss.backward()
    assert any(name.endswith("lm_head.weight") for name, _ in plain.named_parameters()) == (
        not packed.config.tie_word_embeddings
    )
    for (name, one), two in zip(plain.named_parameters(), packed.parameters(), strict=True):
        torch.testing.assert_close(one.grad, two.grad, atol=1e-5, rtol=1e-3, msg=name)


def test_documents_of_a_row_do_not_see_each_other() -> None:
    packed, _ = models(FAMILIES["qwen3"])
    batch = collate(packed_rows())
    before = packed.encode(batch["input_ids"], batch["block"])
    batch["input_ids"][:, :20] = 4  # another first document
    after = packed.encode(batch["input_ids"], batch["block"])
    assert not torch.equal(before[:, :20], after[:, :20])
    assert torch.equal(before[:, 20:], after[:, 20:])
    assert before.isfinite().all()  # padding, too


@pytest.mark.parametrize("tiles", [1, 2, 5])
def test_tiles_change_nothing(tiles: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five do not divide a row, which is then one tile."""
    packed, _ = models(FAMILIES["qwen3"])
    batch = collate(packed_rows())
    expected = packed.encode(batch["input_ids"], batch["block"])
    monkeypatch.setattr(attention, "TILES", tiles)
    torch.testing.assert_close(packed.encode(batch["input_ids"], batch["block"]), expected)


def test_bf16_stays_within_one_part_in_a_hundred() -> None:
    packed, _ = models(FAMILIES["qwen3"])
    batch = collate(packed_rows())
    exact = packed(**batch).loss
    with torch.autocast("cpu", torch.bfloat16):
        rounded = packed(**batch).loss
    assert rounded.item() == pytest.approx(exact.item(), rel=1e-2)
    assert rounded.item() != exact.item(), "autocast must reach the products"
    one, two = (torch.cat([g.flatten() for g in torch.autograd.grad(x, packed.parameters())]) for x in (exact, rounded))
    assert (one - two).norm() / one.norm() < 0.05


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # torch's compiler runs into warnings of torch
def test_compiled_parts_compute_the_same() -> None:
    if found := compilation.fault():
        pytest.skip(found)
    packed, _ = models(FAMILIES["qwen3"])
    batch = collate(packed_rows())
    expected = packed(**batch).loss
    gradients = torch.autograd.grad(expected, packed.parameters())
    packed.compile_parts()
    found_loss = packed(**batch).loss
    assert packed.compiled
    assert found_loss.item() == pytest.approx(expected.item(), rel=1e-5)
    for one, two in zip(gradients, torch.autograd.grad(found_loss, packed.parameters()), strict=True):
        torch.testing.assert_close(one, two, atol=1e-5, rtol=1e-3)


def test_chunked_loss_has_a_bias_too_and_never_all_logits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loss, "CHUNK", 4)
    torch.manual_seed(0)
    hidden, head = torch.randn(10, 6, requires_grad=True), nn.Linear(6, 9)
    labels = torch.tensor([1, IGNORED, 3, 8, 0, 5, IGNORED, 2, 2, 7])
    largest = []

    def watched(logits: Tensor, some: Tensor) -> tuple[Tensor, Tensor]:
        largest.append(len(logits))
        return loss.chunk_loss(logits, some)

    total = loss.chunked_loss(hidden, head, labels, watched)
    expected = nn.functional.cross_entropy(head(hidden), labels, ignore_index=IGNORED, reduction="sum")
    torch.testing.assert_close(total, expected)
    inputs = (hidden, head.weight, head.bias)
    for one, two in zip(torch.autograd.grad(3 * total, inputs), torch.autograd.grad(3 * expected, inputs), strict=True):
        torch.testing.assert_close(one, two)
    assert largest == [4, 4, 2]


@pytest.mark.parametrize("half", [False, True])
def test_scoring_makes_the_logits_once_and_gives_the_loss_of_training_to_the_bit(
    half: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loss, "CHUNK", 32)
    packed, _ = models(FAMILIES["qwen3"])
    batch = collate(packed_rows())
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        expected = packed.train()(**batch).loss
        hidden = packed.eval().encode(batch["input_ids"], batch["block"]).flatten(0, 1).detach()
        labels, head = batch["labels"].flatten(), packed.get_output_embeddings()
        with torch.no_grad(), FlopCounterMode(display=False) as counted:
            told, correct = loss.judged(hidden, head, labels)
        right = (head(hidden).argmax(-1) == labels)[labels != IGNORED].sum()
    assert torch.equal(told / (labels != IGNORED).sum(), expected)
    assert correct == right
    assert counted.get_total_flops() == 2 * hidden.numel() * head.weight.shape[0]
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=half):
        assert torch.equal(packed(**batch).loss, expected)


def test_a_frozen_head_has_no_gradient_computed() -> None:
    torch.manual_seed(0)
    hidden, head, labels = torch.randn(10, 6, requires_grad=True), nn.Linear(6, 9), torch.arange(9).repeat(2)[:10]
    (expected,) = torch.autograd.grad(loss.chunked_loss(hidden, head, labels), (hidden,))
    head.requires_grad_(False)
    with FlopCounterMode(display=False) as counted:
        total = loss.chunked_loss(hidden, head, labels)
    assert counted.get_total_flops() == 2 * (2 * 10 * 6 * 9)  # logits, and the gradient by the hidden states
    assert torch.equal(torch.autograd.grad(total, (hidden,))[0], expected)


def test_training_does_not_pay_for_accuracy() -> None:
    packed, _ = models(FAMILIES["qwen3"])
    assert packed.train()(**collate(packed_rows())).correct is None


def test_the_plain_model_leaves_the_packed_one_as_it_was() -> None:
    packed, plain = models(FAMILIES["qwen3"])
    assert plain.config.to_dict() == packed.config.to_dict()
    assert (plain.config._attn_implementation, packed.config._attn_implementation) == ("sdpa", attention.PACKED)


def test_scales_of_fp8_products_are_left_behind() -> None:
    packed = packed_model(FAMILIES["qwen3"])

    class Scaled(nn.Linear):
        """Keeps a state beside its weights, as the layers of TransformerEngine do."""

        def get_extra_state(self) -> Tensor:
            return torch.ones(3)

        def set_extra_state(self, state: Tensor) -> None:
            raise AssertionError(state)

    packed.layers()[0].mlp.up_proj.__class__ = Scaled
    assert any(name.endswith("up_proj._extra_state") for name in packed.state_dict())
    plain = plain_model(packed)
    assert torch.equal(plain.state_dict()["model.layers.0.mlp.up_proj.weight"], packed.layers()[0].mlp.up_proj.weight)
