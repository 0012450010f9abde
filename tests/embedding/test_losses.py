"""Losses against sums done by hand in double precision, and against sentence-transformers' own on the same vectors."""

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - the field's name
from numpy.typing import NDArray
from sentence_transformers.sentence_transformer import losses as theirs
from torch import Tensor, nn

from mecelle.base.errors import ConfigError
from mecelle.embedding.losses import LOSSES, GuideView, LossFunction
from mecelle.embedding.losses.cosent import cosent
from mecelle.embedding.losses.distill_cosine import distill_cosine
from mecelle.embedding.losses.distill_ranking import distill_ranking
from mecelle.embedding.losses.distilled_guided import distilled_guided
from mecelle.embedding.losses.guided import false_negative_share, false_negatives, guided_info_nce
from mecelle.embedding.losses.info_nce import info_nce
from mecelle.embedding.losses.multiple_negatives import multiple_negatives
from mecelle.embedding.losses.nested import nested
from mecelle.embedding.losses.qwen3 import qwen3_info_nce

NAMES = [
    "cosent.v1",
    "distill_cosine.v1",
    "distill_ranking.v1",
    "distilled_guided.v1",
    "guided_info_nce.v1",
    "info_nce.v1",
    "multiple_negatives.v1",
    "qwen3_info_nce.v1",
]
Double = NDArray[np.float64]


