"""The tensors of a masked language model that have one row per token, as one table.

Embedding, output matrix where it is not tied to it, and the bias of the output: what is done to a token's row is done
to all of them alike, and a tied head stays tied.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn


def token_tensors(model: nn.Module) -> list[nn.Parameter]:
    """The parameters of `model` (of transformers) with a row per token, each once; always in the same order."""
    output: Any = model.get_output_embeddings()
    wanted = [model.get_input_embeddings().weight, output.weight, getattr(output, "bias", None)]
    return list({one.data_ptr(): one for one in wanted if one is not None}.values())


def read_table(model: nn.Module, *, tokens: int) -> NDArray[np.float32]:
    """Rows of the first `tokens` tokens, shape (tokens, columns): the tensors side by side."""
    columns = [tensor.detach().float().reshape(len(tensor), -1) for tensor in token_tensors(model)]
    table: NDArray[np.float32] = torch.cat(columns, dim=1)[:tokens].numpy().copy()
    return table


def write_table(model: nn.Module, table_VC: NDArray[np.float32]) -> None:
    """Put the rows back into a model of the same build. V: its tokens."""
    at = 0
    with torch.no_grad():
        for tensor in token_tensors(model):
            width = tensor[0].numel()
            tensor.copy_(torch.from_numpy(table_VC[:, at : at + width].reshape(tensor.shape)))
            at += width
    assert at == table_VC.shape[1], "the models are not of one build"


def copy_body(source: nn.Module, target: nn.Module) -> None:
    """Copy every weight but those of `token_tensors` into a model of the same build.

    RoBERTa counts positions from its padding token's id on, so that its position rows move along with that id.
    """
    per_token = {tensor.data_ptr() for tensor in token_tensors(source)}
    body = {name: value for name, value in source.state_dict().items() if value.data_ptr() not in per_token}
    if (first := first_position(source)) is not None:
        name = next(name for name in body if name.endswith("position_embeddings.weight"))
        moved = torch.zeros_like(target.state_dict()[name])
        moved[first_position(target) :] = body[name][first:]
        body[name] = moved
    left = target.load_state_dict(body, strict=False)
    assert not left.unexpected_keys, f"the models are not of one build: {left.unexpected_keys}"


def first_position(model: nn.Module) -> int | None:
    """Row of the first position in models that count from the padding token's id on (RoBERTa); None in all others."""
    positions = getattr(getattr(model.base_model, "embeddings", None), "position_embeddings", None)
    padding = getattr(positions, "padding_idx", None)
    return None if padding is None else int(padding) + 1
