"""A causal language model to go on from: published, or trained here."""

from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoTokenizer, PreTrainedConfig
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_MASKED_LM_MAPPING_NAMES,
)

from mecelle.base.errors import ConfigError, MismatchError
from mecelle.decoder.config import DecoderConfig
from mecelle.decoder.packed_model import packed_model
from mecelle.models.folders import find_folder
from mecelle.models.loading import load_with_head, told_when_unloadable
from mecelle.training.pieces import IGNORED

MOST_DIFFERENCE = 1e-3
"""Nats a token by which a packed row may differ from its documents alone, in fp32."""


def check_initial(initial: Path | str, config: DecoderConfig, tokenizer: Any, *, name: Path | str) -> None:
    """Raise MismatchError unless the model `initial` is a causal one whose words have the ids of `tokenizer`.

    name: what messages call the tokenizer. Raises ConfigError if rows are longer than the texts that the model takes.
    Its weights are not read yet.
    """
    found = read_config(initial)
    if len(tokenizer) > found.vocab_size:
        raise MismatchError(
            f"{initial} knows {found.vocab_size:,} tokens, {name} has {len(tokenizer):,}: they do not belong together. "
            "Use the tokenizer that the model was trained with; it lies in the model's folder"
        )
    _check_words(initial, tokenizer, name=name)
    most = getattr(found, "max_position_embeddings", None)
    if most and config.sequence_length > most:
        raise ConfigError(f"sequence_length {config.sequence_length}: {initial} takes texts of {most} tokens at most")


def _check_words(initial: Path | str, tokenizer: Any, *, name: Path | str) -> None:
    """Raise MismatchError unless `tokenizer` has the words of the model's own, where it has one, under their ids."""
    folder = find_folder(initial)
    if not any((folder / file).is_file() for file in ("tokenizer.json", "tokenizer_config.json")):
        return
    with told_when_unloadable(folder, "a tokenizer"):
        own = AutoTokenizer.from_pretrained(folder).get_vocab()
    given = tokenizer.get_vocab()
    others = [word for word, number in own.items() if given.get(word) != number]
    if others:
        raise MismatchError(
            f"{initial} was trained with another tokenizer than {name}: of its {len(own):,} words, {len(others):,} "
            f"have another id there or none, such as {others[0]!r}. Use the tokenizer in the model's folder; several "
            "models are compared with one tokenizer only if all were trained with it"
        )


def read_config(initial: Path | str) -> PreTrainedConfig:
    """The transformers configuration of a model. Raises MismatchError if it is no causal language model."""
    folder = find_folder(initial)
    with told_when_unloadable(folder, "a causal language model"):
        config = AutoConfig.from_pretrained(folder)
    causal = MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.keys() - MODEL_FOR_MASKED_LM_MAPPING_NAMES.keys()  # BERT is in both
    if config.model_type not in causal or getattr(config, "vocab_size", None) is None:
        raise MismatchError(
            f"{initial}: a '{config.model_type}', which is no causal language model of text; give a decoder such as a "
            "Qwen3 or a Llama"
        )
    return config


def packed_initial(initial: Path | str) -> Any:
    """The model for packed rows, in fp32.

    Raises ArtifactError or InputError if it cannot be loaded or lacks weights, MismatchError if its loss over a packed
    row is not that of its documents (a model whose state runs on, or whose scores are more than a linear map).
    """
    source, _ = load_with_head(find_folder(initial), "causal-LM", device="cpu")
    source = source.float()
    source.config.dtype = torch.float32  # what is trained in fp32 is saved in fp32
    model = packed_model(source.config)
    model.load_state_dict(source.state_dict())
    model.generation_config = source.generation_config
    _check_packing(model, source, name=initial)
    return model


def _check_packing(model: Any, plain: Any, *, name: Path | str) -> None:
    """Compare the loss of two texts and padding in one row with that of each text alone, in plain transformers."""
    generator = torch.Generator().manual_seed(0)
    texts = [torch.randint(plain.config.vocab_size, (1, length), generator=generator) for length in (7, 5)]
    ids = torch.cat([*texts, torch.zeros(1, 4, dtype=torch.long)], dim=1)
    block = torch.tensor([[0] * 7 + [1] * 5 + [-1] * 4])
    labels = torch.cat([ids[:, 1:], ids[:, :1]], dim=1).masked_fill(block != block.roll(-1, 1), IGNORED)
    labels[block < 0] = IGNORED
    with torch.no_grad():
        packed = model.eval()(ids, block, labels).loss
        alone = [plain(input_ids=text, labels=text).loss * (text.shape[1] - 1) for text in texts]
    model.train()
    mean = torch.stack(alone).sum() / (labels != IGNORED).sum()
    if not abs(packed - mean) < MOST_DIFFERENCE:
        raise MismatchError(
            f"{name}: a '{plain.config.model_type}' gives {packed:.4f} nats a token for two texts in one row and "
            f"{mean:.4f} for each alone; it cannot be trained on packed rows here. Qwen3 and Llama can"
        )
