"""Fine-tuning of an encoder on windows, as HukukBERT §3.7; a killed run goes on after its last evaluation."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from transformers import get_linear_schedule_with_warmup

from mecelle.base.errors import TrainingError
from mecelle.base.progress import Progress
from mecelle.base.seeds import derive, generator
from mecelle.segmentation.epochs import Epoch, chosen
from mecelle.segmentation.labels import TAGS
from mecelle.segmentation.measures import scores, tally
from mecelle.segmentation.record import Segmented
from mecelle.segmentation.state import State
from mecelle.segmentation.windows.config import WindowsConfig
from mecelle.segmentation.windows.model import IGNORED, TokenTagger
from mecelle.segmentation.windows.rows import Tokens, tags_of

Window = tuple[list[int], list[int]]
"""Ids and tags."""


def train_windows(
    folder: Path,
    train: Sequence[Segmented],
    development: Sequence[Segmented],
    config: WindowsConfig,
    *,
    seed: int,
    work: Path,
) -> tuple[TokenTagger, list[Epoch]]:
    """The tagger of the best evaluation on development, and what every evaluation gave.

    folder: of the encoder. Raises TrainingError if the loss is no number.
    """
    tagger = TokenTagger(folder, config, new_head_seed=derive(seed, "head") % 2**32)
    rows = _windows(tagger, train)
    held = [(one, tagger.tokens(one.text)) for one in development]
    weights = tag_weights([tag for _, tags in rows for tag in tags], config)
    steps = -(-len(rows) // config.batch_size)
    optimizer = torch.optim.AdamW(tagger.model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
    total = steps * config.epochs
    schedule = get_linear_schedule_with_warmup(optimizer, num_warmup_steps=total // 10, num_training_steps=total)
    state = State(work / "state.pt", tagger.model, optimizer, schedule)
    epochs, best = state.restore()
    count = config.epochs * config.evaluations
    stops = sorted({round(total * (at + 1) / count) for at in range(count)} - {0})
    done = stops[len(epochs) - 1] if epochs else 0
    with Progress("token classifier", total=total, unit="steps") as progress:
        progress.advance(done)
        for step in range(done, total):
            if step % steps == 0 or step == done:
                order = generator(seed, "epoch", step // steps).permutation(len(rows))
                batches = np.array_split(order, steps)
            torch.manual_seed(derive(seed, "dropout", step) % 2**32)
            _step(tagger, optimizer, [rows[at] for at in batches[step % steps]], weights)
            schedule.step()
            progress.advance()
            if step + 1 in stops:
                epochs.append(evaluate(tagger, held, weights, epoch=round((step + 1) / steps, 2)))
                if chosen(epochs) is epochs[-1]:
                    best = {name: tensor.detach().clone() for name, tensor in tagger.model.state_dict().items()}
                state.keep(epochs, best)
    tagger.model.load_state_dict(best)
    return tagger, epochs


def tag_weights(tags: Sequence[int], config: WindowsConfig) -> Tensor:
    """Weight of each tag in the loss, shape (tags,): class weights with mean 1 over tags that occur, B-tags times five.

    The paper's "automatic class weights" are not defined; here B and I of a label count as one class, which weighs by
    the root of how rare it is.
    """
    counts = np.bincount(np.asarray(tags, dtype=np.int64), minlength=len(TAGS)).astype(np.float64)
    weights = np.ones(len(TAGS))
    if config.class_weights:
        of_class = [counts[0], *(counts[at] + counts[at + 1] for at in range(1, len(TAGS), 2))]
        rare = np.array([(sum(of_class) / count) ** 0.5 if count else 0.0 for count in of_class])
        rare /= rare[rare > 0].mean()
        weights = np.array([rare[(tag + 1) // 2] for tag in range(len(TAGS))])
    weights[1::2] *= config.begin_weight
    return torch.tensor(weights, dtype=torch.float32)


@torch.no_grad()
def evaluate(tagger: TokenTagger, held: Sequence[tuple[Segmented, Tokens]], weights: Tensor, *, epoch: float) -> Epoch:
    """All measures on decisions, and the weighted loss of their tokens, each in its best window."""
    tallies, nats, mass = [], 0.0, 0.0
    for decision, tokens in held:
        logs = tagger.scores(tokens)
        tallies.append(tally(decision, tagger.decode(decision, tokens, logs)))
        gold = np.array(tags_of(decision, tokens), dtype=np.int64)
        each = weights.numpy()[gold]
        nats -= float((logs[np.arange(len(gold)), gold] * each).sum())
        mass += float(each.sum())
    return Epoch(epoch=epoch, loss=nats / mass, scores=scores(tallies))


def _windows(tagger: TokenTagger, decisions: Sequence[Segmented]) -> list[Window]:
    rows: list[Window] = []
    for decision in decisions:
        tokens = tagger.tokens(decision.text)
        tags = tags_of(decision, tokens)
        rows += [(tokens.ids[start:end], tags[start:end]) for start, end in tagger.ranges(tokens)]
    return rows


def _step(tagger: TokenTagger, optimizer: torch.optim.Optimizer, rows: Sequence[Window], weights: Tensor) -> None:
    """One step over an effective batch, computed a few windows at a time."""
    model = tagger.model.train()
    optimizer.zero_grad()
    mass = float(weights[[tag for _, tags in rows for tag in tags]].sum())
    for at in range(0, len(rows), tagger.config.rows):
        some = rows[at : at + tagger.config.rows]
        batch = tagger.batch([ids for ids, _ in some], [tags for _, tags in some])
        labels = batch.pop("labels")
        with tagger.autocast():
            logits = model(**{name: tensor.to(model.device) for name, tensor in batch.items()}).logits
        loss = torch.nn.functional.cross_entropy(
            logits.float().flatten(0, 1), labels.flatten().to(model.device), weights.to(model.device),
            ignore_index=IGNORED, reduction="sum",
        ) / mass  # fmt: skip
        if not torch.isfinite(loss):
            raise TrainingError(f"the loss became {loss.item()}: lower the learning rate")
        loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
