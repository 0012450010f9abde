"""Shapes of encoders: ours for small machines, those of Mecellem, Table 4, and BERT-base as HukukBERT has it.

Small names follow the habit of the field (BERT miniatures, Ettin); sizes without embeddings and head:
TINY 7.5M, SMALL 26.7M, MEDIUM 60.2M.

Where transformers' ModernBERT differs from Table 4: it normalises with LayerNorm without bias, Table 4 says RMSNorm
(as many parameters, one gain a component; ModernBERT's own training code has LayerNorm too); Table 4 gives one RoPE
theta, transformers has one for global and one for local layers (we set both to it). Neither has biases in the layers;
transformers' prediction head has one bias a word. The embedding is tied to the head and counted once.
Parameters on the meta device with 59,008 words: 155.65M and 403.63M without, 156.30M and 404.74M with the prediction
head's own part (one dense matrix, a norm, the biases); Table 4 says 155M and 403M.
"""

from functools import cache
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from mecelle.base.config import Config
from mecelle.base.errors import MismatchError

if TYPE_CHECKING:  # recipes read shapes, and must start without torch
    from transformers import BertConfig, ModernBertConfig, PreTrainedModel

OF_MODERNBERT = ("window", "global_every", "rope_theta_global", "rope_theta_local")
"""Fields that mean nothing to a BERT, whose every layer sees everything and whose positions are learned."""


class Shape(Config):
    """Size of an encoder, vocabulary apart."""

    family: Literal["modernbert", "bert"] = "modernbert"
    """Kind of transformer: ModernBERT (Mecellem) or BERT (HukukBERT)."""
    layers: int = Field(ge=1)
    """Transformer layers."""
    width: int = Field(ge=8)
    """Components of a hidden state."""
    heads: int = Field(ge=1)
    """Attention heads; they divide `width` into even parts."""
    feed_forward: int = Field(ge=8)
    """Inner width of the feed-forward part, which is gated in ModernBERT (three matrices) and plain in BERT (two)."""
    positions: int = Field(default=8192, ge=8)
    """Longest input, in tokens, that the architecture takes; the saved tokenizer asks for those of training."""
    window: int = Field(default=128, ge=2)
    """Tokens that a local layer sees, half to each side (Table 4: 128)."""
    global_every: int = Field(default=3, ge=1)
    """Every so many layers one sees the whole text, the first among them (§3.3.2: one in three)."""
    rope_theta_global: float = 160_000.0
    """Base of the rotary angles in global layers."""
    rope_theta_local: float = 10_000.0
    """Base of the rotary angles in local layers."""

    @model_validator(mode="after")
    def _consistent(self) -> "Shape":
        # Half a head must be whole for rotary angles; BERT has none.
        parts = self.heads * (2 if self.family == "modernbert" else 1)
        if self.width % parts:
            raise ValueError(f"width {self.width} is no multiple of {parts}, as {self.heads} heads need")
        fields = type(self).model_fields
        set_in_vain = [name for name in OF_MODERNBERT if getattr(self, name) != fields[name].default]
        if self.family == "bert" and set_in_vain:
            raise ValueError(f"{', '.join(set_in_vain)}: a BERT has no such thing; leave it out or take modernbert")
        return self


SMOKE = Shape(layers=2, width=64, heads=2, feed_forward=96, positions=1024)
TINY = Shape(layers=6, width=384, heads=6, feed_forward=576)
SMALL = Shape(layers=12, width=512, heads=8, feed_forward=768)
MEDIUM = Shape(layers=12, width=768, heads=12, feed_forward=1152)
MECELLEM_BASE = Shape(
    layers=22, width=768, heads=12, feed_forward=1152, positions=1024, rope_theta_global=10_000.0
)  # fmt: skip
MECELLEM_LARGE = Shape(
    layers=28, width=1024, heads=16, feed_forward=2624, positions=2048, rope_theta_global=20_000.0,
    rope_theta_local=20_000.0,
)  # fmt: skip
BERT_BASE = Shape(family="bert", layers=12, width=768, heads=12, feed_forward=3072, positions=512)
"""HukukBERT §3.4: BERTurk's shape. With its 48,000 words 123.0M parameters; the paper gives no count."""
BERT_SMOKE = Shape(family="bert", layers=2, width=64, heads=2, feed_forward=128, positions=1024)
MECELLEM_VOCABULARY = 59_008
"""Words of Mecellem's tokenizer (Table 4)."""
HUKUKBERT_VOCABULARY = 48_000
"""Words of HukukBERT's tokenizer (§3.3)."""


