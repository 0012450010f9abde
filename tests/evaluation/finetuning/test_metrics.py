"""Scores against the libraries they stand for, and against hands."""

import numpy as np
import pytest
from scipy.stats import pearsonr
from seqeval.metrics import f1_score as seqeval_f1
from sklearn.metrics import f1_score

from mecelle.evaluation.finetuning.items import Item, TaskType
from mecelle.evaluation.finetuning.metrics import MAIN, score

TAGS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


def items(labels: list) -> list[Item]:
    return [Item(str(number), label) for number, label in enumerate(labels)]


def draw(kind: TaskType, count: int, seed: int) -> list:
    rng = np.random.default_rng(seed)
    if kind in ("CLF", "NLI"):
        return rng.choice(["a", "b", "c"], size=count, p=[0.7, 0.2, 0.1]).tolist()
    if kind == "STS":
        return rng.random(count).tolist()
    if kind == "QA":
        return [" ".join(rng.choice(["bir", "iki", "üç", "dört"], size=rng.integers(1, 4))) for _ in range(count)]
    return [tuple(rng.choice(TAGS, size=5).tolist()) for _ in range(count)]


def test_macro_f1_agrees_with_scikit_learn():
    gold, predicted = draw("CLF", 300, 0), draw("CLF", 300, 1)
    scored = score("CLF", items(gold), predicted)
    assert scored.scores["macro_f1"] == pytest.approx(f1_score(gold, predicted, average="macro"), abs=1e-6)
    assert scored.scores["accuracy"] == pytest.approx(np.mean(scored.values), abs=1e-12)


def test_a_class_that_was_never_learnt_counts_in_the_macro_f1():
    scored = score("CLF", items(["a", "a", "rare"]), ["a", "a", "a"])
    assert scored.scores["macro_f1"] == pytest.approx((0.8 + 0) / 2)


def test_entity_f1_agrees_with_seqeval():
    gold, predicted = draw("NER", 200, 2), draw("NER", 200, 3)
    scored = score("NER", items(gold), predicted)
    expected = seqeval_f1([list(row) for row in gold], [list(row) for row in predicted])
    assert scored.scores["micro_f1"] == pytest.approx(expected, abs=1e-6)


def test_an_entity_counts_only_when_both_ends_and_its_type_are_right():
    gold = [("B-PER", "I-PER", "O"), ("O", "O", "O")]
    short = score("NER", items(gold), [("B-PER", "O", "O"), ("O", "O", "O")])
    assert (short.scores["micro_f1"], short.values) == (0.0, (0.0, 1.0))
    assert score("NER", items(gold), [("B-LOC", "I-LOC", "O"), ("O", "O", "O")]).scores["micro_f1"] == 0.0


def test_part_of_speech_f1_agrees_with_scikit_learn():
    gold, predicted = draw("POS", 100, 4), draw("POS", 100, 5)
    flat = [[tag for row in rows for tag in row] for rows in (gold, predicted)]
    scored = score("POS", items(gold), predicted)
    assert scored.scores["micro_f1"] == pytest.approx(f1_score(*flat, average="micro"), abs=1e-6)


def test_r_agrees_with_scipy_and_is_the_mean_of_its_values():
    gold, predicted = draw("STS", 200, 6), draw("STS", 200, 7)
    scored = score("STS", items(gold), predicted)
    assert scored.scores["pearson"] == pytest.approx(pearsonr(gold, predicted).statistic, abs=1e-6)
    assert np.mean(scored.values) == pytest.approx(scored.scores["pearson"], abs=1e-12)
    assert score("STS", items(gold), [0.5] * 200).scores["pearson"] == 0.0


@pytest.mark.parametrize(
    ("gold", "given", "f1", "exact"),
    [
        ("1876 yılında", "1876 yılında", 1.0, 1.0),
        ("İstanbul", "istanbul.", 1.0, 1.0),  # Turkish lower case; punctuation says nothing
        ("Iğdır", "ığdır", 1.0, 1.0),
        ("1876 yılında", "1876", 2 / 3, 0.0),
        ("bir bir iki", "bir", 0.5, 0.0),  # a word counts as often as both have it
        ("Ankara", "", 0.0, 0.0),
    ],
)
def test_answer_f1_by_hand(gold: str, given: str, f1: float, exact: float):
    scored = score("QA", items([gold]), [given])
    assert scored.scores == pytest.approx({"f1": f1, "exact_match": exact})


@pytest.mark.parametrize("kind", list(MAIN))
def test_right_labels_score_one_and_shuffled_labels_do_not(kind: TaskType):
    gold = draw(kind, 200, 8)
    right = score(kind, items(gold), gold)
    assert right.scores[MAIN[kind]] == pytest.approx(1)
    shuffled = [gold[place] for place in np.random.default_rng(9).permutation(len(gold))]
    assert score(kind, items(shuffled), gold).scores[MAIN[kind]] < 0.7
