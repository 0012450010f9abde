"""Intervals of scores that are no means: their sums give the score itself, and few items a wide interval."""

import numpy as np
import pytest

from mecelle.evaluation.finetuning.intervals import spread, tally
from mecelle.evaluation.finetuning.items import TYPES, Item, Label
from mecelle.evaluation.finetuning.metrics import MAIN, score

TAGS = ("O", "B-PER", "I-PER", "B-LOC")
ANSWERS = ("dava reddedildi", "davanın reddi", "Ankara", "tazminat davası reddedildi")


def drawn(kind: str, count: int, *, seed: int = 3, clusters: int | None = None) -> tuple[list[Item], list[Label]]:
    """Labels, and predictions that are right in about half."""
    rng = np.random.default_rng(seed)

    def label() -> Label:
        if kind == "STS":
            return float(rng.random())
        if kind in ("NER", "POS"):
            return tuple(rng.choice(TAGS, size=int(rng.integers(2, 9))).tolist())
        return str(rng.choice(ANSWERS if kind == "QA" else ("a", "b", "c", "d")))

    def guess(gold: Label) -> Label:
        if isinstance(gold, tuple):
            return tuple(tag if rng.random() < 0.6 else str(rng.choice(TAGS)) for tag in gold)
        return gold if rng.random() < 0.5 else label()

    gold = [label() for _ in range(count)]
    items = [Item(str(n), one, cluster=f"c{n % clusters}" if clusters else "") for n, one in enumerate(gold)]
    return items, [guess(one) for one in gold]


@pytest.mark.parametrize("kind", TYPES)
def test_the_sums_give_the_score(kind):
    items, predictions = drawn(kind, 120)
    tallies = tally(kind, items, predictions)
    wanted = score(kind, items, predictions).scores[MAIN[kind]]
    assert float(tallies.score(tallies.counts.sum(axis=0))) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("kind", TYPES)
def test_more_items_give_a_narrower_interval_around_the_score(kind):
    widths = []
    for count in (60, 960):
        items, predictions = drawn(kind, count)
        found = spread(kind, items, predictions, seed=7)
        assert found.low < score(kind, items, predictions).scores[MAIN[kind]] < found.high
        assert found.high - found.low == pytest.approx(2 * 1.96 * found.error, rel=0.15)
        assert found == spread(kind, items, predictions, seed=7)
        widths.append(found.high - found.low)
    assert widths[0] / widths[1] == pytest.approx(4, rel=0.4)


def test_it_is_as_wide_as_the_score_varies_over_new_samples():
    own = spread("CLF", *drawn("CLF", 200), seed=7).error
    scores = [score("CLF", *drawn("CLF", 200, seed=seed)).scores["macro_f1"] for seed in range(120)]
    assert own == pytest.approx(np.std(scores), rel=0.25)


def test_items_that_share_a_text_are_drawn_together():
    items = [Item(str(n), "a" if n // 20 % 2 else "b", cluster=f"c{n // 20}") for n in range(200)]
    predictions = ["a"] * 200  # right for whole clusters or not at all
    apart = [Item(item.id, item.label) for item in items]
    together, alone = (spread("CLF", some, predictions, seed=7).error for some in (items, apart))
    assert together > 2 * alone


def test_a_class_that_is_in_no_draw_does_not_count():
    items = [Item(str(n), "a") for n in range(30)] + [Item("30", "rare")]
    assert spread("CLF", items, ["a"] * 30 + ["rare"], seed=7).low == pytest.approx(1.0)