def model_config(shape: Shape, *, vocabulary: int, special_ids: dict[str, int]) -> "ModernBertConfig | BertConfig":
    """The transformers configuration of `shape`. special_ids: ids of `cls`, `sep` and `pad`."""
    from transformers import BertConfig, ModernBertConfig

    # The two classes name these alike.
    sizes = {
        "vocab_size": vocabulary,
        "hidden_size": shape.width,
        "intermediate_size": shape.feed_forward,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "max_position_embeddings": shape.positions,
        "pad_token_id": special_ids["pad"],
        "bos_token_id": special_ids["cls"],
        "eos_token_id": special_ids["sep"],
    }
    if shape.family == "bert":
        return BertConfig(**sizes)
    return ModernBertConfig(
        **sizes,
        local_attention=shape.window,
        global_attn_every_n_layers=shape.global_every,
        rope_parameters={
            "full_attention": {"rope_type": "default", "rope_theta": shape.rope_theta_global},
            "sliding_attention": {"rope_type": "default", "rope_theta": shape.rope_theta_local},
        },
        cls_token_id=special_ids["cls"],
        sep_token_id=special_ids["sep"],
    )


def shape_of(config: "ModernBertConfig | BertConfig") -> Shape:
    """The shape behind a transformers configuration: of a model that training goes on from.

    Raises MismatchError for another kind of model.
    """
    sizes = {
        "layers": config.num_hidden_layers,
        "width": config.hidden_size,
        "heads": config.num_attention_heads,
        "feed_forward": config.intermediate_size,
        "positions": config.max_position_embeddings,
    }
    if config.model_type == "bert":
        return Shape(family="bert", **sizes)
    if config.model_type != "modernbert":
        raise MismatchError(f"model_type '{config.model_type}': only modernbert and bert can be trained further here")
    rope = config.rope_parameters
    return Shape(
        **sizes,
        window=config.local_attention,
        global_every=config.global_attn_every_n_layers,
        rope_theta_global=rope["full_attention"]["rope_theta"],
        rope_theta_local=rope["sliding_attention"]["rope_theta"],
    )


def empty_model(shape: Shape, *, vocabulary: int) -> "PreTrainedModel":
    """The masked language model of `shape` on the meta device: it takes no memory and has no weights."""
    import torch
    from transformers import AutoModelForMaskedLM

    config = model_config(shape, vocabulary=vocabulary, special_ids={"pad": 0, "cls": 1, "sep": 2})
    with torch.device("meta"):
        model: PreTrainedModel = AutoModelForMaskedLM.from_config(config)
    return model


@cache
def parameters(shape: Shape, *, vocabulary: int) -> int:
    """Parameters of the model with its prediction head, the tied embedding counted once.

    >>> parameters(SMOKE, vocabulary=2048)
    207232
    """
    return sum(parameter.numel() for parameter in empty_model(shape, vocabulary=vocabulary).parameters())


@cache
def parameters_of_layers(shape: Shape) -> int:
    """Parameters of the transformer layers alone: what sizes "without embeddings" means here.

    >>> parameters_of_layers(TINY)
    7524480
    """
    model = empty_model(shape, vocabulary=8)
    layers = [module for name, module in model.named_modules() if name.endswith(("encoder.layer", "model.layers"))]
    return sum(parameter.numel() for parameter in layers[0].parameters())
