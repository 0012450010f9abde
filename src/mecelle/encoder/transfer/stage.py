"""The stage "transfer": a model and another tokenizer in, the model with that tokenizer out."""

import copy
import inspect
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from transformers import AutoModelForMaskedLM

from mecelle.base import artifacts
from mecelle.base.config import Config
from mecelle.base.errors import MismatchError
from mecelle.base.seeds import derive
from mecelle.encoder.initial import load_initial
from mecelle.encoder.transfer import tables
from mecelle.encoder.transfer.auxiliary import AuxiliaryConfig
from mecelle.encoder.transfer.matching import NONE, match, roles
from mecelle.encoder.transfer.methods import METHODS, Filled, Task
from mecelle.encoder.transfer.overlap import measure_overlap
from mecelle.encoder.vocabulary import Vocabulary, load_vocabulary
from mecelle.models.quiet import quiet
from mecelle.tokenizer.measure.texts import draw_sample

STAGE = "transfer"
VERSION = 1

ID_FIELDS = {"pad": "pad", "cls": "cls", "sep": "sep", "bos": "cls", "eos": "sep", "mask": "mask"}
"""Ids that a model's configuration may name, and the role whose id in the new tokenizer they get."""


class TransferConfig(Config):
    """How a model gets another vocabulary."""

    method: str | None = "mean.v1"
    """How tokens without a match begin: a file of `encoder/transfer/methods/` (HukukBERT §3.4: the mean). null copies
    nothing at all: every row, those of special tokens too, begins as in a new model."""
    sampled_documents: int = Field(default=4_000, ge=1)
    """Documents of the texts, drawn by the seed, for the overlap in running text and for methods that learn from it."""
    auxiliary: AuxiliaryConfig = AuxiliaryConfig()
    """Static vectors, for focus.v1."""


def transfer(
    model: Path | str,
    tokenizer: Path | str,
    out: Path,
    config: TransferConfig,
    *,
    seed: int,
    texts: Path | None = None,
) -> None:
    """Write `model` with the tokenizer `tokenizer` into `out`, as a plain Hugging Face folder.

    model, tokenizer: folders or hub ids. texts: what training will go on with, an artifact with documents or a file
    of texts.
    Rows of tokens that both tokenizers have are copied (`matching` says which those are), special tokens by their role;
    the others begin as `config.method` says; the output bias likewise, and a tied head stays tied. The vocabulary gets
    the size of the tokenizer: rows that pad the old one are not carried over.
    Raises MismatchError if the model is no masked language model, if a tokenizer is not a fast one with cls, sep, pad
    and mask, or if the old one has more tokens than the model; InputError for a method that needs texts.
    """
    inputs = {"model": model, "tokenizer": tokenizer, "texts": texts}
    given = {name: place for name, place in inputs.items() if place is not None}
    with (
        quiet(),
        artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=given, seed=seed) as run,
    ):
        source, old = load_initial(model)
        old_tokens = _check(source, old, name=str(model))
        new, _ = load_vocabulary(tokenizer)
        sample = draw_sample([texts], most=config.sampled_documents, seed=seed).texts if texts else ()
        task = Task(
            table=tables.read_table(source, tokens=old_tokens),
            origins=(origins := match(old, new)),
            wanted=np.flatnonzero(origins == NONE),
            old=old,
            new=new,
            texts=[text.joined for text in sample],
            auxiliary=config.auxiliary,
        )
        target = _target(source, new, seed=seed)
        ways = _fill(target, task, config.method, seed=seed)
        new.model_max_length = min(new.model_max_length, old.model_max_length)  # what the model was trained at
        _save(target, new, run.folder)
        overlap = measure_overlap(origins, new, task.texts, old_tokens=old_tokens)
        run.figures |= {
            "method": config.method,
            "overlap": overlap.model_dump(),
            "rows": ways,
            "special": {new.convert_ids_to_tokens(a): old.convert_ids_to_tokens(b) for a, b in roles(old, new).items()},
            "mean_norm": _norms(target, origins),
        }


def _check(model: Any, tokenizer: Any, *, name: str) -> int:
    """The number of old tokens."""
    tokens = Vocabulary(tokenizer, name=name).size
    if tokens > model.config.vocab_size:
        raise MismatchError(
            f"{name}: the tokenizer has {tokens:,} tokens and the model {model.config.vocab_size:,} rows; give the "
            "tokenizer that the model was trained with"
        )
    return tokens


def _target(source: Any, tokenizer: Any, *, seed: int) -> Any:
    """A model like `source`, of the tokenizer's size: its body is that of `source`, its rows are those of a new one."""
    config = copy.deepcopy(source.config)
    config.vocab_size = len(tokenizer)
    for field, role in ID_FIELDS.items():
        if getattr(config, f"{field}_token_id", None) is not None:
            setattr(config, f"{field}_token_id", getattr(tokenizer, f"{role}_token_id"))
    if (first := tables.first_position(source)) is not None:
        config.max_position_embeddings += config.pad_token_id + 1 - first
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(seed, "transfer", "rows"))
        target = AutoModelForMaskedLM.from_config(config).float()
    tables.copy_body(source, target)
    return target.eval()


def _fill(target: Any, task: Task, method: str | None, *, seed: int) -> dict[str, int]:
    """Write the rows of all tokens. Returns how many were made in which way."""
    if method is None:
        return {"as in a new model": len(task.origins)}
    filled = METHODS.get(method)(task, seed=seed)
    tables.write_table(target, _rows(task, filled))
    return {"copied": len(task.origins) - len(task.wanted), **dict(sorted(Counter(filled.ways).items()))}


def _rows(task: Task, filled: Filled) -> NDArray[np.float32]:
    rows_NC = task.table[task.origins]  # what has no origin is written over
    rows_NC[task.wanted] = filled.rows
    return rows_NC


def _save(model: Any, tokenizer: Any, folder: Path) -> None:
    """Model and tokenizer; the latter asks for no more tokens, and gives no other tensors, than the model takes."""
    longest = model.config.max_position_embeddings - (tables.first_position(model) or 0)
    tokenizer.model_max_length = min(tokenizer.model_max_length, longest)
    taken = inspect.signature(model.forward).parameters
    types = getattr(model.config, "type_vocab_size", 1)
    tokenizer.model_input_names = [
        name for name in tokenizer.model_input_names if name in taken and (name != "token_type_ids" or types > 1)
    ]
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _norms(model: Any, origins_N: NDArray[np.int64]) -> dict[str, float]:
    """Mean length of the embedding rows that were copied, and of the others."""
    lengths = model.get_input_embeddings().weight.detach().norm(dim=1).numpy()
    parts = {"copied": lengths[origins_N != NONE], "new": lengths[origins_N == NONE]}
    return {name: round(float(part.mean()), 4) for name, part in parts.items() if len(part)}
