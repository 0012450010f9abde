"""Operations that a causal language model takes, counted on the model itself: of any family."""

from typing import Any

from torch import nn

from mecelle.training.throughput import Flops


def causal_flops(model: Any, *, sequence_length: int) -> Flops:
    """Operations per token of a full row that is one document; `model` may be on the meta device.

    matrices: 2 for each weight of the linear maps in layers. attention: 4 * (components of all query heads) * keys a
    layer; a token sees (T + 1) / 2 keys on average, and what a causal mask hides is no useful work (Megatron and the
    formula of PaLM count it, which makes a utilisation look larger: by 12% at 4,096 tokens of Qwen3-1.7B, less in
    shorter rows). head: 2 for each weight of the map onto words, at every token. Rows of several documents need less;
    norms, activations, softmax and optimizer are left out.
    """
    config, head = model.config.get_text_config(), model.get_output_embeddings()
    maps = [one for one in model.modules() if isinstance(one, nn.Linear) and one is not head]
    head_width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    queries = config.num_attention_heads * head_width * config.num_hidden_layers
    return Flops(
        matrices=2.0 * sum(one.weight.numel() for one in maps),
        attention=4.0 * queries * (sequence_length + 1) / 2,
        head=2.0 * head.weight.numel(),
    )
