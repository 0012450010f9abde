"""Causal language models for packed rows: attention stays in each piece, positions begin anew with it.

transformers knows packed rows by their positions: a mask is made for each document, sliding windows included, whatever
the family. What is ours is the loss, which never holds the logits of a batch, and attention on processors.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModelForCausalLM, PreTrainedConfig, PreTrainedModel
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING
from transformers.utils import ModelOutput

from mecelle.decoder.adapters import merged_weights
from mecelle.decoder.attention import PACKED
from mecelle.decoder.loss import Scores, chunk_loss, chunked_loss, judged
from mecelle.training.pieces import IGNORED, positions_in_pieces


@dataclass
class PackedOutput(ModelOutput):
    """Result of a batch."""

    loss: Tensor | None = None
    """Nats per predicted token."""
    correct: Tensor | None = None
    """How many of the predicted tokens were right; told outside training only."""


class PackedCausalLM:
    """Trains on packed rows; mixed into a causal language model of transformers, whose weights it has."""

    config: Any
    training: bool

    def __init__(self, config: PreTrainedConfig) -> None:
        super().__init__(config)  # type: ignore[call-arg]
        self.loss_type = None  # or the Trainer would shift labels that are shifted already
        if not torch.cuda.is_available():
            self.set_attn_implementation(PACKED)  # type: ignore[attr-defined]
        self._scores: Scores = chunk_loss
        self.compiled = False

    def forward(
        self,
        input_ids: Tensor,
        block: Tensor,
        labels: Tensor,
        num_items_in_batch: Tensor | int | None = None,
        **_: Any,
    ) -> PackedOutput:
        """All (B, T). block: number of the piece, -1 at padding; labels: the token that follows, or IGNORED.

        num_items_in_batch: labels in all accumulated batches; the loss is then this batch's share of their mean.
        """
        hidden_ND = self.encode(input_ids, block).flatten(0, 1)
        labels_N, head = labels.flatten(), self.get_output_embeddings()  # type: ignore[attr-defined]
        correct = None
        if self.training:
            total = chunked_loss(hidden_ND, head, labels_N, self._scores)
        else:
            told, correct = judged(hidden_ND, head, labels_N)
            total = chunked_loss(hidden_ND, head, labels_N, self._scores) if torch.is_grad_enabled() else told
        items = (labels_N != IGNORED).sum() if num_items_in_batch is None else num_items_in_batch
        return PackedOutput(loss=total / items, correct=correct)

    def encode(self, input_ids: Tensor, block: Tensor) -> Tensor:
        """Hidden states (B, T, D) of packed rows, after the last norm."""
        hidden_BTD: Tensor = self.base_model(  # type: ignore[attr-defined]
            input_ids=input_ids, position_ids=positions_in_pieces(block), use_cache=False
        )[0]
        return hidden_BTD

    def layers(self) -> nn.ModuleList:
        """The transformer layers: the longest list of modules that lies in no other, as the experts of a layer do."""
        return max(_outermost_lists(self.base_model), key=len)  # type: ignore[attr-defined]

    def compile_parts(self) -> None:
        """Compile layers and loss, each once, however deep the model; parameters keep their names."""
        for layer in self.layers():
            layer.compile(dynamic=False)
        self._scores = torch.compile(chunk_loss, dynamic=False)
        self.compiled = True


def packed_model(config: PreTrainedConfig) -> Any:
    """A packed model with new weights, of any family of causal language models in transformers."""
    return _packed_class(MODEL_FOR_CAUSAL_LM_MAPPING[type(config)])(config)


def _outermost_lists(module: nn.Module) -> Iterator[nn.ModuleList]:
    for child in module.children():
        if isinstance(child, nn.ModuleList):
            yield child
        else:
            yield from _outermost_lists(child)


@cache
def _packed_class(plain: type[PreTrainedModel]) -> Any:
    return type(f"Packed{plain.__name__}", (PackedCausalLM, plain), {"__module__": __name__})


def plain_model(trained: Any, weights: dict[str, Tensor] | None = None) -> PreTrainedModel:
    """The same weights in the class of transformers, which is what a saved configuration must name.

    weights: `merged_weights` of `trained`, gathered, where it is split over processes.
    """
    config = deepcopy(trained.config)  # it carries the kind of attention, which from_config changes in place
    config.use_cache = True  # the Trainer switches it off, and whoever generates would read each prefix anew
    plain: PreTrainedModel = AutoModelForCausalLM.from_config(config, attn_implementation="sdpa")
    plain.generation_config = deepcopy(trained.generation_config)  # such as where an instructed model's turn ends
    found = merged_weights(trained) if weights is None else weights
    # Layers of TransformerEngine keep scales of FP8 products beside their weights; plain ones have no place for them.
    plain.load_state_dict({name: one for name, one in found.items() if not name.endswith("._extra_state")})
    return plain
