"""Training of the sentence-level sectioner; a killed one goes on after its last whole epoch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import get_linear_schedule_with_warmup

from mecelle.base.errors import TrainingError
from mecelle.base.progress import Progress
from mecelle.base.protocols import TextEncoder
from mecelle.base.seeds import derive, generator
from mecelle.segmentation.epochs import Epoch, chosen
from mecelle.segmentation.measures import scores, tally
from mecelle.segmentation.record import Segmented
from mecelle.segmentation.sentences.config import SentencesConfig
from mecelle.segmentation.sentences.features import Units
from mecelle.segmentation.sentences.model import SentenceTagger
from mecelle.segmentation.sentences.reading import read_units
from mecelle.segmentation.state import State
from mecelle.segmentation.units import labels_of, sections_of
from mecelle.segmentation.variants import PLAIN, VARIANTS

_CLIP = 1.0
"""Longest gradient."""


@dataclass(frozen=True)
class Shown:
    """A decision in one form, as the model sees it."""

    units: Units
    labels: list[int]


@dataclass(frozen=True)
class Material:
    """What every member learns from and is chosen by, read once."""

    forms: list[list[Shown]]
    """Of each training decision: plain, then the harder ones."""
    development: Sequence[Segmented]
    held: list[Shown]
    """The development decisions, in their order."""
    vector_width: int
    """Components of the frozen encoder's vectors; 0 without one."""


def material(
    train: Sequence[Segmented],
    headed: Mapping[str, Segmented],
    development: Sequence[Segmented],
    config: SentencesConfig,
    *,
    encoder: TextEncoder | None,
    seed: int,
) -> Material:
    """Read the decisions, and all forms of those that are learnt from. headed: by id, with their headings."""
    return Material(
        forms=_forms(train, headed, config, encoder, seed=seed),
        development=development,
        held=_shown(development, config, encoder),
        vector_width=encoder.dimension if encoder else 0,
    )


def train_member(
    given: Material, config: SentencesConfig, *, seed: int, work: Path
) -> tuple[SentenceTagger, list[Epoch]]:
    """One network, as it was at its best epoch on development, and what every epoch gave.

    work: the state after the last whole epoch is kept there. Raises TrainingError if the loss is no number.
    """
    forms = given.forms
    torch.manual_seed(derive(seed, "weights") % 2**32)
    model = SentenceTagger(config, encoder_width=given.vector_width)
    steps = -(-len(forms) // config.batch_size)
    optimizer = torch.optim.AdamW(model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
    total = steps * config.epochs
    schedule = get_linear_schedule_with_warmup(optimizer, num_warmup_steps=total // 10, num_training_steps=total)
    state = State(work / "state.pt", model, optimizer, schedule)
    epochs, best = state.restore()
    with Progress("sectioner", total=config.epochs, unit="epochs") as progress:
        progress.advance(len(epochs))
        for number in range(len(epochs) + 1, config.epochs + 1):
            torch.manual_seed(derive(seed, "dropout", number) % 2**32)
            rng = generator(seed, "epoch", number)
            for batch in _batches([len(one[0].labels) for one in forms], steps, rng):
                _step(model, optimizer, [_form(forms[at], config, rng) for at in batch])
                schedule.step()
            epochs.append(evaluate(model, given.development, given.held, epoch=number))
            if chosen(epochs) is epochs[-1]:
                best = {name: tensor.clone() for name, tensor in model.state_dict().items()}
            state.keep(epochs, best)
            progress.advance(doc_pass=epochs[-1].scores["doc_pass"], loss=epochs[-1].loss)
    model.load_state_dict(best)
    return model.eval(), epochs


@torch.no_grad()
def evaluate(model: SentenceTagger, decisions: Sequence[Segmented], held: Sequence[Shown], *, epoch: float) -> Epoch:
    """All measures, and the loss, on decisions and their units."""
    model.eval()
    tallies, nats, count = [], 0.0, 0
    for gold, one in zip(decisions, held, strict=True):
        labels: list[int] = []
        if one.labels:
            emissions, mask = model([one.units])
            nats += float(model.crf.loss(emissions, torch.tensor([one.labels]), mask)) * len(one.labels)
            count += len(one.labels)
            labels = model.crf.best(emissions[0])
        sections = sections_of(gold.text, one.units.spans, labels, [1.0] * len(labels))
        tallies.append(tally(gold, gold.model_copy(update={"sections": tuple(sections)})))
    return Epoch(epoch=epoch, loss=nats / count, scores=scores(tallies))


def _shown(decisions: Sequence[Segmented], config: SentencesConfig, encoder: TextEncoder | None) -> list[Shown]:
    """Decisions as numbers, those without a word too."""
    seen = read_units([one.text for one in decisions], buckets=config.buckets, encoder=encoder)
    return [Shown(one, labels_of(decision, one.spans)) for decision, one in zip(decisions, seen, strict=True)]


def _forms(
    decisions: Sequence[Segmented],
    headed: Mapping[str, Segmented],
    config: SentencesConfig,
    encoder: TextEncoder | None,
    *,
    seed: int,
) -> list[list[Shown]]:
    """The forms of each decision, the plain one first."""
    forms = [decisions]
    if config.variants:
        forms += [[VARIANTS[name](one, seed) for one in decisions] for name in VARIANTS if name != PLAIN]
        forms.append([headed.get(one.id, one) for one in decisions])
    made = [_shown(form, config, encoder) for form in forms]
    return [list(one) for one in zip(*made, strict=True) if one[0].labels]


def _batches(lengths: Sequence[int], count: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
    """Decisions of like length together, other ones each time: an LSTM takes as long as the longest of a batch."""
    order = np.argsort(np.asarray(lengths) * rng.uniform(0.7, 1.4, len(lengths)), kind="stable")
    batches = np.array_split(order, count)
    return [batches[at] for at in rng.permutation(count)]


def _form(forms: Sequence[Shown], config: SentencesConfig, rng: np.random.Generator) -> Shown:
    if len(forms) > 1 and rng.random() < config.variants:
        return forms[1 + int(rng.integers(len(forms) - 1))]
    return forms[0]


def _step(model: SentenceTagger, optimizer: torch.optim.Optimizer, batch: Sequence[Shown]) -> None:
    model.train()
    loss = model.loss([one.units for one in batch], [one.labels for one in batch])
    if not torch.isfinite(loss):
        raise TrainingError(f"the loss became {loss.item()}: lower the learning rate")
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), _CLIP)
    optimizer.step()
