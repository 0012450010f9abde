"""Accuracy of masked language modelling at 15% with 80-10-10. Source: Mecellem §4.2, Table 13.

The paper hides tokens, so that every tokenizer has a test of its own. Here whole words are drawn by the seed, the same
for every model, and hidden with all their tokens: `word_accuracy` compares models of different tokenizers, and is
harder, since no half of a word gives the other away. The paper's way is told beside it (`token_masks.*`).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mecelle.base.config import Config
from mecelle.base.errors import InputError
from mecelle.base.protocols import Fate, MaskFiller, Span, SpanHits
from mecelle.base.seeds import derive, generator
from mecelle.evaluation.keeping import Outcome
from mecelle.evaluation.record import TaskRecord
from mecelle.evaluation.tasks.texts import HeldOutText
from mecelle.text.words import word_spans

Unit = Literal["word", "token"]
FATES: tuple[Fate, ...] = ("masked", "random", "kept")
K = 5


class MaskedAccuracyConfig(Config):
    """Parameters."""

    rate: float = Field(default=0.15, gt=0.0, lt=1.0)
    """Share of the words (or tokens) of a passage that must be predicted."""
    masked_share: float = Field(default=0.8, ge=0.0, le=1.0)
    """Of these, share that is hidden behind the mask."""
    random_share: float = Field(default=0.1, ge=0.0, le=1.0)
    """Of these, share in whose place other tokens stand; the rest is shown as it is."""
    documents: int = Field(default=100, ge=2)
    """Documents of each domain, one passage of each."""
    passage_words: int = Field(default=96, ge=2)
    """Words of a passage; the same for all models. Turkish has two to three tokens a word."""


def choose(
    spans: Sequence[Span], config: MaskedAccuracyConfig, rng: np.random.Generator
) -> tuple[list[Span], list[Fate]]:
    """The spans of one passage that must be predicted, in order, and what is shown in their places; at least one."""
    count = max(1, round(config.rate * len(spans)))
    picked = sorted(rng.permutation(len(spans))[:count].tolist())
    draws = rng.random(count)
    hidden, swapped = config.masked_share, config.masked_share + config.random_share
    fates: list[Fate] = ["masked" if one < hidden else "random" if one < swapped else "kept" for one in draws]
    return [spans[number] for number in picked], fates


def outcome(
    model: MaskFiller,
    passages: Sequence[HeldOutText],
    config: MaskedAccuracyConfig,
    touched: Mapping[str, str],
    *,
    seed: int,
) -> Outcome:
    """Accuracy on one domain. The unit is the document: its words are not independent of one another.

    `word_accuracy`: mean over documents of the share of words all of whose tokens come first; `word_accuracy_top5` with
    the first five for each token. `token_accuracy`: of all hidden tokens of the domain.
    Raises InputError if no document has a word that the model reads.
    """
    words = _Counts(model, passages, config, unit="word", seed=seed)
    tokens = _Counts(model, passages, config, unit="token", seed=seed)
    scores = {"word_accuracy": float(words.first.mean()), "word_accuracy_top5": float(words.among.mean())}
    scores |= {"token_accuracy": words.token_share, "words": float(words.spans), "tokens": float(words.tokens)}
    scores |= {f"word_accuracy.{fate}": share for fate, share in words.by_fate.items()}
    scores |= {
        "token_masks.accuracy": tokens.token_share,
        "token_masks.accuracy_top5": tokens.token_share_top5,
        "token_masks.tokens": float(tokens.tokens),
    }
    leaked = np.array([name in touched for name in words.ids])
    scores |= {"n.touched": float(leaked.sum()), "n.untouched": float((~leaked).sum())}
    if not leaked.all():
        scores["word_accuracy.untouched"] = float(words.first[~leaked].mean())
    notes = [] if model.cased else ["uncased: capital letters need not be predicted, which is easier"]
    if lost := len(passages) - len(words.ids):
        notes.append(f"{lost} passages left out: no chosen word within what the model reads")
    return Outcome(
        main_score="word_accuracy",
        scores=scores,
        unit="document",
        ids=tuple(words.ids),
        values=tuple(words.first.tolist()),
        notes=tuple(notes),
    )


def overall(domains: Sequence[TaskRecord]) -> Outcome:
    """All domains: documents together, and beside them the mean of the domains, which is what Table 13 prints."""
    names = (
        "word_accuracy",
        "word_accuracy_top5",
        "token_accuracy",
        "token_masks.accuracy",
        "token_masks.accuracy_top5",
    )
    values = tuple(value for one in domains for value in one.values)
    scores = {f"domain_mean.{name}": float(np.mean([one.scores[name] for one in domains])) for name in names}
    return Outcome(
        main_score="word_accuracy",
        scores={"word_accuracy": float(np.mean(values)), **scores},
        unit="document",
        ids=tuple(name for one in domains for name in one.ids),
        values=values,
        notes=tuple(dict.fromkeys(note for one in domains for note in one.notes)),
    )


class _Counts:
    """Right spans and tokens of the passages, for one unit of masking."""

    def __init__(
        self,
        model: MaskFiller,
        passages: Sequence[HeldOutText],
        config: MaskedAccuracyConfig,
        *,
        unit: Unit,
        seed: int,
    ) -> None:
        find = word_spans if unit == "word" else model.token_spans
        chosen = [
            choose(find(one.text), config, generator(seed, "masks", unit, one.domain, one.id)) for one in passages
        ]
        spans, fates = [own for own, _ in chosen], [own for _, own in chosen]
        texts = [one.text for one in passages]
        found = model.predict_spans(texts, spans, fates, k=K, seed=derive(seed, "random tokens", unit))
        rows = list(_rows(passages, fates, found))
        if not rows:
            raise InputError(f"{model.name}: reads none of {len(passages)} passages as far as a chosen word")
        self.ids = [name for name, _, _ in rows]
        self.first = np.array([right[:, 0].mean() for _, _, right in rows])
        self.among = np.array([right[:, 1].mean() for _, _, right in rows])
        fate = np.concatenate([own for _, own, _ in rows])
        right = np.concatenate([own for _, _, own in rows])
        self.spans = len(right)
        self.by_fate = {one: float(right[fate == one, 0].mean()) for one in FATES if (fate == one).any()}
        self.tokens = sum(int(hits.tokens.sum()) for hits in found)
        self.token_share = sum(int(hits.first.sum()) for hits in found) / self.tokens
        self.token_share_top5 = sum(int(hits.among.sum()) for hits in found) / self.tokens


def _rows(
    passages: Sequence[HeldOutText], fates: Sequence[Sequence[Fate]], found: Sequence[SpanHits]
) -> Iterator[tuple[str, NDArray[np.str_], NDArray[np.bool_]]]:
    """Document, the fates of its spans, and whether each is right by the first and by the first K; read ones alone."""
    for passage, own, hits in zip(passages, fates, found, strict=True):
        read = hits.tokens > 0
        if read.any():
            right = np.stack([hits.first == hits.tokens, hits.among == hits.tokens], axis=1)
            yield passage.id, np.array(own)[read], right[read]
