"""Scores of predictions, and the part that each item has in them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mecelle.base.errors import require
from mecelle.evaluation.finetuning.items import Item, Label, TaskType
from mecelle.text.casing import lower
from mecelle.text.words import words

_WHY = "Scoring a fine-tuned model"
MAIN: dict[TaskType, str] = {
    "CLF": "macro_f1", "NLI": "macro_f1", "NER": "micro_f1", "POS": "micro_f1", "QA": "f1", "STS": "pearson",
}  # fmt: skip
VALUES: dict[TaskType, str] = {
    "CLF": "1 where the class is right; their mean is the accuracy, not the macro-F1",
    "NLI": "1 where the class is right; their mean is the accuracy, not the macro-F1",
    "NER": "entity F1 of the sentence, 1 where it has none and none was found",
    "POS": "share of the sentence's words that are right",
    "QA": "F1 of the answer",
    "STS": "product of the two standard scores, whose mean is Pearson's r",
}
"""What stands for an item in paired tests."""


@dataclass(frozen=True)
class Scored:
    """Measures over all items, 0..1 (r: -1..1), and one value per item."""

    scores: dict[str, float]
    values: tuple[float, ...]


def score(kind: TaskType, items: Sequence[Item], predictions: Sequence[Label]) -> Scored:
    """Scores by the measure of the type (Table 23). predictions: of `items`, in their order and form."""
    assert len(items) == len(predictions), "one prediction per item"
    gold: list[Any] = [item.label for item in items]
    scored: Scored = _SCORERS[kind](gold, list(predictions))
    return scored


def answer_f1(gold: str, predicted: str) -> float:
    """F1 of the words of two answers, 0..1, as SQuAD scores them; case does not count."""
    return _overlap_f1(Counter(words(lower(gold))), Counter(words(lower(predicted))))


def _classes(gold: list[str], predicted: list[str]) -> Scored:
    sklearn = require("sklearn.metrics", extra="evaluation", why=_WHY)
    right = tuple(float(a == b) for a, b in zip(gold, predicted, strict=True))
    macro = sklearn.f1_score(gold, predicted, average="macro", zero_division=0)
    return Scored({"macro_f1": float(macro), "accuracy": float(np.mean(right))}, right)


def _entities(gold: list[tuple[str, ...]], predicted: list[tuple[str, ...]]) -> Scored:
    seqeval = require("seqeval.metrics", extra="evaluation", why=_WHY)
    found = require("seqeval.metrics.sequence_labeling", extra="evaluation", why=_WHY).get_entities
    a, b = [list(tags) for tags in gold], [list(tags) for tags in predicted]
    measures = {
        "micro_f1": seqeval.f1_score(a, b, average="micro", zero_division=0),
        "macro_f1": seqeval.f1_score(a, b, average="macro", zero_division=0),
        "precision": seqeval.precision_score(a, b, average="micro", zero_division=0),
        "recall": seqeval.recall_score(a, b, average="micro", zero_division=0),
    }
    values = tuple(_overlap_f1(Counter(found(x)), Counter(found(y))) for x, y in zip(a, b, strict=True))
    return Scored({name: float(value) for name, value in measures.items()}, values)


def _tags(gold: list[tuple[str, ...]], predicted: list[tuple[str, ...]]) -> Scored:
    # One label per word: micro-F1 is the share of words that are right.
    right = [[x == y for x, y in zip(a, b, strict=True)] for a, b in zip(gold, predicted, strict=True)]
    micro = sum(map(sum, right)) / sum(map(len, right))
    return Scored({"micro_f1": micro}, tuple(sum(row) / len(row) for row in right))


def _answers(gold: list[str], predicted: list[str]) -> Scored:
    values = tuple(answer_f1(a, b) for a, b in zip(gold, predicted, strict=True))
    exact = sum(words(lower(a)) == words(lower(b)) for a, b in zip(gold, predicted, strict=True)) / len(values)
    return Scored({"f1": float(np.mean(values)), "exact_match": exact}, values)


def _similarities(gold: list[float], predicted: list[float]) -> Scored:
    from scipy.stats import spearmanr

    x, y = np.asarray(gold, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    if not x.std() or not y.std():  # r is not defined; a model that says one thing has learnt nothing
        return Scored({"pearson": 0.0, "spearman": 0.0}, (0.0,) * len(x))
    products = (x - x.mean()) / x.std() * ((y - y.mean()) / y.std())
    rank = float(spearmanr(x, y).statistic)
    return Scored({"pearson": float(products.mean()), "spearman": rank}, tuple(products.tolist()))


def _overlap_f1(gold: Counter[Any], predicted: Counter[Any]) -> float:
    """F1 of two bags, as SQuAD scores answers: equal if one is empty means both are."""
    if not gold or not predicted:
        return float(gold == predicted)
    return 2 * (gold & predicted).total() / (gold.total() + predicted.total())


_SCORERS: dict[TaskType, Any] = {
    "CLF": _classes, "NLI": _classes, "NER": _entities, "POS": _tags, "QA": _answers, "STS": _similarities,
}  # fmt: skip
