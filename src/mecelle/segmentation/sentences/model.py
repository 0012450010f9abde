"""Sentence vectors -> LSTM over the document -> one score for each label of each sentence -> CRF.

Letters: B documents, T units, L labels, D components.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from mecelle.segmentation.crf import OrderedCrf
from mecelle.segmentation.labels import LABELS
from mecelle.segmentation.sentences.config import SentencesConfig
from mecelle.segmentation.sentences.features import FACTS, Units


class SentenceTagger(nn.Module):
    """Labels the sentences of whole documents, however long."""

    def __init__(self, config: SentencesConfig, *, encoder_width: int = 0) -> None:
        """encoder_width: components of the frozen encoder's vectors, 0 where there is none."""
        super().__init__()
        self.word_dropout = config.word_dropout
        self.bag = nn.EmbeddingBag(config.buckets, config.width, mode="sum")
        nn.init.normal_(self.bag.weight, std=0.1)
        self.project = nn.Linear(encoder_width, config.width) if encoder_width else None
        width = config.width * (2 if encoder_width else 1) + FACTS
        self.dropout = nn.Dropout(config.dropout)
        self.over = nn.LSTM(
            width, config.hidden, config.layers, batch_first=True, bidirectional=True,
            dropout=config.dropout if config.layers > 1 else 0.0,
        )  # fmt: skip
        self.score = nn.Linear(2 * config.hidden, len(LABELS))
        self.crf = OrderedCrf(len(LABELS), ordered=config.ordered)

    def forward(self, documents: Sequence[Units]) -> tuple[Tensor, Tensor]:
        """Scores, shape (B, T, L), and which of them are of a unit, shape (B, T)."""
        rows = [self._sentences(one) for one in documents]
        lengths = torch.tensor([len(row) for row in rows])
        padded = pad_sequence(rows, batch_first=True)
        packed = pack_padded_sequence(padded, lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.over(packed)[0], batch_first=True)
        mask = torch.arange(padded.shape[1]) < lengths[:, None]
        return self.score(self.dropout(states)), mask.to(states.device)

    def loss(self, documents: Sequence[Units], labels: Sequence[Sequence[int]]) -> Tensor:
        """Nats per unit."""
        emissions, mask = self(documents)
        gold = pad_sequence([torch.tensor(one, device=emissions.device) for one in labels], batch_first=True)
        return self.crf.loss(emissions, gold, mask)

    @torch.no_grad()
    def emissions(self, document: Units) -> Tensor:
        """Scores of each label of each unit of a document that has one, shape (T, L)."""
        scores: Tensor = self([document])[0][0]
        return scores

    def _sentences(self, one: Units) -> Tensor:
        device = self.score.weight.device
        parts = [self.dropout(self._bags(one))]
        if self.project is not None:
            assert one.vectors is not None, "the model was trained with an encoder"
            parts.append(self.dropout(self.project(torch.from_numpy(one.vectors).to(device))))
        return torch.cat([*parts, torch.from_numpy(one.facts).to(device)], dim=1)

    def _bags(self, one: Units) -> Tensor:
        """Sums of the pieces' vectors by the root of their number: twice as long says more, but not twice as much."""
        device = self.bag.weight.device
        pieces, offsets = (torch.from_numpy(part).to(device) for part in (one.pieces, one.offsets))
        counts = torch.diff(offsets, append=torch.tensor([len(pieces)], device=device)).clamp(min=1)
        kept = torch.ones(len(pieces), device=device)
        if self.training:
            kept = nn.functional.dropout(kept, self.word_dropout)
        sums: Tensor = self.bag(pieces, offsets, per_sample_weights=kept)
        return sums / counts[:, None].sqrt()
