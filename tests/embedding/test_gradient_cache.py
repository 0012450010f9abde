"""A batch in chunks gives the loss and the gradients of the batch at once, whatever the loss."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from mecelle.base import artifacts
from mecelle.base.errors import ConfigError, InputError
from mecelle.embedding.collate import PairCollator
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.gradient_cache import Features, backward
from mecelle.embedding.guide.build import GuideConfig, cache_guide
from mecelle.embedding.guide.vectors import GuideVectors
from mecelle.embedding.losses import LOSSES
from mecelle.embedding.model import open_encoder
from mecelle.embedding.objective import PairObjective
from mecelle.embedding.pairs.record import Pair, write_pairs

BATCH = 21


@pytest.fixture(scope="module")
def batch(make_pairs: Callable[[int], list[Pair]]) -> list[Pair]:
    """Pairs of very different lengths, some with hard negatives, all with grades."""
    made = []
    for number, pair in enumerate(make_pairs(BATCH)):
        document = " ".join([pair.document] * (1 + number % 4))
        negatives = tuple(f"karar {number} {i} verilmez" for i in range(number % 3))
        made.append(replace(pair, document=document, negatives=negatives, grade=float(number % 5)))
    return made


@pytest.fixture(scope="module")
def guide(batch: list[Pair], encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> GuideVectors:
    folder = tmp_path_factory.mktemp("guide")
    with artifacts.create(folder / "pairs", stage="pairs", version=1, parameters={}, inputs={}, seed=1) as run:
        write_pairs(batch, run.folder)
    cache_guide(folder / "pairs", folder / "guide", GuideConfig(model=str(encoder)))
    return GuideVectors(folder / "guide")


def inputs(model: SentenceTransformer, config: EmbeddingConfig, pairs: list[Pair]) -> tuple[list[Features], Any]:
    rows = [
        {"query": pair.query, "document": pair.document, "negatives": list(pair.negatives), "label": number}
        for number, pair in enumerate(pairs)
    ]
    batch = PairCollator(model.tokenizer, max_length=config.max_length, prompts=model.prompts)(rows)
    sides = [
        {key.removeprefix(side): value for key, value in batch.items() if key.startswith(side)}
        for side in ("query_", "document_")
    ]
    return sides, batch["label"]


def gradients(model: SentenceTransformer, objective: PairObjective, config: EmbeddingConfig, pairs: list[Pair]) -> Any:
    sides, numbers = inputs(model, config, pairs)
    largest = 0

    def embed(features: Features) -> torch.Tensor:
        nonlocal largest
        largest = max(largest, len(features["input_ids"]))
        vectors: torch.Tensor = model(dict(features))["sentence_embedding"]
        return vectors

    model.zero_grad()
    torch.manual_seed(5)
    value = backward(embed, sides, lambda vectors: objective.judge(vectors, numbers), chunk=config.chunk)
    assert not value.requires_grad
    found = {name: one.grad.clone() for name, one in model.named_parameters() if one.grad is not None}
    return value.item(), found, largest


@pytest.mark.parametrize("name", LOSSES.names())
def test_chunks_change_nothing(
    name: str, encoder: Path, batch: list[Pair], guide: GuideVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mecelle.embedding.objective.ROWS", 8)
    whole = EmbeddingConfig(loss=name, max_length=64, dims=(16,), margin=0.05, symmetric=True)
    model = open_encoder(encoder, whole).train()
    configs = [whole.model_copy(update={"chunk": chunk}) for chunk in (None, 4, 1)]
    (value, wanted, at_once), *chunked = [
        gradients(model, PairObjective(model, batch, config, guide), config, batch) for config in configs
    ]
    assert at_once == BATCH + sum(len(pair.negatives) for pair in batch)
    assert max(float(gradient.abs().max()) for gradient in wanted.values()) > 1e-3
    for size, (other, found, largest) in zip((4, 1), chunked, strict=True):
        assert largest == size
        assert other == pytest.approx(value, abs=1e-5)
        assert found.keys() == wanted.keys()
        for key, gradient in wanted.items():
            scale = max(1.0, float(gradient.abs().max()))
            difference = float((found[key] - gradient).abs().max())
            assert difference < 1e-5 * scale, f"{key}: {difference} where the largest is {scale}"


def test_without_chunks_it_is_plain_backward(encoder: Path, batch: list[Pair], guide: GuideVectors) -> None:
    config = EmbeddingConfig(max_length=64)
    model = open_encoder(encoder, config)
    objective = PairObjective(model, batch, config, guide)
    value, wanted, _ = gradients(model, objective, config, batch)
    model.zero_grad()
    sides, numbers = inputs(model, config, batch)
    q, d = (model(dict(side))["sentence_embedding"] for side in sides)
    assert objective.guide is not None
    view = objective.guide.view(numbers.numpy(), device=torch.device("cpu"))
    loss = objective.function(q, d, torch.arange(BATCH), guide=view, temperature=0.05)
    loss.backward()
    assert loss.item() == pytest.approx(value, abs=1e-6)
    for key, parameter in model.named_parameters():
        torch.testing.assert_close(wanted[key], parameter.grad, atol=1e-6, rtol=1e-5, msg=key)


def test_dropout_draws_the_same_masks_twice(encoder: Path, batch: list[Pair]) -> None:
    """With the embeddings' gradients fixed, one chunk of all texts must give what the cached pass gives."""
    config = EmbeddingConfig(loss="info_nce.v1", max_length=64, chunk=BATCH - 1)
    model = open_encoder(encoder, config)
    dropout = torch.nn.Dropout(0.5)
    first: list[torch.Tensor] = []
    second: list[torch.Tensor] = []

    def embed(features: Features) -> torch.Tensor:
        vectors: torch.Tensor = dropout(model(dict(features))["sentence_embedding"])
        (second if torch.is_grad_enabled() else first).append(vectors.detach())
        return vectors

    objective = PairObjective(model, batch, config, None)
    sides, numbers = inputs(model, config, batch)
    torch.manual_seed(1)
    backward(embed, sides, lambda vectors: objective.judge(vectors, numbers), chunk=config.chunk)
    assert len(first) == len(second) >= 4
    assert all(torch.equal(*both) for both in zip(first, second, strict=True))
    assert not torch.equal(first[0][0] == 0, first[0][1] == 0)


