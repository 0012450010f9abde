"""A trained masked language model to go on from."""

from pathlib import Path
from typing import Any, TypeVar

import torch
from transformers import AutoConfig, AutoTokenizer, PreTrainedConfig
from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES

from mecelle.base import artifacts
from mecelle.base.config import dump, parse
from mecelle.base.errors import MismatchError
from mecelle.encoder.config import EncoderConfig
from mecelle.encoder.packed_model import packed_model
from mecelle.encoder.shapes import shape_of
from mecelle.models.folders import find_folder
from mecelle.models.loading import load_with_head, told_when_unloadable

C = TypeVar("C", bound=EncoderConfig)


def load_initial(model: Path | str) -> tuple[Any, Any]:
    """The model, in fp32, and its own fast tokenizer. model: a Hugging Face folder or a hub id.

    Raises MismatchError if it is of a kind that fills no masks (a decoder), ArtifactError or InputError if it cannot be
    loaded or lacks the weights of its head.
    """
    folder = find_folder(model)
    _read_config(folder, model)
    loaded, tokenizer = load_with_head(folder, "masked-LM", device="cpu")
    loaded = loaded.float()
    loaded.config.dtype = torch.float32  # what is trained in fp32 is saved in fp32
    return loaded, tokenizer


def take_shape(config: C, initial: Path | str) -> C:
    """The parameters with the shape of the model `initial`, and checked against it.

    Raises MismatchError if it cannot be trained further here, ConfigError if the parameters ask for more than it has
    (a sequence_length beyond its positions).
    """
    shape = shape_of(_read_config(find_folder(initial), initial))
    return parse(type(config), dump(config) | {"shape": dump(shape)}, where=f"training goes on from {initial}")


def check_vocabulary(initial: Path | str, tokenizer: Any, *, name: Path | str) -> None:
    """Raise MismatchError unless the model `initial` was trained with the vocabulary of `tokenizer`, called `name`."""
    folder = find_folder(initial)
    rows, own = _read_config(folder, initial).vocab_size, AutoTokenizer.from_pretrained(folder)
    if rows == len(tokenizer) and own.get_vocab() == tokenizer.get_vocab():
        return
    raise MismatchError(
        f"{initial} ({rows:,} rows, {len(own):,} tokens) and {name} ({len(tokenizer):,} tokens): not one vocabulary. "
        f"`mecelle encoder adapt {initial} --tokenizer {name}` transfers it, and takes out rows that only pad it"
    )


def packed_initial(initial: Path | str) -> Any:
    """The model `initial` as one that trains on packed rows, with its own configuration (dropout and all)."""
    source, _ = load_initial(initial)
    model = packed_model(source.config)
    model.load_state_dict(source.state_dict())
    return model


def transfer_of(initial: Path | str) -> dict[str, Any]:
    """What the record of a model with a transferred vocabulary says of that, for the record of its training; or {}."""
    record = artifacts.read_record(Path(initial))
    if record is None or record.stage != "transfer":
        return {}
    inputs = {name: given.model_dump() for name, given in record.inputs.items()}
    return {"transfer": {"inputs": inputs, **record.figures}}


def _read_config(folder: Path, name: Path | str) -> PreTrainedConfig:
    with told_when_unloadable(folder, "a masked language model"):
        config = AutoConfig.from_pretrained(folder)
    if config.model_type not in MODEL_FOR_MASKED_LM_MAPPING_NAMES:
        raise MismatchError(
            f"{name}: a '{config.model_type}', which is no masked language model; give an encoder with its prediction "
            "head, such as a ModernBERT, a BERT or an XLM-RoBERTa as it was pre-trained"
        )
    return config
