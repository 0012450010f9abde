"""How far a score would move with other test items. F1 and r are no means of items: items are drawn and scored anew."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import require
from mecelle.base.seeds import generator
from mecelle.evaluation.finetuning.items import Item, Label, TaskType
from mecelle.evaluation.finetuning.metrics import answer_f1
from mecelle.evaluation.statistics.bootstrap import sums_by_cluster

Floats = NDArray[np.float64]
RESAMPLES = 2_000


@dataclass(frozen=True)
class Spread:
    """95% percentile interval and standard deviation of a score over test items that are drawn again (Efron 1979)."""

    low: float
    high: float
    error: float


@dataclass(frozen=True)
class Tallies:
    """What each item adds to the sums that a score is made of."""

    counts: Floats
    """Shape (items, sums)."""
    score: Callable[[Floats], Floats]
    """From sums, shape (..., sums), to scores, shape (...)."""


def spread(kind: TaskType, items: Sequence[Item], predictions: Sequence[Label], *, seed: int) -> Spread:
    """The spread of the main score of a type; items that share a text are drawn together."""
    tallies = tally(kind, items, predictions)
    names = [item.cluster or item.id for item in items]
    units = np.stack([sums_by_cluster(column, names)[0] for column in tallies.counts.T], axis=1)
    rng = generator(seed, "fine-tuning", "intervals")
    often = rng.multinomial(len(units), np.full(len(units), 1 / len(units)), size=RESAMPLES)
    scores = tallies.score(often @ units)
    low, high = np.quantile(scores, [0.025, 0.975])
    return Spread(float(low), float(high), float(scores.std(ddof=1)))


def tally(kind: TaskType, items: Sequence[Item], predictions: Sequence[Label]) -> Tallies:
    """The sums behind the main score: `score` of their total over all items is what `metrics.score` gives."""
    gold: list[Any] = [item.label for item in items]
    made: Tallies = _TALLIES[kind](gold, list(predictions))
    return made


def _classes(gold: list[str], predicted: list[str]) -> Tallies:
    names = np.array(sorted({*gold, *predicted}))
    said, right = (np.array(labels)[:, None] == names for labels in (predicted, gold))
    return Tallies(np.hstack([said & right, said, right]).astype(np.float64), _macro_f1)


def _macro_f1(sums: Floats) -> Floats:
    hits, said, right = np.split(sums, 3, axis=-1)
    seen = said + right > 0  # a class that was not drawn and not said has no F1
    return np.asarray(_share(2 * hits, said + right).sum(axis=-1) / seen.sum(axis=-1))


def _entities(gold: list[tuple[str, ...]], predicted: list[tuple[str, ...]]) -> Tallies:
    found = require("seqeval.metrics.sequence_labeling", extra="evaluation", why="Scoring tags").get_entities
    pairs = [(Counter(found(list(a))), Counter(found(list(b)))) for a, b in zip(gold, predicted, strict=True)]
    rows = [(2 * (a & b).total(), a.total() + b.total()) for a, b in pairs]
    return Tallies(np.array(rows, dtype=np.float64), _ratio)


def _tags(gold: list[tuple[str, ...]], predicted: list[tuple[str, ...]]) -> Tallies:
    rows = [(sum(x == y for x, y in zip(a, b, strict=True)), len(a)) for a, b in zip(gold, predicted, strict=True)]
    return Tallies(np.array(rows, dtype=np.float64), _ratio)


def _answers(gold: list[str], predicted: list[str]) -> Tallies:
    rows = [(answer_f1(a, b), 1) for a, b in zip(gold, predicted, strict=True)]
    return Tallies(np.array(rows, dtype=np.float64), _ratio)


def _similarities(gold: list[float], predicted: list[float]) -> Tallies:
    # Around their means, so that the differences of large sums keep their digits.
    x, y = (np.asarray(values) - np.mean(values) for values in (gold, predicted))
    return Tallies(np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=1), _pearson)


def _pearson(sums: Floats) -> Floats:
    n, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
    variances = np.maximum(n * xx - x * x, 0) * np.maximum(n * yy - y * y, 0)
    return _share(n * xy - x * y, np.sqrt(variances))


def _ratio(sums: Floats) -> Floats:
    return _share(sums[..., 0], sums[..., 1])


def _share(part: Floats, whole: Floats) -> Floats:
    """part / whole, 0 where there is no whole."""
    return np.divide(part, whole, out=np.zeros_like(part, dtype=np.float64), where=whole > 0)


_TALLIES: dict[TaskType, Callable[..., Tallies]] = {
    "CLF": _classes, "NLI": _classes, "NER": _entities, "POS": _tags, "QA": _answers, "STS": _similarities,
}  # fmt: skip
