"""Shapes of ModernBERT encoders: ours for small machines, and those of Mecellem, Table 4.

Where transformers differs from Table 4: its ModernBERT normalises with LayerNorm without bias, Table 4 says RMSNorm;
Table 4 gives one RoPE theta, transformers has one for global and one for local layers (we set both to it).
Parameters on the meta device with 59,008 words: 156.3M and 404.7M, of which the prediction head is 0.65M and 1.1M;
Table 4 says 155M and 403M.
"""

from functools import cache
from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from mecelle.base.config import Config

if TYPE_CHECKING:  # recipes read shapes, and must start without torch
    from transformers import ModernBertConfig


class Shape(Config):
    """Size of a ModernBERT encoder, vocabulary apart."""

    layers: int = Field(ge=1)
    """Transformer layers."""
    width: int = Field(ge=8)
    """Components of a hidden state."""
    heads: int = Field(ge=1)
    """Attention heads; they divide `width` into even parts."""
    feed_forward: int = Field(ge=8)
    """Inner width of the gated feed-forward part."""
    positions: int = Field(default=8192, ge=8)
    """Longest input, in tokens, that the finished model claims to take."""
    window: int = Field(default=128, ge=2)
    """Tokens that a local layer sees, half to each side (Table 4: 128)."""
    global_every: int = Field(default=3, ge=1)
    """Every so many layers one sees the whole text, the first among them (§3.3.2: one in three)."""
    rope_theta_global: float = 160_000.0
    """Base of the rotary angles in global layers."""
    rope_theta_local: float = 10_000.0
    """Base of the rotary angles in local layers."""

    @model_validator(mode="after")
    def _heads_divide_width(self) -> "Shape":
        if self.width % (2 * self.heads):
            raise ValueError(f"width {self.width} is no multiple of twice the {self.heads} heads")
        return self


SMOKE = Shape(layers=2, width=64, heads=2, feed_forward=96, positions=1024)
LAPTOP = Shape(layers=6, width=384, heads=6, feed_forward=576)
MECELLEM_BASE = Shape(
    layers=22, width=768, heads=12, feed_forward=1152, positions=1024, rope_theta_global=10_000.0
)  # fmt: skip
MECELLEM_LARGE = Shape(
    layers=28, width=1024, heads=16, feed_forward=2624, positions=2048, rope_theta_global=20_000.0,
    rope_theta_local=20_000.0,
)  # fmt: skip
MECELLEM_VOCABULARY = 59_008
"""Words of Mecellem's tokenizer (Table 4)."""


def model_config(shape: Shape, *, vocabulary: int, special_ids: dict[str, int]) -> "ModernBertConfig":
    """The transformers configuration of `shape`. special_ids: ids of `cls`, `sep` and `pad`."""
    from transformers import ModernBertConfig

    return ModernBertConfig(
        vocab_size=vocabulary,
        hidden_size=shape.width,
        intermediate_size=shape.feed_forward,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        max_position_embeddings=shape.positions,
        local_attention=shape.window,
        global_attn_every_n_layers=shape.global_every,
        rope_parameters={
            "full_attention": {"rope_type": "default", "rope_theta": shape.rope_theta_global},
            "sliding_attention": {"rope_type": "default", "rope_theta": shape.rope_theta_local},
        },
        pad_token_id=special_ids["pad"],
        cls_token_id=special_ids["cls"],
        sep_token_id=special_ids["sep"],
        bos_token_id=special_ids["cls"],
        eos_token_id=special_ids["sep"],
    )


@cache
def parameters(shape: Shape, *, vocabulary: int) -> int:
    """Parameters of the model with its prediction head, counted on the meta device: no memory is taken.

    >>> parameters(SMOKE, vocabulary=2048)
    207232
    """
    import torch
    from transformers import ModernBertForMaskedLM

    with torch.device("meta"):
        config = model_config(shape, vocabulary=vocabulary, special_ids={"pad": 0, "cls": 1, "sep": 2})
        model = ModernBertForMaskedLM(config)
    return sum(parameter.numel() for parameter in model.parameters())
