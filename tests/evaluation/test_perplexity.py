"""Perplexity and bits per byte of known likelihoods."""

from math import log

import numpy as np
import pytest

from mecelle.base.errors import InputError
from mecelle.base.protocols import TextScorer, TextScores
from mecelle.evaluation.record import TaskRecord
from mecelle.evaluation.tasks import perplexity as task
from mecelle.evaluation.tasks.perplexity import PerplexityConfig
from mecelle.evaluation.tasks.texts import HeldOutText

CONFIG = PerplexityConfig()


class Dice:
    """Every token, a word, has the probability 1 / sides; the first word is never scored."""

    name, fingerprint, likelihood = "dice", "f" * 32, "likelihood"

    def __init__(self, sides: int) -> None:
        self.sides = sides

    def score_texts(self, texts, *, context, stride=None):
        words = np.array([min(len(text.split()), context) - 1 for text in texts])
        sizes = np.array([len(text.encode()) - len(text.split()[0].encode()) for text in texts])
        return TextScores(words * log(self.sides), words, np.where(words > 0, sizes, 0))


def texts(*values: str, domain: str = "tax") -> list[HeldOutText]:
    return [HeldOutText(f"{domain}{number}", domain, text) for number, text in enumerate(values)]


def test_a_die_has_its_sides_as_perplexity():
    assert isinstance(Dice(6), TextScorer)
    found = task.outcome(Dice(6), texts("ab cd ef", "ab cd ef gh ij"), CONFIG, {})
    assert found.scores["perplexity"] == pytest.approx(6)
    # Each scored word is three bytes: its letters and the space before it.
    assert found.scores["bits_per_byte"] == pytest.approx(np.log2(6) / 3)
    assert found.values == pytest.approx((np.log2(6) / 3,) * 2)
    assert found.lower_is_better


def test_tokens_weigh_the_perplexity_and_documents_the_mean():
    class TwoDice(Dice):
        def score_texts(self, texts, *, context, stride=None):
            found = super().score_texts(texts, context=context)
            return found._replace(nats=found.tokens * np.log([2.0, 8.0]))

    found = task.outcome(TwoDice(2), texts("ab cd", "ab cd ef gh"), CONFIG, {})
    assert found.scores["perplexity"] == pytest.approx(np.exp((np.log(2) + 3 * np.log(8)) / 4))
    assert found.scores["bits_per_byte"] == pytest.approx((1 / 3 + 3 / 3) / 2)
    assert found.scores["bits_per_byte_pooled"] == pytest.approx((1 + 9) / 12)


def test_tokenizers_compare_by_bytes():
    """The same likelihood of the same text, told in other tokens: equal bits per byte, other perplexity."""

    class Pairs(Dice):
        def score_texts(self, texts, *, context, stride=None):
            found = super().score_texts(texts, context=context)
            return found._replace(tokens=found.tokens * 2)

    one, two = (task.outcome(kind(6), texts("ab cd ef"), CONFIG, {}).scores for kind in (Dice, Pairs))
    assert one["bits_per_byte"] == two["bits_per_byte"]
    assert two["perplexity"] == pytest.approx(one["perplexity"] ** 0.5)


def test_touched_documents_are_told_apart():
    found = task.outcome(Dice(6), texts("ab cd", "ab cdef"), CONFIG, {"tax0": "near_copy"}).scores
    assert found["bits_per_byte.untouched"] == pytest.approx(np.log2(6) / 5)
    assert (found["n.touched"], found["n.untouched"]) == (1.0, 1.0)


def test_texts_without_a_scored_token_are_left_out_and_said():
    found = task.outcome(Dice(6), texts("ab", "ab cd"), CONFIG, {})
    assert found.ids == ("tax1",)
    assert found.notes[1] == "1 texts left out: no token that can be scored"
    with pytest.raises(InputError, match="none of 1 texts"):
        task.outcome(Dice(6), texts("ab"), CONFIG, {})


def test_all_domains_weigh_by_tokens():
    records = []
    for domain, sides, own in (("tax", 2, texts("ab cd")), ("health", 8, texts("ab cd ef gh", domain="health"))):
        made = task.outcome(Dice(sides), own, CONFIG, {})
        records.append(
            TaskRecord(
                model="m", fingerprint="f", task=f"perplexity-{domain}.v1", kind="perplexity", split="test", n=1,
                seed=7, parameters={}, data="d", main_score=made.main_score, lower_is_better=True, scores=made.scores,
                unit=made.unit, ids=made.ids, values=made.values,
            )
        )  # fmt: skip
    found = task.overall(records).scores
    assert found["perplexity"] == pytest.approx(np.exp((np.log(2) + 3 * np.log(8)) / 4))
    assert found["bits_per_byte_pooled"] == pytest.approx((1 + 9) / 12)


def test_masked_models_read_less():
    assert CONFIG.sample("likelihood") == (100, None)
    assert CONFIG.sample("pseudo-likelihood") == (20, 64)