def unit(rows: int, width: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return F.normalize(torch.randn(rows, width, generator=generator), dim=1)


def like(base: Tensor, seed: int, *, noise: float = 0.9) -> Tensor:
    """Vectors near those of `base`, as answers are near their questions."""
    return F.normalize(base + noise * unit(*base.shape, seed), dim=1)


class Echo(nn.Module):
    """A live model: embeds a column by looking up what the test chose."""

    def __init__(self, columns: list[Tensor]) -> None:
        super().__init__()
        self.columns = columns

    def __iter__(self) -> Any:
        return iter(())

    def get_embedding_dimension(self) -> int:
        return self.columns[0].shape[1]

    def forward(self, features: dict[str, Any]) -> dict[str, Any]:
        return {**features, "sentence_embedding": self.columns[features["column"]]}


def asked(loss: nn.Module, columns: int, labels: Tensor | None = None) -> Tensor:
    """A loss of sentence-transformers on the columns that its Echo holds."""
    value: Tensor = loss([{"column": i} for i in range(columns)], torch.zeros(0) if labels is None else labels)
    return value


def live_gist(model: list[Tensor], guide: list[Tensor], *, temperature: float, margin: float) -> Tensor:
    """GISTEmbedLoss with a live guide; its constructor only wants to see tokenizers, which Echo has no use for."""
    loss = theirs.GISTEmbedLoss.__new__(theirs.GISTEmbedLoss)
    nn.Module.__init__(loss)
    loss.model, loss.guide = Echo(model), Echo(guide)
    loss.temperature, loss.margin, loss.margin_strategy = temperature, margin, "absolute"
    loss.must_retokenize = loss.gather_across_devices = False
    loss.contrast_anchors = loss.contrast_positives = True
    loss.similarity_fct, loss.cross_entropy_loss = nn.CosineSimilarity(dim=-1), nn.CrossEntropyLoss()
    return asked(loss, len(model))


def double(*tensors: Tensor) -> list[Double]:
    return [tensor.double().numpy() for tensor in tensors]


def nats(scores: list[float], own: float) -> float:
    """Negative log-probability of `own` among `scores`, which hold it."""
    return float(np.log(np.sum(np.exp(np.array(scores)))) - own)


# InfoNCE, multiple negatives


def test_info_nce_by_hand() -> None:
    q, d, t = unit(5, 8, 1), unit(7, 8, 2), 0.2
    target = torch.tensor([2, 0, 6, 4, 1])
    q_, d_ = double(q, d)
    expected = np.mean([nats([q_[i] @ d_[j] / t for j in range(7)], q_[i] @ d_[target[i]] / t) for i in range(5)])
    assert info_nce(q, d, target, temperature=t).item() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("symmetric", [False, True])
def test_multiple_negatives_equals_sentence_transformers(symmetric: bool) -> None:
    q, d = unit(12, 16, 1), unit(12, 16, 2)
    ours = multiple_negatives(q, d, torch.arange(12), temperature=0.05, symmetric=symmetric)
    both_ways = {"directions": ("query_to_doc", "doc_to_query"), "partition_mode": "per_direction"}
    loss = theirs.MultipleNegativesRankingLoss(Echo([q, d]), **(both_ways if symmetric else {}))
    assert ours.item() == pytest.approx(asked(loss, 2).item(), abs=1e-5)


def test_the_way_back_by_hand() -> None:
    q, d, t = unit(4, 8, 1), unit(6, 8, 2), 0.3  # two hard negatives, which no query belongs to
    q_, d_ = double(q, d)
    there = [nats([q_[i] @ d_[j] / t for j in range(6)], q_[i] @ d_[i] / t) for i in range(4)]
    back = [nats([q_[j] @ d_[i] / t for j in range(4)], q_[i] @ d_[i] / t) for i in range(4)]
    ours = multiple_negatives(q, d, torch.arange(4), temperature=t, symmetric=True)
    assert ours.item() == pytest.approx((np.mean(there) + np.mean(back)) / 2, abs=1e-5)


# Guided


@pytest.mark.parametrize("margin", [0.0, 0.1, 0.4])
@pytest.mark.parametrize("negatives", [False, True])
def test_guided_equals_gist_with_a_live_guide(margin: float, negatives: bool) -> None:
    model = [unit(12, 16, seed) for seed in range(3 if negatives else 2)]
    # The guide finds pairs close on the whole, so that masks are neither empty nor full.
    base = unit(12, 8, 10)
    guide = [like(base, 20 + i) for i in range(len(model))]
    target = torch.arange(12)
    view = GuideView(guide[0], torch.cat(guide[1:]))
    ours = guided_info_nce(model[0], torch.cat(model[1:]), target, temperature=0.05, guide=view, margin=margin)
    hidden = false_negatives(view, target, margin=margin)
    assert 24 < hidden.sum() < hidden.numel() - 12  # more than the queries and documents themselves, less than all
    assert ours.item() == pytest.approx(live_gist(model, guide, temperature=0.05, margin=margin).item(), abs=1e-5)


def test_gradients_equal_gist_with_a_live_guide() -> None:
    model = [unit(6, 8, seed).requires_grad_() for seed in (1, 2)]
    twin = [tensor.detach().clone().requires_grad_() for tensor in model]
    guide = [like(unit(6, 4, 3), seed) for seed in (4, 5)]
    guided_info_nce(*model, torch.arange(6), temperature=0.1, guide=GuideView(*guide)).backward()
    # The cosine of sentence-transformers divides by the norms, whose gradient lies along the vector: take it out.
    live_gist(twin, guide, temperature=0.1, margin=0.0).backward()
    for ours, other in zip(model, twin, strict=True):
        assert ours.grad is not None
        assert other.grad is not None
        along = (ours.grad * ours).sum(1, keepdim=True) * ours
        assert torch.allclose(ours.grad - along, other.grad, atol=1e-5)


def test_guided_without_false_negatives_is_the_plain_sum() -> None:
    q, d, target = unit(4, 8, 1), unit(4, 8, 2), torch.arange(4)
    eye = torch.eye(4)  # the guide finds nothing alike but the pairs
    guided = guided_info_nce(q, d, target, temperature=0.2, guide=GuideView(eye, eye))
    q_, d_ = double(q / 0.2**0.5, d / 0.2**0.5)
    expected = []
    for i in range(4):
        others = [q_[i] @ q_[j] for j in range(4) if j != i] + [d_[i] @ d_[j] for j in range(4) if j != i]
        expected.append(nats([q_[i] @ d_[j] for j in range(4)] + others, q_[i] @ d_[i]))
    assert guided.item() == pytest.approx(np.mean(expected), abs=1e-5)
    assert guided > info_nce(q, d, target, temperature=0.2)


def test_equation_5_takes_out_what_is_exactly_as_close() -> None:
    guide_q = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    guide_d = torch.tensor([[0.6, 0.8], [0.6, 0.8]])  # one text twice: as close to query 0 as its own document
    hidden = false_negatives(GuideView(guide_q, guide_d), torch.arange(2))
    assert hidden[:, :2].tolist() == [[False, True], [True, False]]
    assert false_negative_share(GuideView(guide_q, guide_d), torch.arange(2)) == 1.0


def test_margin_takes_out_more() -> None:
    view, target = GuideView(*(like(unit(10, 6, 3), seed) for seed in (4, 5))), torch.arange(10)
    shares = [false_negative_share(view, target, margin=margin) for margin in (0.0, 0.2, 2.0)]
    assert shares[0] < shares[1] < shares[2] == 1.0
    masked = false_negatives(view, target, margin=0.2)[:, :10].sum() / 90
    assert shares[1] == pytest.approx(masked.item())


def test_all_negatives_hidden_leaves_a_finite_loss() -> None:
    q, d = unit(4, 8, 1), unit(4, 8, 2)
    guide = torch.ones(4, 1)
    assert guided_info_nce(q, d, torch.arange(4), temperature=0.05, guide=GuideView(guide, guide)).item() == 0.0


# Qwen3


def qwen3_by_hand(q: Double, d: Double, target: list[int], *, temperature: float, tolerance: float) -> float:
    """Eq. 1 of arXiv 2506.05176, term by term; own documents of other queries as the d_j of the second sum."""
    total = []
    for i, own in enumerate(target):
        best = q[i] @ d[own]
        others = [j for j in range(len(q)) if j != i and target[j] != own]
        cosines = [q[i] @ d[n] for n in range(len(d)) if n != own]
        cosines += [q[i] @ q[j] for j in others] + [d[own] @ d[target[j]] for j in others]
        kept = [best, *(cosine for cosine in cosines if cosine <= best + tolerance)]
        total.append(nats([cosine / temperature for cosine in kept], best / temperature))
    return float(np.mean(total))


@pytest.mark.parametrize("tolerance", [0.0, 0.1, 2.0])
def test_qwen3_by_hand(tolerance: float) -> None:
    q = unit(6, 5, 1)
    d = torch.cat([like(q, 2), unit(3, 5, 3)])
    target = torch.tensor([0, 1, 2, 3, 3, 5])  # queries 3 and 4 ask for the same document
    ours = qwen3_info_nce(q, d, target, temperature=0.1, tolerance=tolerance)
    expected = qwen3_by_hand(*double(q, d), target.tolist(), temperature=0.1, tolerance=tolerance)
    assert ours.item() == pytest.approx(expected, abs=1e-5)


def test_tolerance_of_qwen3_matters() -> None:
    q, d, target = unit(6, 5, 1), unit(6, 5, 2), torch.arange(6)
    values = [qwen3_info_nce(q, d, target, temperature=0.1, tolerance=one).item() for one in (0.0, 0.3, 2.0)]
    assert values[0] < values[1] < values[2]


def test_what_qwen3_hides_has_no_gradient() -> None:
    q = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    d = torch.tensor([[0.6, 0.8], [0.0, 1.0], [1.0, 0.0]]).requires_grad_()  # d[2] is closer to query 0 than its own
    qwen3_info_nce(q, d, torch.tensor([0, 1]), temperature=1.0, tolerance=0.1).backward()
    assert d.grad is not None
    assert d.grad[2].tolist() == pytest.approx([0.0, d.grad[2, 1].item()])  # of query 1 alone, which it is far from
    assert d.grad[2, 1] > 0


# CoSENT


def test_cosent_equals_sentence_transformers() -> None:
    q, d = unit(20, 8, 1), unit(20, 8, 2)
    grades = torch.tensor([0.0, 0.5, 1.0, 0.5] * 5)
    ours = cosent(q, d, torch.arange(20), temperature=0.05, grades_B=grades)
    assert ours.item() == pytest.approx(asked(theirs.CoSENTLoss(Echo([q, d])), 2, grades).item(), abs=1e-5)


def test_cosent_by_hand_and_without_order() -> None:
    q, d, grades = unit(5, 8, 1), unit(5, 8, 2), torch.tensor([3.0, 1.0, 1.0, 2.0, 5.0])
    q_, d_ = double(q, d)
    cosines = (q_ * d_).sum(1)
    couples = [(i, j) for i in range(5) for j in range(5) if grades[i] > grades[j]]
    expected = np.log1p(sum(np.exp((cosines[j] - cosines[i]) / 0.2) for i, j in couples))
    assert cosent(q, d, torch.arange(5), temperature=0.2, grades_B=grades).item() == pytest.approx(expected, abs=1e-5)
    assert cosent(q, d, torch.arange(5), temperature=0.2, grades_B=torch.ones(5)).item() == 0.0


# Distillation


def guide_of(queries: int, documents: int) -> GuideView:
    return GuideView(unit(queries, 6, 31), unit(documents, 6, 32))


def test_distilled_cosines_equal_sentence_transformers() -> None:
    q, d, view = unit(4, 8, 1), unit(5, 8, 2), guide_of(4, 5)
    every = [q.repeat_interleave(5, dim=0), d.repeat(4, 1)]  # all couples of query and document as rows
    labels = (view.queries @ view.documents.T).flatten()
    expected = asked(theirs.CosineSimilarityLoss(Echo(every)), 2, labels)
    assert distill_cosine(q, d, torch.arange(4), guide=view).item() == pytest.approx(expected.item(), abs=1e-5)
    twin = GuideView(q, d)
    assert distill_cosine(q, d, torch.arange(4), guide=twin).item() == pytest.approx(0.0, abs=1e-12)


def test_distilled_ranking_equals_sentence_transformers() -> None:
    q, d, view = unit(4, 8, 1), unit(5, 8, 2), guide_of(4, 5)
    columns = [q, *(d[j].expand(4, -1) for j in range(5))]
    loss = theirs.DistillKLDivLoss(Echo(columns), similarity_fct=F.cosine_similarity, temperature=0.5)
    expected = asked(loss, 6, view.queries @ view.documents.T) / 0.5**2  # they multiply by its square
    ours = distill_ranking(q, d, torch.arange(4), temperature=0.5, guide=view, guide_temperature=0.5)
    assert ours.item() == pytest.approx(expected.item(), abs=1e-5)


def test_distilled_ranking_by_hand() -> None:
    q, d, view = unit(3, 8, 1), unit(4, 8, 2), guide_of(3, 4)
    q_, d_, g_, h_ = double(q, d, view.queries, view.documents)

    def shares(scores: Double) -> Double:
        weights: Double = np.exp(scores)
        return weights / weights.sum(1, keepdims=True)

    ours, guide = shares(q_ @ d_.T / 0.1), shares(g_ @ h_.T / 0.3)
    expected = (guide * np.log(guide / ours)).sum(1).mean()
    got = distill_ranking(q, d, torch.arange(3), temperature=0.1, guide=view, guide_temperature=0.3)
    assert got.item() == pytest.approx(expected, abs=1e-5)


def test_distilled_and_guided_are_weighed() -> None:
    q, d, view, target = unit(4, 8, 1), unit(5, 8, 2), guide_of(4, 5), torch.arange(4)
    guided = guided_info_nce(q, d, target, temperature=0.1, guide=view, margin=0.1).item()
    distilled = distill_ranking(q, d, target, temperature=0.1, guide=view, guide_temperature=0.2).item()
    both = distilled_guided(
        q, d, target, temperature=0.1, guide=view, margin=0.1, guide_temperature=0.2,
        guided_weight=0.25, distillation_weight=3.0,
    )  # fmt: skip
    assert both.item() == pytest.approx(0.25 * guided + 3.0 * distilled, abs=1e-5)


# What all have in common


def call(
    name: str, q: Tensor, d: Tensor, target: Tensor, *, function: LossFunction | None = None, **more: Any
) -> Tensor:
    """The loss `name`, or `function` in its place, with what it needs."""
    objective = LOSSES.get(name)
    known = more | {
        "temperature": 0.1,
        "guide": GuideView(like(unit(len(q), 6, 7), 8), like(unit(len(d), 6, 7), 9)),
        "grades_B": torch.arange(len(q)).float() % 3,
    }
    given = {key: value for key, value in known.items() if key in objective.keywords}
    value: Tensor = (function or objective.function)(q, d, target, **given)
    return value


@pytest.mark.parametrize("name", NAMES)
def test_the_mean_of_parts_is_the_whole(name: str) -> None:
    q, target = unit(7, 8, 1), torch.arange(7)
    d = torch.cat([like(q, 2), unit(4, 8, 3)])
    if "rows" not in LOSSES.get(name).keywords:
        assert name == "cosent.v1"
        return
    parts = [call(name, q, d, target, rows=slice(a, b)) * (b - a) / 7 for a, b in ((0, 3), (3, 6), (6, 7))]
    assert sum(part.item() for part in parts) == pytest.approx(call(name, q, d, target).item(), abs=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_gradients_by_differences(name: str) -> None:
    """The gradient along a random direction is what the loss does when its vectors move that way."""
    q, target = unit(5, 8, 1), torch.arange(5)
    d = torch.cat([like(q, 2), unit(2, 8, 3)])
    leaves = [q.clone().requires_grad_(), d.clone().requires_grad_()]
    call(name, *leaves, target).backward()
    way = [unit(*leaf.shape, 40) for leaf in leaves]
    slope = sum(
        float((leaf.grad * step).sum()) for leaf, step in zip(leaves, way, strict=True) if leaf.grad is not None
    )
    above, below = (call(name, q + sign * 1e-3 * way[0], d + sign * 1e-3 * way[1], target).item() for sign in (1, -1))
    assert slope == pytest.approx((above - below) / 2e-3, abs=2e-2)
    assert abs(slope) > 1e-3


@pytest.mark.parametrize("name", NAMES)
def test_nested_is_the_mean_over_unit_heads(name: str) -> None:
    q, d, target = unit(5, 8, 1), unit(5, 8, 2), torch.arange(5)
    parts = [call(name, F.normalize(q[:, :k], dim=1), F.normalize(d[:, :k], dim=1), target).item() for k in (8, 4)]
    got = call(name, q, d, target, function=nested(LOSSES.get(name).function, (8, 4)))
    assert got.item() == pytest.approx(sum(parts) / 2, abs=1e-6)
    assert parts[0] != pytest.approx(parts[1], abs=1e-4)


def test_nested_is_the_matryoshka_loss_of_sentence_transformers() -> None:
    q, d = unit(5, 8, 1), unit(5, 8, 2)
    model = Echo([q, d])
    inner = theirs.MultipleNegativesRankingLoss(model)
    total = asked(theirs.MatryoshkaLoss(model, inner, [8, 4]), 2)
    ours = nested(info_nce, (8, 4))(q, d, torch.arange(5), temperature=0.05)
    assert ours.item() == pytest.approx(total.item() / 2, abs=1e-5)  # theirs is the sum, ours the mean


def test_registry_lists_the_folder() -> None:
    assert LOSSES.names() == NAMES
    guided = {name for name in NAMES if LOSSES.get(name).guided}
    assert guided == {"distill_cosine.v1", "distill_ranking.v1", "distilled_guided.v1", "guided_info_nce.v1"}
    assert [name for name in NAMES if LOSSES.get(name).graded] == ["cosent.v1"]
    with pytest.raises(ConfigError, match=r"did you mean 'info_nce\.v1'"):
        LOSSES.get("info_nc.v1")
