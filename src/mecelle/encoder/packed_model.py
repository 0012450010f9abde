"""ModernBERT for packed rows: attention stays inside each piece, and the head sees the masked positions alone.

transformers' `sparse_prediction` picks the masked positions with a boolean mask, so sizes vary by batch. With a
fixed number of places every tensor keeps its size, which the allocator needs (a heap grew from 2 to 24 GiB).
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import ModernBertForMaskedLM
from transformers.utils import ModelOutput

from mecelle.encoder.batches import IGNORED


@dataclass
class PackedOutput(ModelOutput):
    """Result of a batch."""

    loss: Tensor | None = None
    """Nats per predicted token."""
    correct: Tensor | None = None
    """How many of the predicted tokens were right."""


class PackedMaskedLM(ModernBertForMaskedLM):
    """Trains on packed rows; its weights are those of a plain ModernBertForMaskedLM."""

    def forward(  # type: ignore[override]
        self,
        input_ids: Tensor,
        block: Tensor,
        places: Tensor,
        labels: Tensor,
        num_items_in_batch: Tensor | int | None = None,
        **_: Any,
    ) -> PackedOutput:
        """input_ids, block: (B, T), block numbers the pieces of a row; places, labels: (N,), N fixed, of which the
        labels other than IGNORED count.

        num_items_in_batch: labels in all accumulated batches; the loss is then this batch's share of their mean.
        """
        masks = attention_masks(block, half_window=self.config.sliding_window)
        hidden_BTD = self.model(input_ids=input_ids, attention_mask=masks).last_hidden_state
        hidden_ND = hidden_BTD.flatten(0, 1).index_select(0, places)
        logits_NV = self.decoder(self.head(hidden_ND)).float()
        total = nn.functional.cross_entropy(logits_NV, labels, ignore_index=IGNORED, reduction="sum")
        counted = labels != IGNORED
        items = counted.sum() if num_items_in_batch is None else num_items_in_batch
        with torch.no_grad():
            correct = ((logits_NV.argmax(-1) == labels) & counted).sum()
        return PackedOutput(loss=total / items, correct=correct)


def attention_masks(block: Tensor, *, half_window: int) -> dict[str, Tensor]:
    """Masks by kind of layer, bool (B, 1, T, T): a token sees the tokens of its own piece.

    Local layers see those at most `half_window` away. Padding (block -1) sees padding: a row without any token in
    sight would turn into NaN.
    """
    same = block[:, None, :, None] == block[:, None, None, :]
    place = torch.arange(block.shape[1], device=block.device)
    near = (place[:, None] - place[None, :]).abs() <= half_window
    return {"full_attention": same, "sliding_attention": same & near}
