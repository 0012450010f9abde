"""Order, Viterbi and CRF against every sequence that there is."""

from itertools import pairwise, product

import numpy as np
import pytest
import torch

from mecelle.sample.records import SECTION_LABELS
from mecelle.segmentation.crf import OrderedCrf
from mecelle.segmentation.labels import LABELS, SECTIONS, TAGS, label_of_tag, tag_of_label
from mecelle.segmentation.order import FORBIDDEN, order
from mecelle.segmentation.viterbi import best_path

L = len(LABELS)


def crf(*, ordered: bool) -> OrderedCrf:
    torch.manual_seed(3)
    model = OrderedCrf(L, ordered=ordered)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter)
    return model


@torch.no_grad()
def weight(model: OrderedCrf, emissions: torch.Tensor, labels: tuple[int, ...]) -> torch.Tensor:
    between = model.transitions_LL + model.between_cost
    total = (model.start_L + model.start_cost)[labels[0]] + model.end_L[labels[-1]]
    total = total + sum(emissions[at, label] for at, label in enumerate(labels))
    return total + sum(between[a, b] for a, b in pairwise(labels))


@pytest.mark.parametrize("ordered", [True, False])
def test_crf_against_all_sequences(ordered: bool) -> None:
    model, emissions = crf(ordered=ordered), torch.randn(3, L, generator=torch.Generator().manual_seed(5))
    every = list(product(range(L), repeat=3))
    weights = torch.stack([weight(model, emissions, labels) for labels in every])
    mask = torch.ones(1, 3, dtype=torch.bool)
    assert model.partition(emissions[None], mask).item() == pytest.approx(torch.logsumexp(weights, 0).item(), abs=1e-4)
    assert tuple(model.best(emissions)) == every[int(weights.argmax())]
    chance = torch.softmax(weights, 0)
    second = sum(chance[n] for n, labels in enumerate(every) if labels[1] == 4)
    assert model.marginals(emissions)[1, 4].item() == pytest.approx(float(second), abs=1e-5)
    gold = every[100]
    loss = model.loss(emissions[None], torch.tensor([gold]), mask)
    assert loss.item() == pytest.approx(float(torch.logsumexp(weights, 0) - weights[100]) / 3, rel=1e-4)


def test_padding_changes_nothing() -> None:
    model, emissions = crf(ordered=False), torch.randn(2, 4, L, generator=torch.Generator().manual_seed(6))
    mask = torch.tensor([[True] * 4, [True, True, False, False]])
    alone = model.partition(emissions[1:, :2], mask[1:, :2])
    assert model.partition(emissions, mask)[1].item() == pytest.approx(alone.item(), abs=1e-5)
    labels = torch.tensor([[1, 2, 3, 4], [1, 2, 0, 0]])
    both = model.loss(emissions, labels, mask) * 6
    each = [
        model.loss(emissions[n : n + 1, :t], labels[n : n + 1, :t], mask[n : n + 1, :t]) * t
        for n, t in ((0, 4), (1, 2))
    ]
    assert both.item() == pytest.approx(sum(each).item(), rel=1e-5)


def test_viterbi_against_all_paths() -> None:
    rng = np.random.default_rng(4)
    scores, start, between, end = (rng.normal(size=size).astype(np.float32) for size in ((5, 3), 3, (3, 3), 3))

    def total(path: tuple[int, ...]) -> float:
        moved = sum(between[a, b] for a, b in pairwise(path))
        return float(start[path[0]] + end[path[-1]] + moved + sum(scores[at, s] for at, s in enumerate(path)))

    assert tuple(best_path(scores, start, between, end)) == max(product(range(3), repeat=5), key=total)


def test_the_law_is_obeyed_against_all_evidence() -> None:
    model = OrderedCrf(L)
    names = ["ruling", "claim", "dissent", "reasoning", "footer"]
    emissions = torch.zeros(5, L)
    for at, name in enumerate(names):
        emissions[at, LABELS.index(name)] = 50.0
    labels = model.best(emissions)
    costs = order().transitions()
    assert all(costs[a, b] == 0 for a, b in pairwise(labels))
    assert [LABELS[label] for label in OrderedCrf(L, ordered=False).best(emissions)] == names


def test_order_of_the_law() -> None:
    costs = order().transitions()

    def allowed(a: str, b: str) -> bool:
        return bool(costs[LABELS.index(a), LABELS.index(b)] > FORBIDDEN)

    assert allowed("reasoning", "ruling")
    assert allowed("ruling", "footer")
    assert allowed("footer", "dissent")
    assert not allowed("ruling", "reasoning")
    assert not allowed("dissent", "footer")
    assert not allowed("formal", "header")
    assert all(allowed(one, one) for one in LABELS)
    assert set(order().after) == set(SECTIONS)


def test_labels_are_the_sample_s_and_tags_follow_them() -> None:
    assert SECTIONS == SECTION_LABELS
    assert TAGS[:3] == ("O", "B-header", "I-header")
    assert len(TAGS) == 17
    for tag, name in enumerate(TAGS[1:], start=1):
        label = label_of_tag(tag)
        assert name == f"{name[0]}-{LABELS[label]}"
        assert tag_of_label(label, begins=name[0] == "B") == tag
    assert label_of_tag(0) == 0 == tag_of_label(0, begins=True)
