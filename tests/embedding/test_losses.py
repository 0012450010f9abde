"""Losses against sentence-transformers' own, and against sums done by hand."""

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - the field's name
from sentence_transformers.sentence_transformer.losses import GISTEmbedLoss
from torch import Tensor, nn

from mecelle.base.errors import ConfigError
from mecelle.embedding.losses import LOSSES, GuideView
from mecelle.embedding.losses.guided import false_negative_share, false_negatives, guided_info_nce
from mecelle.embedding.losses.info_nce import info_nce
from mecelle.embedding.losses.nested import nested


def unit(rows: int, width: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return F.normalize(torch.randn(rows, width, generator=generator), dim=1)


class Echo(nn.Module):
    """A live model for GISTEmbedLoss: embeds a column by looking up what the test chose."""

    def __init__(self, columns: list[Tensor]) -> None:
        super().__init__()
        self.columns = columns

    def forward(self, features: dict[str, Any]) -> dict[str, Any]:
        return {**features, "sentence_embedding": self.columns[features["column"]]}


def live_gist(model: list[Tensor], guide: list[Tensor], *, temperature: float, margin: float) -> Tensor:
    """GISTEmbedLoss with a live guide; its constructor only wants to see tokenizers, which Echo has no use for."""
    loss = GISTEmbedLoss.__new__(GISTEmbedLoss)
    nn.Module.__init__(loss)
    loss.model, loss.guide = Echo(model), Echo(guide)
    loss.temperature, loss.margin, loss.margin_strategy = temperature, margin, "absolute"
    loss.must_retokenize = loss.gather_across_devices = False
    loss.contrast_anchors = loss.contrast_positives = True
    loss.similarity_fct, loss.cross_entropy_loss = nn.CosineSimilarity(dim=-1), nn.CrossEntropyLoss()
    return loss([{"column": i} for i in range(len(model))], torch.zeros(0))


@pytest.mark.parametrize("margin", [0.0, 0.1, 0.4])
@pytest.mark.parametrize("negatives", [False, True])
def test_guided_equals_gist_with_a_live_guide(margin: float, negatives: bool) -> None:
    model = [unit(12, 16, seed) for seed in range(3 if negatives else 2)]
    # The guide finds pairs close on the whole, so that masks are neither empty nor full.
    base = unit(12, 8, 10)
    guide = [F.normalize(base + 0.9 * unit(12, 8, 20 + i), dim=1) for i in range(len(model))]
    target = torch.arange(12)
    view = GuideView(guide[0], torch.cat(guide[1:]), margin)
    ours = guided_info_nce(model[0], torch.cat(model[1:]), target, temperature=0.05, guide=view)
    theirs = live_gist(model, guide, temperature=0.05, margin=margin)
    hidden = false_negatives(view, target)
    assert 24 < hidden.sum() < hidden.numel() - 12  # more than the queries and documents themselves, less than all
    assert ours.item() == pytest.approx(theirs.item(), abs=1e-5)


def test_gradients_equal_gist_with_a_live_guide() -> None:
    model = [unit(6, 8, seed).requires_grad_() for seed in (1, 2)]
    twin = [tensor.detach().clone().requires_grad_() for tensor in model]
    guide = [F.normalize(unit(6, 4, 3) + unit(6, 4, seed), dim=1) for seed in (4, 5)]
    guided_info_nce(*model, torch.arange(6), temperature=0.1, guide=GuideView(*guide)).backward()
    # The cosine of sentence-transformers divides by the norms, whose gradient lies along the vector: take it out.
    live_gist(twin, guide, temperature=0.1, margin=0.0).backward()
    for ours, theirs in zip(model, twin, strict=True):
        assert ours.grad is not None
        assert theirs.grad is not None
        along = (ours.grad * ours).sum(1, keepdim=True) * ours
        assert torch.allclose(ours.grad - along, theirs.grad, atol=1e-5)


def test_guided_without_false_negatives_is_the_plain_sum() -> None:
    q, d, target = unit(4, 8, 1), unit(4, 8, 2), torch.arange(4)
    eye = torch.eye(4)  # the guide finds nothing alike but the pairs
    guided = guided_info_nce(q, d, target, temperature=0.2, guide=GuideView(eye, eye))
    expected = []
    for i in range(4):
        sums = [(q[i] @ d[j]).item() for j in range(4)]
        sums += [(q[i] @ q[j]).item() for j in range(4) if j != i] + [(d[i] @ d[j]).item() for j in range(4) if j != i]
        expected.append(math.log(sum(math.exp(s / 0.2) for s in sums)) - sums[i] / 0.2)
    assert guided.item() == pytest.approx(sum(expected) / 4, abs=1e-5)
    assert guided > info_nce(q, d, target, temperature=0.2)


def test_equation_5_takes_out_what_is_exactly_as_close() -> None:
    guide_q = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    guide_d = torch.tensor([[0.6, 0.8], [0.6, 0.8]])  # one text twice: as close to query 0 as its own document
    hidden = false_negatives(GuideView(guide_q, guide_d), torch.arange(2))
    assert hidden[:, :2].tolist() == [[False, True], [True, False]]
    assert false_negative_share(GuideView(guide_q, guide_d), torch.arange(2)) == 1.0


def test_margin_takes_out_more() -> None:
    guide = [F.normalize(unit(10, 6, 3) + unit(10, 6, seed), dim=1) for seed in (4, 5)]
    shares = [false_negative_share(GuideView(*guide, margin), torch.arange(10)) for margin in (0.0, 0.2, 2.0)]
    assert shares[0] < shares[1] < shares[2] == 1.0


def test_all_negatives_hidden_leaves_a_finite_loss() -> None:
    q, d = unit(4, 8, 1), unit(4, 8, 2)
    guide = torch.ones(4, 1)
    assert guided_info_nce(q, d, torch.arange(4), temperature=0.05, guide=GuideView(guide, guide)).item() == 0.0


def test_target_may_be_any_row() -> None:
    q, d = unit(3, 8, 1), unit(3, 8, 2)
    order = torch.tensor([2, 0, 1])
    straight = info_nce(q, d, torch.arange(3), temperature=0.1)
    turned = info_nce(q, d[order], torch.tensor([1, 2, 0]), temperature=0.1)
    assert straight.item() == pytest.approx(turned.item(), abs=1e-6)


def test_nested_is_the_mean_over_unit_heads() -> None:
    q, d, target = unit(5, 8, 1), unit(5, 8, 2), torch.arange(5)
    parts = [
        info_nce(F.normalize(q[:, :k], dim=1), F.normalize(d[:, :k], dim=1), target, temperature=0.1) for k in (8, 4)
    ]
    got = nested(info_nce, (8, 4))(q, d, target, temperature=0.1, guide=None)
    assert got.item() == pytest.approx((parts[0].item() + parts[1].item()) / 2, abs=1e-6)


def test_registry_lists_the_folder() -> None:
    assert LOSSES.names() == ["guided_info_nce.v1", "info_nce.v1"]
    assert LOSSES.get("guided_info_nce.v1").guided
    with pytest.raises(ConfigError, match=r"did you mean 'info_nce\.v1'"):
        LOSSES.get("info_nc.v1")
