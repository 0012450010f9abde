"""The three stages on states whose truth is known."""

import numpy as np
import pytest
import torch
from scipy import stats

from mecelle.base.errors import InputError
from mecelle.reward.config import GateConfig, RegressionConfig
from mecelle.reward.debias import NO_PENALTY, fit_penalty, log_lengths
from mecelle.reward.gate import Gate, fit_gate
from mecelle.reward.heads import fit_heads, rewards_left_out

RNG = np.random.default_rng(3)
STATES = RNG.normal(size=(200, 12))
GROUPS = [f"q{row // 4}" for row in range(200)]


def labels() -> np.ndarray:
    """Objective 0 follows component 0, objective 1 component 1; 2 is always 0.5; 3 and 4 are unknown."""
    found = np.full((200, 5), np.nan)
    found[:, 0] = 1 / (1 + np.exp(-2 * STATES[:, 0]))
    found[:, 1] = 1 / (1 + np.exp(2 * STATES[:, 1]))
    found[:, 2] = 0.5
    return found


@pytest.mark.parametrize("bounded", [True, False])
def test_heads_find_the_component_of_their_objective(bounded: bool) -> None:
    heads, ridges = fit_heads(STATES * 3 + 1, labels(), GROUPS, RegressionConfig(bounded=bounded), seed=7)
    rewards = heads.rewards(STATES * 3 + 1)
    assert stats.spearmanr(rewards[:, 0], STATES[:, 0]).statistic > 0.97
    assert stats.spearmanr(rewards[:, 1], STATES[:, 1]).statistic < -0.97
    np.testing.assert_allclose(rewards[:, 2], 0.5, atol=1e-3)
    np.testing.assert_allclose(rewards[:, 3:], 0.5)
    assert set(ridges) == {"statute_reference", "legal_accuracy", "case_law_reference"}
    if bounded:
        assert ((rewards > 0) & (rewards < 1)).all()


@pytest.mark.parametrize("seed", range(5))
def test_an_objective_that_few_questions_have_is_learnt_whatever_is_left_out(seed: int) -> None:
    known = labels()
    known[12:, 1] = np.nan  # three questions of four answers
    heads, ridges = fit_heads(STATES, known, GROUPS, RegressionConfig(), seed=seed)
    assert "legal_accuracy" in ridges
    assert heads.weight[:, 1].any()


def test_unbounded_heads_are_ridge_regression() -> None:
    heads, _ = fit_heads(STATES, labels(), GROUPS, RegressionConfig(bounded=False, ridges=(0.5,)), seed=7)
    x = (STATES - STATES.mean(axis=0)) / STATES.std(axis=0)
    y = labels()[:, 0]
    expected = np.linalg.solve(x.T @ x + 0.5 * 200 * np.eye(12), x.T @ (y - y.mean()))
    np.testing.assert_allclose(heads.weight[:, 0], expected, atol=1e-10)


def test_plain_features_are_penalised_a_hundred_times_less() -> None:
    config = RegressionConfig(bounded=False, ridges=(0.5,))
    whole, _ = fit_heads(STATES, labels(), GROUPS, config, seed=7)
    plain, _ = fit_heads(STATES, labels(), GROUPS, config, seed=7, plain=12)
    weaker, _ = fit_heads(STATES, labels(), GROUPS, RegressionConfig(bounded=False, ridges=(0.005,)), seed=7)
    np.testing.assert_allclose(plain.rewards(STATES)[:, 0], weaker.rewards(STATES)[:, 0], atol=1e-9)
    assert not np.allclose(plain.rewards(STATES)[:, 0], whole.rewards(STATES)[:, 0], atol=1e-2)


def test_heads_within_questions_pass_over_what_questions_differ_in() -> None:
    noise = np.random.default_rng(5)
    states, known = noise.normal(size=(200, 12)), np.full((200, 5), np.nan)
    own = np.repeat(noise.normal(size=50), 4)  # what every answer to a question has in common
    states[:, 3] += 5 * own
    known[:, 0] = states[:, 0] + states[:, 3]
    config = RegressionConfig(bounded=False, ridges=(1e-6,), within_questions=True)
    heads, _ = fit_heads(states, known + 10 * own[:, None], GROUPS, config, seed=7)
    slopes = heads.weight[:, 0] / heads.scale
    np.testing.assert_allclose(slopes[[0, 3]], 1.0, atol=1e-4)
    np.testing.assert_allclose(np.delete(slopes, [0, 3]), 0.0, atol=1e-4)
    other, _ = fit_heads(
        states, known + 10 * own[:, None], GROUPS, RegressionConfig(bounded=False, ridges=(1e-6,)), seed=7
    )
    assert other.weight[3, 0] / other.scale[3] > 2


