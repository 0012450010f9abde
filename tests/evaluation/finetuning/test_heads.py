"""What a head feeds an encoder, and what it reads out of it, where the answer is known."""

from itertools import product
from pathlib import Path

import pytest
import torch

from mecelle.evaluation.finetuning.config import FineTuningConfig
from mecelle.evaluation.finetuning.encoders import TunableEncoder
from mecelle.evaluation.finetuning.heads import head_for
from mecelle.evaluation.finetuning.heads.answers import best_span
from mecelle.evaluation.finetuning.items import Item

CONFIG = FineTuningConfig(max_length=24, window_overlap=4)


@pytest.fixture(scope="module")
def tokenizer(tiny_encoder: Path):
    return TunableEncoder("tiny", tiny_encoder).tokenizer()


class _Says:
    """A model that has read the labels: logits that a rule of the test writes."""

    device = torch.device("cpu")

    def __init__(self, rule) -> None:
        self.rule = rule

    def eval(self) -> None: ...

    def __call__(self, **inputs):
        return self.rule(inputs)


def test_a_word_is_labelled_at_its_first_subword_and_nowhere_else(tokenizer):
    head = head_for("NER", CONFIG)
    item = Item("1", ("O", "B-LOC", "I-LOC"), words=("davacı", "izmir", "ankara"))
    head.learn_labels([item])
    [row] = head.training_features([item], tokenizer)
    labelled = [
        (tokenizer.convert_ids_to_tokens(token), head.labels[label])
        for token, label in zip(row["input_ids"], row["labels"], strict=True)
        if label != -100
    ]
    assert labelled == [("davacı", "O"), ("i", "B-LOC"), ("ankara", "I-LOC")]


def test_a_word_beyond_the_limit_is_counted_and_said_to_be_no_entity(tokenizer):
    head = head_for("NER", CONFIG)
    item = Item("1", ("B-LOC",) * 30, words=("ankara",) * 30)
    head.learn_labels([item])
    head.labels = ["B-LOC", "O"]
    always = _Says(lambda inputs: {"logits": torch.tensor([1.0, 0.0]).expand(*inputs["input_ids"].shape, 2)})
    [tags] = head.predict(always, [item], tokenizer)
    assert tags == ("B-LOC",) * 22 + ("O",) * 8
    assert head.shortened == 8


def test_every_window_points_at_the_answer_or_nowhere(tokenizer):
    head = head_for("QA", CONFIG)
    context = "film iyi dedi kim nerede bir " * 4 + "mahkeme ankara karar " + "verdi kötü film " * 4
    rows = head.training_features([Item("1", "mahkeme ankara", "kim verdi", context)], tokenizer)
    assert len(rows) > 2
    answers = {
        tokenizer.decode(row["input_ids"][row["start_positions"] : row["end_positions"] + 1])
        for row in rows
        if row["start_positions"]
    }
    assert answers == {"mahkeme ankara"}
    assert any(row["start_positions"] == row["end_positions"] == 0 for row in rows)


def test_the_answer_is_read_from_the_window_that_is_surest_and_as_it_is_written(tokenizer):
    head = head_for("QA", CONFIG)
    context = "film iyi dedi kim nerede bir " * 4 + "mahkeme   ankara, karar " + "verdi kötü film " * 4
    first, last = tokenizer.convert_tokens_to_ids(["mahkeme", "ankara"])

    def rule(inputs):
        ids = inputs["input_ids"]
        return {"start_logits": (ids == first).float() * 5, "end_logits": (ids == last).float() * 5}

    [answer] = head.predict(_Says(rule), [Item("1", "", "kim verdi", context)], tokenizer)
    assert answer == "mahkeme   ankara"


def test_the_question_never_answers_itself(tokenizer):
    head = head_for("QA", CONFIG)
    sure = tokenizer.convert_tokens_to_ids("ankara")

    def rule(inputs):
        hit = (inputs["input_ids"] == sure).float()
        return {"start_logits": hit, "end_logits": hit}

    [answer] = head.predict(_Says(rule), [Item("1", "", "ankara nerede", "mahkeme karar verdi")], tokenizer)
    assert answer in "mahkeme karar verdi"


def test_the_best_span_agrees_with_brute_force():
    torch.manual_seed(1)
    start, end = torch.randn(12), torch.randn(12)
    places = list(range(3, 11))
    spans = [(a, b) for a, b in product(places, places) if 0 <= b - a < 3]
    expected = max(spans, key=lambda span: float(start[span[0]] + end[span[1]]))
    found = best_span(start, end, places, 3)
    assert found is not None
    assert found[1:] == expected
    assert best_span(start, end, [], 3) is None


def test_a_shortened_text_is_counted(tokenizer):
    head = head_for("CLF", CONFIG)
    head.learn_labels([Item("1", "a"), Item("2", "b")])
    model = _Says(lambda inputs: {"logits": torch.tensor([[0.0, 1.0]] * len(inputs["input_ids"]))})
    assert head.predict(model, [Item("1", "a", "film " * 30), Item("2", "a", "film " * 22)], tokenizer) == ["b", "b"]
    assert head.shortened == 1
