"""Shapes of decoders: ours for small machines, and those of Mecellem, Table 7.

Sizes without embeddings: TINY 8.0M, SMALL 25.2M, MEDIUM 70.8M. All are Qwen3 in transformers: grouped queries,
RMSNorm, SwiGLU, rotary positions, as §3.4.4 says; and, what it does not say, a norm on each query and key, no biases,
and an embedding that is tied to the head and counted once.

What Table 7 leaves out or has otherwise than the published models: heads have 128 components, so those of the 4B have
4,096 together though its width is 2,560; the base of the rotary angles is 1,000,000; 40,960 positions are those of the
instructed models, the Base models that the paper starts from have 32,768 (no parameter depends on it). §3.4.9 gives
both models embeddings of 2,048 components: the 4B has 2,560. Parameters on the meta device with the vocabulary of
§3.4.9, 151,936: 1,720,574,976 and 4,022,468,096; Table 7 says 1.7B and 4B.
"""

from functools import cache
from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from mecelle.base.config import Config

if TYPE_CHECKING:  # recipes read shapes, and must start without torch
    from transformers import PreTrainedConfig, PreTrainedModel, Qwen3Config

QWEN3_VOCABULARY = 151_936
"""Rows of the embedding of Qwen3 (§3.4.9); its tokenizer uses 151,669 of them."""


class DecoderShape(Config):
    """Size of a decoder, vocabulary apart."""

    layers: int = Field(ge=1)
    """Transformer layers."""
    width: int = Field(ge=8)
    """Components of a hidden state."""
    heads: int = Field(ge=1)
    """Heads of queries."""
    key_heads: int = Field(ge=1)
    """Heads of keys and values; each serves heads / key_heads heads of queries."""
    head_width: int = Field(default=64, ge=2)
    """Components of a head: even, as rotary angles need."""
    feed_forward: int = Field(ge=8)
    """Inner width of the feed-forward part, which is gated (three matrices)."""
    positions: int = Field(default=4096, ge=8)
    """Longest text, in tokens, that the finished model claims to take."""
    rope_theta: float = 10_000.0
    """Base of the rotary angles."""
    tied: bool = True
    """Whether the head shares its matrix with the embedding."""

    @model_validator(mode="after")
    def _consistent(self) -> "DecoderShape":
        if self.heads % self.key_heads:
            raise ValueError(f"heads {self.heads} is no multiple of key_heads {self.key_heads}")
        if self.head_width % 2:
            raise ValueError(f"head_width {self.head_width} is odd: rotary angles take components in pairs")
        return self


SMOKE = DecoderShape(layers=2, width=64, heads=4, key_heads=2, head_width=16, feed_forward=128, positions=1024)
TINY = DecoderShape(layers=6, width=384, heads=6, key_heads=3, feed_forward=768)
SMALL = DecoderShape(layers=8, width=512, heads=8, key_heads=4, feed_forward=1536)
MEDIUM = DecoderShape(layers=12, width=768, heads=12, key_heads=6, feed_forward=1792)
QWEN3_1_7B = DecoderShape(
    layers=28, width=2048, heads=16, key_heads=8, head_width=128, feed_forward=6144, positions=40_960,
    rope_theta=1_000_000.0,
)  # fmt: skip
QWEN3_4B = DecoderShape(
    layers=36, width=2560, heads=32, key_heads=8, head_width=128, feed_forward=9728, positions=40_960,
    rope_theta=1_000_000.0,
)  # fmt: skip


def model_config(
    shape: DecoderShape, *, vocabulary: int, begin: int | None = None, end: int | None = None, pad: int | None = None
) -> "Qwen3Config":
    """The transformers configuration of `shape`. begin, end, pad: ids of the special tokens."""
    from transformers import Qwen3Config

    return Qwen3Config(
        vocab_size=vocabulary,
        hidden_size=shape.width,
        intermediate_size=shape.feed_forward,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_heads,
        head_dim=shape.head_width,
        max_position_embeddings=shape.positions,
        rope_parameters={"rope_type": "default", "rope_theta": shape.rope_theta},
        tie_word_embeddings=shape.tied,
        bos_token_id=begin,
        eos_token_id=end,
        pad_token_id=pad,
    )


def shape_of(config: "PreTrainedConfig") -> DecoderShape | None:
    """The shape behind a transformers configuration; None for a family without gated feed-forward parts of one width,
    such as GPT-2."""
    sizes = {
        ours: getattr(config, theirs, None)
        for ours, theirs in {
            "layers": "num_hidden_layers", "width": "hidden_size", "heads": "num_attention_heads",
            "key_heads": "num_key_value_heads", "feed_forward": "intermediate_size",
            "positions": "max_position_embeddings",
        }.items()
    }  # fmt: skip
    if not all(isinstance(one, int) for one in sizes.values()):
        return None
    head_width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    rope = getattr(config, "rope_parameters", None) or {}
    more = {
        "head_width": head_width,
        "tied": config.tie_word_embeddings,
        "rope_theta": rope.get("rope_theta", 10_000.0),
    }
    return DecoderShape.model_validate(sizes | more)


def empty_model(shape: DecoderShape, *, vocabulary: int) -> "PreTrainedModel":
    """The causal language model of `shape` on the meta device: it takes no memory and has no weights."""
    import torch
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):
        model: PreTrainedModel = AutoModelForCausalLM.from_config(model_config(shape, vocabulary=vocabulary))
    return model


@cache
def parameters(shape: DecoderShape, *, vocabulary: int) -> int:
    """Parameters of the model, a tied embedding counted once.

    >>> parameters(QWEN3_1_7B, vocabulary=QWEN3_VOCABULARY)
    1720574976
    """
    return sum(parameter.numel() for parameter in empty_model(shape, vocabulary=vocabulary).parameters())


@cache
def parameters_of_layers(shape: DecoderShape) -> int:
    """Parameters of the transformer layers alone: what sizes "without embeddings" means here.

    >>> parameters_of_layers(TINY)
    7968000
    """
    layers = empty_model(shape, vocabulary=8).get_submodule("model.layers")
    return sum(parameter.numel() for parameter in layers.parameters())
