"""A loss of `losses/` over batches of pairs: looks up the guide and the grades, shares the batch among processes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn

from mecelle.base.errors import ConfigError, InputError
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.gathering import gather
from mecelle.embedding.guide.vectors import GuideVectors
from mecelle.embedding.losses import LOSSES, GuideView
from mecelle.embedding.losses.guided import false_negative_share
from mecelle.embedding.losses.nested import nested
from mecelle.embedding.pairs.record import Pair

ROWS = 256
"""Queries whose candidates are compared at a time."""


class GuideLookup:
    """The guide's vectors of the texts of each pair, by the number of the pair."""

    def __init__(self, vectors: GuideVectors, pairs: Sequence[Pair]) -> None:
        """Raises MismatchError if the guide never saw a text of the pairs."""
        self._vectors = vectors
        self._queries: NDArray[np.int64] = vectors.rows([pair.query for pair in pairs], "query")
        self._documents: NDArray[np.int64] = vectors.rows([pair.document for pair in pairs], "document")
        counts = [len(pair.negatives) for pair in pairs]
        negatives = vectors.rows([text for pair in pairs for text in pair.negatives], "document")
        self._negatives = np.split(negatives, np.cumsum(counts)[:-1])

    def view(self, numbers: NDArray[np.int64], *, device: torch.device) -> GuideView:
        """What the guide thinks of a batch of the pairs `numbers`: documents, then hard negatives."""
        documents = np.concatenate([self._documents[numbers], *(self._negatives[number] for number in numbers)])
        return GuideView(
            torch.from_numpy(self._vectors.take(self._queries[numbers])).to(device),
            torch.from_numpy(self._vectors.take(documents)).to(device),
        )


class PairObjective(nn.Module):
    """The loss of a batch of pairs, and its gradients by their vectors."""

    def __init__(
        self, model: SentenceTransformer, pairs: Sequence[Pair], config: EmbeddingConfig, guide: GuideVectors | None
    ) -> None:
        """pairs: all of the training, by number.

        Raises ConfigError if the loss is not registered, or needs a guide and there is none; InputError if it needs
        grades that pairs do not have; MismatchError if the guide never saw a text of the pairs.
        """
        super().__init__()
        self.model = model  # the trainer takes what it optimises from the loss
        objective = LOSSES.get(config.loss)
        if objective.guided and guide is None:
            raise ConfigError(f"loss '{config.loss}' needs a guide; give one, or choose info_nce.v1")
        self.config = config
        self.guide = GuideLookup(guide, pairs) if objective.guided and guide is not None else None
        self.grades = _grades(pairs, config.loss) if objective.graded else None
        self.in_parts = "rows" in objective.keywords
        self.masks = "margin" in objective.keywords
        named = {name: getattr(config, name) for name in objective.keywords & set(type(config).model_fields)}
        self.settings = {name: value for name, value in named.items() if value is not None}  # null: the loss's own
        dims = sorted({*config.dims, int(model.get_embedding_dimension())}, reverse=True)
        self.function = nested(objective.function, dims) if len(dims) > 1 else objective.function
        self.hidden_shares: list[float] = []
        """Share of negatives that the guide took out of each batch since the trainer last logged."""

    def judge(self, sides: Sequence[Tensor], numbers: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The loss of the whole batch, and its gradients by the vectors of this process.

        sides: unit vectors of queries, and of their documents with the hard negatives after them; numbers: of the
        pairs. All processes share one batch, each judges all of it, and gradients add up over them.
        """
        queries, documents = sides
        own = len(queries)
        numbers, _ = gather(numbers)
        (q_BD, mine), (own_BD, _), (negatives, extra) = map(gather, (queries, documents[:own], documents[own:]))
        d_ND = torch.cat([own_BD, negatives])
        q_BD, d_ND = q_BD.detach().requires_grad_(), d_ND.detach().requires_grad_()
        value = self._evaluate(q_BD, d_ND, numbers)
        assert q_BD.grad is not None
        assert d_ND.grad is not None
        batch = len(q_BD)
        extras = d_ND.grad[batch + extra.start : batch + extra.stop]
        return value, [q_BD.grad[mine], torch.cat([d_ND.grad[mine], extras])]

    def _evaluate(self, q_BD: Tensor, d_ND: Tensor, numbers: Tensor) -> Tensor:
        """The loss; leaves its gradients in the two leaves."""
        target_B = torch.arange(len(q_BD), device=q_BD.device)
        named: dict[str, Any] = dict(self.settings)
        if self.guide is not None:
            named["guide"] = self.guide.view(numbers.cpu().numpy(), device=q_BD.device)
            if self.masks:
                self.hidden_shares.append(false_negative_share(named["guide"], target_B, margin=self.config.margin))
        if self.grades is not None:
            named["grades_B"] = self.grades.to(q_BD.device)[numbers]
        if not self.in_parts:
            value = self.function(q_BD, d_ND, target_B, **named)
            value.backward()
            return value.detach()
        total = q_BD.new_zeros(())
        for start in range(0, len(q_BD), ROWS):
            rows = slice(start, min(start + ROWS, len(q_BD)))
            share = (rows.stop - rows.start) / len(q_BD)
            part = self.function(q_BD, d_ND, target_B, rows=rows, **named) * share
            part.backward()
            total += part.detach()
        return total

    def take_hidden_share(self) -> float | None:
        """Mean of the shares since the last call, 0..1; None if the loss masks nothing by a guide."""
        mean = float(np.mean(self.hidden_shares)) if self.hidden_shares else None
        self.hidden_shares.clear()  # the same list all along: checkpoints keep what is in it
        return mean


def _grades(pairs: Sequence[Pair], loss: str) -> Tensor:
    missing = [pair for pair in pairs if pair.grade is None]
    if missing:
        raise InputError(
            f"loss '{loss}' orders pairs by their grades, which {len(missing):,} of {len(pairs):,} pairs lack (first: "
            f"{missing[0].query[:60]!r}); give every pair a 'grade', or choose a loss for pairs without"
        )
    return torch.tensor([pair.grade for pair in pairs], dtype=torch.float32)
