"""A loss of `losses/` as the module that the trainer calls: embeds the two sides, looks up the guide."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn

from mecelle.base.errors import ConfigError
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.guide.vectors import GuideVectors
from mecelle.embedding.losses import LOSSES, GuideView
from mecelle.embedding.losses.guided import false_negative_share
from mecelle.embedding.losses.nested import nested
from mecelle.embedding.pairs.record import Pair


class GuideLookup:
    """The guide's vectors of the two sides of each pair, by the number of the pair."""

    def __init__(self, vectors: GuideVectors, pairs: Sequence[Pair]) -> None:
        """Raises MismatchError if the guide never saw a text of the pairs."""
        self._vectors = vectors
        self._queries: NDArray[np.int64] = vectors.rows([pair.query for pair in pairs], "query")
        self._documents: NDArray[np.int64] = vectors.rows([pair.document for pair in pairs], "document")

    def view(self, numbers: NDArray[np.int64], *, margin: float, device: torch.device) -> GuideView:
        """What the guide thinks of a batch of the pairs `numbers`."""
        query_vectors = self._vectors.take(self._queries[numbers])
        document_vectors = self._vectors.take(self._documents[numbers])
        return GuideView(
            torch.from_numpy(query_vectors).to(device), torch.from_numpy(document_vectors).to(device), margin
        )


class PairObjective(nn.Module):
    """Loss of a batch of pairs. Called by the trainer with features of both sides and the numbers of the pairs."""

    def __init__(self, model: SentenceTransformer, config: EmbeddingConfig, guide: GuideLookup | None) -> None:
        """Raises ConfigError if the loss is not registered, or needs a guide and there is none."""
        super().__init__()
        objective = LOSSES.get(config.loss)
        if objective.guided and guide is None:
            raise ConfigError(f"loss '{config.loss}' needs a guide; give one, or choose info_nce.v1")
        self.model = model
        self.config = config
        self.guide = guide if objective.guided else None
        width = int(model.get_embedding_dimension())
        dims = sorted({*config.dims, width}, reverse=True)
        self.function = nested(objective.function, dims) if len(dims) > 1 else objective.function
        self.hidden_shares: list[float] = []
        """Share of negatives that the guide took out of each batch since the trainer last logged."""

    def forward(self, features: Iterable[dict[str, Tensor]], labels: Tensor) -> Tensor:
        """Mean nats per query. labels: numbers of the pairs."""
        q_BD, d_BD = (self.model(side)["sentence_embedding"] for side in features)
        target_B = torch.arange(len(q_BD), device=q_BD.device)
        view = None
        if self.guide is not None:
            view = self.guide.view(labels.cpu().numpy(), margin=self.config.margin, device=q_BD.device)
            self.hidden_shares.append(false_negative_share(view, target_B))
        return self.function(q_BD, d_BD, target_B, temperature=self.config.temperature, guide=view)

    def take_hidden_share(self) -> float | None:
        """Mean of the shares since the last call, 0..1; None without a guide."""
        shares, self.hidden_shares = self.hidden_shares, []
        return float(np.mean(shares)) if shares else None

    def get_config_dict(self) -> dict[str, Any]:
        """What sentence-transformers writes into its own model card."""
        return {"loss": self.config.loss, "temperature": self.config.temperature, "margin": self.config.margin}
