"""Masked language models for packed rows: attention stays in each piece, and the head sees the masked positions alone.

transformers' `sparse_prediction` picks the masked positions with a boolean mask, so sizes vary by batch. With a
fixed number of places every tensor keeps its size, which the allocator needs (a heap grew from 2 to 24 GiB).
"""

from abc import ABCMeta, abstractmethod
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModelForMaskedLM, BertForMaskedLM, ModernBertForMaskedLM, PreTrainedConfig, PreTrainedModel
from transformers.utils import ModelOutput

from mecelle.encoder.attention import PACKED, attention_masks
from mecelle.training.pieces import IGNORED, positions_in_pieces


@dataclass
class PackedOutput(ModelOutput):
    """Result of a batch."""

    loss: Tensor | None = None
    """Nats per predicted token."""
    correct: Tensor | None = None
    """How many of the predicted tokens were right; told outside training only."""


class PackedMaskedLM(metaclass=ABCMeta):  # not of ABC: FSDP changes the class of an object, which needs one layout
    """Trains on packed rows; mixed into a masked language model of transformers, whose weights it has."""

    config: Any
    training: bool

    def __init__(self, config: PreTrainedConfig) -> None:
        super().__init__(config)  # type: ignore[call-arg]
        self.on_processor = not torch.cuda.is_available()
        if self.on_processor:
            self.set_attn_implementation(PACKED)  # type: ignore[attr-defined]
        self._nats = _nats
        self.compiled = False

    @abstractmethod
    def encode(self, input_ids: Tensor, block: Tensor) -> Tensor:
        """Hidden states (B, T, D) of packed rows."""

    @abstractmethod
    def head_parts(self) -> tuple[nn.Module, nn.Module]:
        """What transforms a hidden state, and what scores the vocabulary."""

    @abstractmethod
    def layers(self) -> nn.ModuleList:
        """The transformer layers."""

    def forward(
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

        num_items_in_batch: labels in all accumulated batches; the loss is then this batch's share of their mean. Where
        there are none it is 0: rows of documents that are too short for the masking rate teach nothing.
        """
        hidden_ND = self.encode(input_ids, block).flatten(0, 1).index_select(0, places)
        total, logits_NV = self._nats(*self.head_parts(), hidden_ND, labels)
        counted = labels != IGNORED
        items = torch.as_tensor(counted.sum() if num_items_in_batch is None else num_items_in_batch)
        correct = None if self.training else ((logits_NV.argmax(-1) == labels) & counted).sum()
        return PackedOutput(loss=total / items.clamp(min=1), correct=correct)

    def compile_parts(self) -> None:
        """Compile layers and loss, each kind once, however deep the model; parameters keep their names."""
        for layer in self.layers():
            layer.compile(dynamic=False)
        self._nats = torch.compile(_nats, dynamic=False)
        self.compiled = True


class PackedModernBert(PackedMaskedLM, ModernBertForMaskedLM):  # type: ignore[misc]
    """ModernBERT: rotary angles tell distances alone, so positions may run on through a row."""

    def encode(self, input_ids: Tensor, block: Tensor) -> Tensor:
        """Hidden states (B, T, D) of packed rows."""
        masks = attention_masks(block, half_window=self.config.sliding_window, tiled=self.on_processor)
        hidden_BTD: Tensor = self.model(input_ids=input_ids, attention_mask=masks).last_hidden_state
        return hidden_BTD

    def head_parts(self) -> tuple[nn.Module, nn.Module]:
        """What transforms a hidden state, and what scores the vocabulary."""
        return self.head, self.decoder

    def layers(self) -> nn.ModuleList:
        """The transformer layers."""
        return self.model.layers


class PackedBert(PackedMaskedLM, BertForMaskedLM):  # type: ignore[misc]
    """BERT: learned positions, which begin anew with each piece. No piece is told to be a second sentence."""

    def encode(self, input_ids: Tensor, block: Tensor) -> Tensor:
        """Hidden states (B, T, D) of packed rows."""
        mask = attention_masks(block, half_window=None, tiled=False)["full_attention"]
        hidden_BTD: Tensor = self.bert(
            input_ids=input_ids,
            attention_mask=mask,
            position_ids=positions_in_pieces(block),
            token_type_ids=torch.zeros_like(input_ids),
        ).last_hidden_state
        return hidden_BTD

    def head_parts(self) -> tuple[nn.Module, nn.Module]:
        """What transforms a hidden state, and what scores the vocabulary."""
        return self.cls.predictions.transform, self.cls.predictions.decoder

    def layers(self) -> nn.ModuleList:
        """The transformer layers."""
        return self.bert.encoder.layer


FAMILIES: dict[str, Callable[..., Any]] = {"modernbert": PackedModernBert, "bert": PackedBert}
"""Packed model by `model_type` of its configuration."""


def packed_model(config: PreTrainedConfig) -> Any:
    """A packed model with new weights. Weights of a folder: `FAMILIES[config.model_type].from_pretrained(folder)`."""
    return FAMILIES[config.model_type](config)


def plain_model(trained: PackedMaskedLM, weights: dict[str, Tensor] | None = None) -> PreTrainedModel:
    """The same weights in the class of transformers, which is what a saved configuration must name.

    weights: of `trained`, gathered, where it is split over processes.
    """
    config = deepcopy(trained.config)  # it carries the kind of attention, which from_config changes in place
    plain: PreTrainedModel = AutoModelForMaskedLM.from_config(config, attn_implementation="sdpa")
    plain.load_state_dict(trained.state_dict() if weights is None else weights)  # type: ignore[attr-defined]
    return plain


def _nats(transform: nn.Module, decoder: nn.Module, hidden_ND: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Sum of the losses, and the scores (N, V) they come from."""
    logits_NV = decoder(transform(hidden_ND))
    total = nn.functional.cross_entropy(logits_NV.float(), labels, ignore_index=IGNORED, reduction="sum")
    return total, logits_NV
