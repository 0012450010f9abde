"""Loss and accuracy of masked words on held-out texts: the same words hidden in the same way for every candidate."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from mecelle.base.errors import InputError
from mecelle.base.protocols import Fate
from mecelle.base.seeds import derive, generator
from mecelle.evaluation.compare import Interval
from mecelle.evaluation.statistics.bootstrap import cluster_interval
from mecelle.evaluation.tasks.masked_accuracy import MaskedAccuracyConfig, choose
from mecelle.evaluation.tasks.texts import HeldOutText
from mecelle.models.masked import MaskedModel, load_mask_filler
from mecelle.models.placing import owners_of
from mecelle.models.sequences import Query, ask
from mecelle.text.words import word_spans


class MaskedScore(BaseModel):
    """How well hidden words are predicted. Intervals are over documents."""

    model_config = ConfigDict(frozen=True)

    documents: int
    tokens: int
    loss: Interval
    """Nats per hidden token: comparable where the tokenizer is the same."""
    bits_per_byte: float
    """Bits per byte of the hidden words: comparable between tokenizers too."""
    accuracy: Interval
    """Of hidden tokens, 0..1."""


def score(folder: Path, texts: Sequence[HeldOutText], config: MaskedAccuracyConfig, *, seed: int) -> MaskedScore:
    """Measure the model in `folder`. A text that is longer than the model reads is scored as far as it reads.

    Raises InputError if it reads none of the hidden words, ArtifactError if it is no masked language model.
    """
    model = load_mask_filler(folder)
    hidden = [_hide(model, text, config, seed=seed) for text in texts]
    found = ask(
        model.model,
        [one.query for one in hidden],
        _nats_and_hits,
        pad=model.tokenizer.pad_token_id or 0,
        device=model.device,
        batch_size=model.batch_size,
    )
    clusters = [number for number, rows in enumerate(found) for _ in rows]
    if not clusters:
        raise InputError(f"{folder}: reads none of the hidden words of {len(texts)} texts; shorten passage_words")
    nats, right = np.concatenate(found).T
    return MaskedScore(
        documents=len(set(clusters)),
        tokens=len(nats),
        loss=cluster_interval(nats, clusters, seed=derive(seed, "loss")),
        bits_per_byte=float(nats.sum() / math.log(2) / sum(one.bytes for one in hidden)),
        accuracy=cluster_interval(right, clusters, seed=derive(seed, "accuracy")),
    )


@dataclass(frozen=True, slots=True)
class _Hidden:
    query: Query
    bytes: int
    """Of the hidden words that the model reads."""


def _hide(model: MaskedModel, text: HeldOutText, config: MaskedAccuracyConfig, *, seed: int) -> _Hidden:
    # The same stream as `evaluate masked`, so that its figures and these are of the same words.
    spans, fates = choose(word_spans(text.text), config, generator(seed, "masks", "word", text.domain, text.id))
    encoding = model.tokenizer(text.text, return_offsets_mapping=True, truncation=True, max_length=model.max_length)
    ids, owners = list(encoding["input_ids"]), owners_of(encoding["offset_mapping"], spans)
    places = [at for at, owner in enumerate(owners) if owner >= 0]
    targets = [ids[at] for at in places]
    ordinary = np.setdiff1d(np.arange(len(model.tokenizer)), model.tokenizer.all_special_ids)
    others = generator(seed, "random tokens", text.domain, text.id).choice(ordinary, len(places)).tolist()
    for at, other in zip(places, others, strict=True):
        fate: Fate = fates[owners[at]]
        ids[at] = {"masked": model.tokenizer.mask_token_id, "random": other, "kept": ids[at]}[fate]
    read = {owners[at] for at in places}
    size = sum(len(text.text[slice(*spans[number])].encode()) for number in read)
    return _Hidden(Query(ids, places, targets), size)


def _nats_and_hits(log_PV: Any, targets_P: Any) -> Any:
    """Shape (P, 2): negative log-probability of each target, and whether it comes first."""
    import torch

    nats = -log_PV.gather(-1, targets_P[:, None])[:, 0].double()
    return torch.stack([nats, (log_PV.argmax(-1) == targets_P).double()], dim=1)