def test_left_padding_keeps_its_columns() -> None:
    mask = torch.tensor([[0] * 60 + [1] * 4, [0] * 30 + [1] * 34])
    seen: list[int] = []

    def embed(features: Features) -> torch.Tensor:
        seen.append(features["input_ids"].shape[1])
        return torch.ones(len(features["input_ids"]), 2, requires_grad=True)

    backward(
        embed,
        [{"input_ids": mask, "attention_mask": mask}],
        lambda vectors: (torch.zeros(()), [torch.zeros_like(vector) for vector in vectors]),
        chunk=1,
    )
    assert seen == [64] * 4


def test_what_a_loss_needs_is_asked_for(encoder: Path, batch: list[Pair]) -> None:
    model = open_encoder(encoder, EmbeddingConfig(max_length=64))
    ungraded = [replace(pair, grade=None) if number == 3 else pair for number, pair in enumerate(batch)]
    with pytest.raises(InputError, match=r"1 of 21 pairs lack .* give every pair a 'grade'"):
        PairObjective(model, ungraded, EmbeddingConfig(loss="cosent.v1"), None)
    with pytest.raises(ConfigError, match="needs a guide"):
        PairObjective(model, batch, EmbeddingConfig(loss="distill_cosine.v1"), None)


def test_hard_negatives_follow_the_documents(batch: list[Pair], guide: GuideVectors, encoder: Path) -> None:
    config = EmbeddingConfig(max_length=64)
    model = open_encoder(encoder, config)
    objective = PairObjective(model, batch, config, guide)
    assert objective.guide is not None
    numbers = np.array([5, 0, 2])
    view = objective.guide.view(numbers, device=torch.device("cpu"))
    texts = [batch[n].document for n in numbers] + [text for n in numbers for text in batch[n].negatives]
    expected = guide.take(guide.rows(texts, "document"))
    assert torch.equal(view.documents, torch.from_numpy(expected))
    sides, _ = inputs(model, config, [batch[n] for n in numbers])
    ids = model.tokenizer(texts, truncation=True, max_length=64)["input_ids"]
    got = [row[: int(mask.sum())].tolist() for row, mask in zip(*sides[1].values(), strict=True)]
    assert got == ids