def test_left_out_rewards_know_nothing_of_their_own_question() -> None:
    noise = np.random.default_rng(5)
    states, known = noise.normal(size=(60, 40)), np.full((60, 5), np.nan)
    known[:, 0] = np.repeat(noise.random(30), 2)  # which has nothing to do with the states
    groups = [f"q{row // 2}" for row in range(60)]
    config = RegressionConfig(bounded=False, ridges=(0.001,))
    heads, _ = fit_heads(states, known, groups, config, seed=7)
    left_out = rewards_left_out(states, known, groups, config, seed=7)
    assert stats.spearmanr(heads.rewards(states)[:, 0], known[:, 0]).statistic > 0.8
    assert abs(stats.spearmanr(left_out[:, 0], known[:, 0]).statistic) < 0.4
    assert np.isnan(rewards_left_out(states[:8], known[:8], groups[:8], config, seed=7)).all()


def test_no_label_at_all_is_told() -> None:
    with pytest.raises(InputError, match="no example has a label"):
        fit_heads(STATES, np.full((200, 5), np.nan), GROUPS, RegressionConfig(), seed=7)


def test_gate_weighs_what_tells_answers_apart_for_each_kind_of_prompt() -> None:
    prompts = np.concatenate([np.eye(12)[:1].repeat(60, axis=0), np.eye(12)[1:2].repeat(60, axis=0)])
    better, worse = np.full((120, 5), 0.5), np.full((120, 5), 0.5)
    better[:60, 1], better[60:, 2] = 0.9, 0.9  # each kind of prompt has an objective of its own
    worse[:60, 2], worse[60:, 1] = 0.7, 0.7  # which misleads the other
    gate, losses = fit_gate(prompts, better, worse, GateConfig(experts=3, top_k=2, steps=150), seed=7)
    weights = gate.weights(prompts)
    assert losses[-1] < losses[0]
    assert weights[0, 1] > 0.8
    assert weights[-1, 2] > 0.8


def test_gate_gives_a_distribution_from_the_best_experts_alone() -> None:
    torch.manual_seed(0)
    gate = Gate(12, GateConfig(experts=4, top_k=2))
    weights = gate.weights(STATES)
    assert (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-6)
    row = torch.from_numpy(STATES[:1].astype(np.float32))
    worst = int(gate.router(row).argmin())
    before = gate.weights(STATES[:1])
    with torch.no_grad():
        gate.experts[worst][2].bias.add_(torch.arange(5.0))
    np.testing.assert_array_equal(gate.weights(STATES[:1]), before)
    best = int(gate.router(row).argmax())
    with torch.no_grad():
        gate.experts[best][2].bias.add_(torch.arange(5.0))
    assert not np.allclose(gate.weights(STATES[:1]), before)


def test_same_seed_same_gate() -> None:
    def fitted(seed: int) -> np.ndarray:
        rewards = np.random.default_rng(0).random((2, 50, 5))
        return fit_gate(STATES[:50], rewards[0], rewards[1], GateConfig(steps=5), seed=seed)[0].weights(STATES)

    np.testing.assert_array_equal(fitted(7), fitted(7))
    assert not np.array_equal(fitted(7), fitted(8))


def test_without_steps_all_objectives_count_alike() -> None:
    rewards = np.random.default_rng(0).random((2, 50, 5))
    gate, losses = fit_gate(STATES[:50], rewards[0], rewards[1], GateConfig(steps=0), seed=7, groups=GROUPS[:50])
    np.testing.assert_allclose(gate.weights(STATES), 0.2, atol=1e-6)
    assert losses == []


def test_gate_that_learns_nothing_but_its_prompts_stays_near_equal_weights() -> None:
    noise = np.random.default_rng(4)
    prompts, rewards = noise.normal(size=(80, 12)), noise.random((2, 80, 5))
    groups, config = [f"q{row // 2}" for row in range(80)], GateConfig(steps=200)
    heart, _ = fit_gate(prompts, *rewards, config, seed=7)
    stopped, _ = fit_gate(prompts, *rewards, config, seed=7, groups=groups)
    spread = {
        name: float(np.abs(gate.weights(prompts) - 0.2).mean())
        for name, gate in (("heart", heart), ("stopped", stopped))
    }
    assert spread["stopped"] < spread["heart"] / 2


def test_gate_without_preferences_is_told() -> None:
    with pytest.raises(InputError, match=r"set gate\.steps: 0"):
        fit_gate(np.zeros((0, 12)), np.zeros((0, 5)), np.zeros((0, 5)), GateConfig(), seed=7)


def test_penalty_takes_length_out_of_every_reward() -> None:
    answers = ["söz " * int(number) for number in np.random.default_rng(1).integers(1, 200, size=300)]
    lengths = log_lengths(answers)
    noise = np.random.default_rng(2).normal(size=(300, 5))
    rewards = lengths[:, None] * np.array([1.0, -2.0, 0.0, 0.3, 0.0]) + noise
    rewards[:, 4] = 0.5  # a constant has nothing to correct
    penalty = fit_penalty(rewards, answers)
    corrected = penalty.corrected(rewards, answers)
    for column in range(4):
        assert abs(stats.spearmanr(corrected[:, column], lengths).statistic) < 0.01
    assert penalty.penalties[0] > 0 > penalty.penalties[1]
    np.testing.assert_array_equal(corrected[:, 4], 0.5)


def test_answers_of_one_length_need_no_penalty() -> None:
    assert fit_penalty(np.random.default_rng(0).random((3, 5)), ["bir", "iki", "üç"]) is NO_PENALTY
