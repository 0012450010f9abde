"""Which weights of a model an optimizer treats alike."""

from collections.abc import Iterable
from typing import Any

from torch import nn


def decay_groups(parameters: Iterable[nn.Parameter], *, weight_decay: float) -> list[dict[str, Any]]:
    """Two groups of those that are trained: matrices, which decay, then gains and biases, which do not.

    Decay would only pull a gain off its scale. Embeddings decay with the matrices: so do BERT's own code, Hugging
    Face's Trainer and ModernBERT's `filter_bias_norm_wd`, which HukukBERT and Mecellem stand on; neither paper says.
    """
    trained = [parameter for parameter in parameters if parameter.requires_grad]
    return [
        {"params": [parameter for parameter in trained if parameter.ndim >= 2], "weight_decay": weight_decay},
        {"params": [parameter for parameter in trained if parameter.ndim < 2], "weight_decay": 0.0},
    ]


def hidden_matrices(model: nn.Module) -> list[nn.Parameter]:
    """Weights of the linear maps between hidden states that are trained: no embeddings, and no map onto words.

    model: of transformers. A map onto words is its output embedding, tied or not.
    """
    onto_words = model.get_output_embeddings() if hasattr(model, "get_output_embeddings") else None
    return [
        module.weight
        for module in model.modules()
        if isinstance(module, nn.Linear) and module is not onto_words and module.weight.requires_grad
    ]
