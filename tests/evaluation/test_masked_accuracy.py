"""Accuracy on masked words: what is drawn, and what is counted."""

import numpy as np
import pytest

from mecelle.base.errors import InputError
from mecelle.base.protocols import SpanHits
from mecelle.evaluation.record import TaskRecord
from mecelle.evaluation.tasks import masked_accuracy as task
from mecelle.evaluation.tasks.masked_accuracy import MaskedAccuracyConfig
from mecelle.evaluation.tasks.texts import HeldOutText
from mecelle.text.words import word_spans

CONFIG = MaskedAccuracyConfig()


class Speller:
    """Each letter is a token. Predicts every letter of the words it `knows`, and every first letter besides."""

    name, fingerprint, cased = "speller", "f" * 32, True

    def __init__(self, knows: set[str], reads: int = 10_000) -> None:
        self.knows, self.reads, self.asked = knows, reads, []

    def predict_spans(self, texts, spans, fates, *, k, seed):
        self.asked.append((texts, spans, fates))
        rows = []
        for text, own in zip(texts, spans, strict=True):
            sizes = np.array([right - left if right <= self.reads else 0 for left, right in own])
            known = np.array([text[left:right] in self.knows for left, right in own])
            rows.append(SpanHits(sizes, np.where(known, sizes, np.minimum(sizes, 1)), sizes))
        return rows

    def token_spans(self, text):
        return [(at, at + 1) for at, letter in enumerate(text) if letter != " "]

    def score_options(self, *_, **__): ...
    def fill(self, *_, **__): ...


def passages(count: int, text: str) -> list[HeldOutText]:
    return [HeldOutText(f"d{number}", "court", text) for number in range(count)]


def test_shares_of_what_is_drawn():
    spans = [(at, at + 1) for at in range(10_000)]
    picked, fates = task.choose(spans, CONFIG, np.random.default_rng(3))
    assert len(picked) == 1_500
    assert picked == sorted(set(picked))
    shares = [fates.count(fate) / len(fates) for fate in task.FATES]
    assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.03)


def test_a_short_passage_has_one_word_to_predict():
    assert len(task.choose([(0, 4), (5, 9)], CONFIG, np.random.default_rng(1))[0]) == 1


def test_words_count_whole_and_tokens_alone():
    text = "kira dava " * 50
    found = task.outcome(Speller({"kira"}), passages(40, text), CONFIG, {}, seed=7)
    assert found.scores["word_accuracy"] == pytest.approx(0.5, abs=0.06)
    assert found.scores["word_accuracy"] == pytest.approx(np.mean(found.values))
    # Of a known word four of four letters are right, of another one of four.
    assert found.scores["token_accuracy"] == pytest.approx((4 + 1) / 8, abs=0.05)
    assert found.scores["word_accuracy_top5"] == 1.0
    assert found.scores["token_masks.accuracy"] == 1.0
    assert found.scores["words"] == 40 * 15
    assert len(found.ids) == 40


def test_masks_are_the_same_for_every_model_and_follow_the_seed():
    text = "kira dava karar hüküm " * 20
    first, second, other = Speller(set()), Speller({"dava"}), Speller(set())
    for model, seed in ((first, 7), (second, 7), (other, 8)):
        task.outcome(model, passages(3, text), CONFIG, {}, seed=seed)
    assert first.asked == second.asked != other.asked
    _, spans, _ = first.asked[0]
    assert all(set(own) <= set(word_spans(text)) for own in spans)
    assert spans[0] != spans[1]


def test_touched_documents_are_told_apart():
    texts = [HeldOutText("clean", "court", "dava " * 20), HeldOutText("leaked", "court", "kira " * 20)]
    found = task.outcome(Speller({"kira"}), texts, CONFIG, {"leaked": "near_copy"}, seed=7)
    assert (found.scores["word_accuracy"], found.scores["word_accuracy.untouched"]) == (0.5, 0.0)
    assert (found.scores["n.touched"], found.scores["n.untouched"]) == (1.0, 1.0)


def test_uncased_models_are_flagged():
    model = Speller(set())
    assert task.outcome(model, passages(2, "dava " * 9), CONFIG, {}, seed=7).notes == ()
    model.cased = False
    assert task.outcome(model, passages(2, "dava " * 9), CONFIG, {}, seed=7).notes[0].startswith("uncased")


def test_what_the_model_does_not_read_is_left_out_and_said():
    texts = [HeldOutText("short", "court", "dava " * 3), HeldOutText("far", "court", " " * 50 + "kira " * 9)]
    found = task.outcome(Speller(set(), reads=20), texts, CONFIG, {}, seed=7)
    assert found.ids == ("short",)
    assert found.notes == ("1 passages left out: no chosen word within what the model reads",)
    with pytest.raises(InputError, match="reads none of 2 passages"):
        task.outcome(Speller(set(), reads=0), texts, CONFIG, {}, seed=7)


def test_all_domains_together():
    records = []
    for name, knows, count in (("easy", {"kira"}, 30), ("hard", set(), 10)):
        own = [HeldOutText(f"{name}{n}", name, "kira " * 20) for n in range(count)]
        made = task.outcome(Speller(knows), own, CONFIG, {}, seed=7)
        records.append(
            TaskRecord(
                model="m", fingerprint="f", task=f"mlm-{name}.v1", kind="masked model", split="test", n=count, seed=7,
                parameters={}, data="d", main_score=made.main_score, scores=made.scores, unit=made.unit, ids=made.ids,
                values=made.values,
            )
        )  # fmt: skip
    found = task.overall(records)
    assert found.scores["word_accuracy"] == pytest.approx(0.75)
    assert found.scores["domain_mean.word_accuracy"] == pytest.approx(0.5)
    assert len(found.ids) == 40
