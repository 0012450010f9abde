"""Accuracy on pairs, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from mecelle.evaluation.reward_accuracy import accuracies, correlations, gating_by_kind, pairs_of
from mecelle.reward.model import Judged
from mecelle.reward.objectives import OBJECTIVES
from mecelle.reward.pairs.labels import labels_of
from mecelle.reward.pairs.record import Example

ANSWER = "TBK m. 49: Zarar veren zararı gidermekle yükümlüdür."


def example(question: str, damages: tuple[str, ...] = (), *, reference: str = "", words: int = 8) -> Example:
    answer = ANSWER if not damages else "söz " * words
    return Example(f"{question}{damages}", question, "asked", question, reference, answer, damages,
                   labels_of(ANSWER, damages))  # fmt: skip


EXAMPLES = [
    example("a"),
    example("a", ("wrong_article_number.v1",)),
    example("a", ("cut_short.v1",), words=2),
    example("b", reference="TBK m. 49"),
    example("b", ("wrong_article_number.v1",), reference="TBK m. 49"),
    example("b", ("wrong_article_number.v1", "cut_short.v1"), reference="TBK m. 49"),
]


def judged(scores: list[float]) -> Judged:
    """All rewards equal the scores; the first objective has all the weight."""
    rewards = np.repeat(np.array(scores)[:, None], 5, axis=1)
    gating = np.zeros((len(scores), 5))
    gating[:, 0] = 1.0
    return Judged(rewards, rewards, gating)


def test_pairs_are_the_true_answer_and_each_damaged_one() -> None:
    found = pairs_of(EXAMPLES)
    assert [(pair.true, pair.damaged) for pair in found] == [(0, 1), (0, 2), (3, 4), (3, 5)]
    assert found[3].lowered == ("statute_reference", "depth_coverage")
    assert [pair.cited_in_prompt for pair in found] == [False, False, True, True]


@pytest.mark.parametrize(
    ("reference", "known"),
    [
        ("6098 sayılı Türk Borçlar Kanunu m. 49", True),  # in other words than the answer's first ones
        (ANSWER.partition(" ")[0], False),  # the answer begins with it, but the number does not stand in it
        ("TBK m. 50", False),
        ("", False),
    ],
)
def test_cited_in_the_prompt_is_the_number_that_was_lost(reference: str, known: bool) -> None:
    damage = ("wrong_article_number.v1",)
    wrong = replace(example("a", damage, reference=reference), answer=ANSWER.replace("49", "94"))
    (pair,) = pairs_of([example("a", reference=reference), wrong])
    assert pair.cited_in_prompt is known


def test_accuracy_by_group() -> None:
    values = judged([1.0, 0.5, 2.0, 1.0, 1.0, 0.0])  # right, wrong, equal, right
    rows = {(row["group"], row["by"]): row for row in accuracies(
        pairs_of(EXAMPLES), {"score": values.scores}, values, seed=7)}  # fmt: skip
    assert rows["all", "score"]["accuracy"] == pytest.approx(2.5 / 4)
    assert rows["all", "own_reward"]["n"] == 3
    assert rows["damage cut_short.v1", "score"]["accuracy"] == 0.0
    assert rows["objective statute_reference", "own_reward"]["accuracy"] == pytest.approx(0.75)
    assert rows["damage wrong_article_number.v1, cited in the prompt", "score"]["accuracy"] == 0.5
    assert rows["damage wrong_article_number.v1, not cited in the prompt", "score"]["accuracy"] == 1.0
    assert rows["two damages", "score"]["accuracy"] == 1.0
    row = rows["all", "score"]
    assert row["low"] <= row["accuracy"] <= row["high"]


def test_own_rewards_are_those_that_the_score_adds_up() -> None:
    right, wrong = judged([1.0, 0.0, 0.0] * 2), judged([0.0, 1.0, 1.0] * 2)
    values = Judged(right.rewards, wrong.rewards, right.gating)  # turned round by the correction for length
    rows = {(row["group"], row["by"]): row["accuracy"] for row in accuracies(pairs_of(EXAMPLES), {}, values, seed=7)}
    damage = "damage wrong_article_number.v1"
    assert rows[damage, "own_reward"] == 0.0
    assert rows[damage, "own_reward_before_debiasing"] == 1.0


def test_correlation_and_gates() -> None:
    lengths = [len(one.answer.split()) for one in EXAMPLES]
    found = correlations(judged([float(length) for length in lengths]), EXAMPLES)
    assert found["after"]["spearman"] == pytest.approx(1.0)
    assert found["after"]["rewards"] == pytest.approx(dict.fromkeys(OBJECTIVES, 1.0))
    assert gating_by_kind(judged([0.0] * 6), EXAMPLES) == {"asked": dict(zip(OBJECTIVES, (1, 0, 0, 0, 0), strict=True))}
