"""Low-rank adapters: put into a model before it is trained, merged into its weights when it is saved."""

from typing import Any

from torch import Tensor, nn

from mecelle.base.errors import require
from mecelle.decoder.config import Lora

NAME = "default"


def add_adapters(model: Any, lora: Lora) -> None:
    """Put an adapter beside each linear map of the layers, and freeze all else. The model keeps its class.

    Raises MissingPackageError, with the line that installs it, if `peft` is absent.
    """
    peft = require("peft", extra="lora", why="lora")
    head = model.get_output_embeddings()
    maps = [name for name, one in model.named_modules() if isinstance(one, nn.Linear) and one is not head]
    adapters = peft.LoraConfig(r=lora.rank, lora_alpha=lora.alpha, lora_dropout=lora.dropout, target_modules=maps)
    peft.inject_adapter_in_model(adapters, model, adapter_name=NAME)


def merged_weights(model: Any) -> dict[str, Tensor]:
    """The weights of `model` by their names in plain transformers, its adapters, if it has any, added to them."""
    weights = {
        name.replace(".base_layer.", "."): weight for name, weight in model.state_dict().items() if ".lora_" not in name
    }
    for name, module in model.named_modules():
        if hasattr(module, "get_delta_weight"):
            weights[f"{name}.weight"] = module.base_layer.weight + module.get_delta_weight(NAME)
    return weights
