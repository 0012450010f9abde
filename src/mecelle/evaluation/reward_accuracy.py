"""How well a reward model tells true answers from damaged ones, and whether it only counts words.

Accuracy is the share of pairs (true answer, damaged answer to the same question) in which the true one has more; equal
values count half. The rivals are the length of the answer and its words that stand in the prompt, alone and together.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mecelle.base import artifacts
from mecelle.base.errors import InputError
from mecelle.evaluation.statistics.bootstrap import cluster_interval
from mecelle.reward.config import ACCURACY_STAGE, ACCURACY_VERSION
from mecelle.reward.debias import log_lengths
from mecelle.reward.features import cached_states
from mecelle.reward.model import Judged, RewardModel
from mecelle.reward.objectives import OBJECTIVES, Objective
from mecelle.reward.pairs.labels import dominates
from mecelle.reward.pairs.record import Example, read_examples
from mecelle.reward.train import conversation_of
from mecelle.text.casing import fold
from mecelle.text.citations import article_of, find_citations
from mecelle.text.words import words

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pair:
    """A true answer and a damaged one: rows of the examples."""

    true: int
    damaged: int
    damages: tuple[str, ...]
    lowered: tuple[Objective, ...]
    cited_in_prompt: bool
    """Whether the prompt cites all that the true answer cites and the damaged one does not: then one can know it."""
    question: str


def measure(model: Path, data: Path, out: Path, *, seed: int, work: Path, device: str = "cpu") -> dict[str, Any]:
    """Make the artifact `out` of stage "reward-accuracy" from held-out answers; its figures are returned.

    data: an artifact of stage "reward-pairs": held-out answers are scored, the others fit the rivals' weights.
    Raises InputError if nothing is held out.
    """
    examples, training = list(read_examples(data, held_out=True)), list(read_examples(data))
    found = pairs_of(examples)
    if not found:
        raise InputError(f"{data}: no held-out answer is damaged; raise held_out_share of `reward pairs`")
    inputs: dict[str, Path | str] = {"model": model, "data": data}
    with artifacts.create(
        out, stage=ACCURACY_STAGE, version=ACCURACY_VERSION, parameters={}, inputs=inputs, seed=seed
    ) as run:
        run.accounts.unit = "answers"
        run.accounts.keep(len(examples))
        judge = RewardModel(model, device=device)
        conversations = [conversation_of(example) for example in examples]
        states, truncated = cached_states(judge.backbone, conversations, work / "states")
        judged = judge.parts.judge(states, conversations)
        values = {"score": judged.scores, "score_before_debiasing": judged.raw_scores}
        values |= _rivals(examples, training)
        run.figures.update(
            truncated=truncated,
            accuracy=accuracies(found, values, judged, seed=seed),
            length=correlations(judged, examples),
            gating=gating_by_kind(judged, examples),
        )
        np.save(run.folder / "scores.npy", np.column_stack([judged.scores, judged.transformed]))
    return dict(run.figures)


def pairs_of(examples: Sequence[Example]) -> list[Pair]:
    """Each damaged answer with the true answer to its question."""
    true = {example.question_id: row for row, example in enumerate(examples) if not example.damages}
    found = []
    for row, example in enumerate(examples):
        other = true.get(example.question_id)
        if other is None or not dominates(examples[other].labels, example.labels):
            continue
        lowered = tuple(
            name for name in OBJECTIVES if (example.labels[name] or 0.0) < (examples[other].labels[name] or 0.0)
        )
        in_prompt = _lost_stands_in_prompt(examples[other], example)
        found.append(Pair(other, row, example.damages, lowered, in_prompt, example.question_id))
    return found


def accuracies(pairs: Sequence[Pair], values: dict[str, Floats], judged: Judged, *, seed: int) -> list[dict[str, Any]]:
    """One row for each group of pairs (all; one objective; one damage) and for each value that tells them apart.

    `own_reward` is the reward of the objective that was lowered, of singly damaged answers: in the group of an
    objective its own, elsewhere the mean over the objectives that the damage lowers; `own_reward_before_debiasing` is
    the same of rewards that are not corrected for length. Intervals: bootstrap over questions.
    """
    groups: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups["all"].append(pair)
        if len(pair.damages) == 1:
            for objective in pair.lowered:
                groups[f"objective {objective}"].append(pair)
            groups[f"damage {pair.damages[0]}"].append(pair)
            if pair.damages[0] in ("wrong_article_number.v1", "invented_decision_number.v1"):
                where = "cited" if pair.cited_in_prompt else "not cited"
                groups[f"damage {pair.damages[0]}, {where} in the prompt"].append(pair)
        else:
            groups["two damages"].append(pair)
    rows = []
    for group, members in sorted(groups.items()):
        for name, value_N in values.items():
            rows.append(_row(group, name, [_won(value_N, pair) for pair in members], members, seed))
        single = [pair for pair in members if len(pair.damages) == 1]
        if single:
            lowered = [name for name in OBJECTIVES if group == f"objective {name}"]
            for name, rewards_NO in (
                ("own_reward", judged.transformed), ("own_reward_before_debiasing", judged.rewards),
            ):  # fmt: skip
                won = [_won_by(rewards_NO, lowered or pair.lowered, pair) for pair in single]
                rows.append(_row(group, name, won, single, seed))
    return rows


def _lost_stands_in_prompt(true: Example, damaged: Example) -> bool:
    """False where nothing is lost: the right number stands elsewhere in the damaged answer, too, or cannot be read."""
    lost = _cited(true.answer) - _cited(damaged.answer)
    return bool(lost) and lost <= _cited(conversation_of(true).user_turn)


def _cited(text: str) -> set[str]:
    return {article_of(key) if one.kind == "article" else key for one in find_citations(text) for key in one.normalised}


def _row(group: str, name: str, won: list[float], members: Sequence[Pair], seed: int) -> dict[str, Any]:
    interval = cluster_interval(won, [pair.question for pair in members], seed=seed)
    return {"group": group, "by": name, "n": len(won), "accuracy": interval.mean, "low": interval.low,
            "high": interval.high}  # fmt: skip


def _won(value_N: Floats, pair: Pair) -> float:
    difference = value_N[pair.true] - value_N[pair.damaged]
    return 0.5 if difference == 0 else float(difference > 0)


def _won_by(rewards_NO: Floats, objectives: Sequence[Objective], pair: Pair) -> float:
    return float(np.mean([_won(rewards_NO[:, OBJECTIVES.index(one)], pair) for one in objectives]))


def correlations(judged: Judged, examples: Sequence[Example]) -> dict[str, dict[str, Any]]:
    """Pearson's and Spearman's correlation of the score with log(1 + words), before and after debiasing; `rewards`:
    Spearman's of each reward."""
    lengths_N = log_lengths([one.answer for one in examples])
    return {
        name: {
            "pearson": float(stats.pearsonr(scores_N, lengths_N).statistic),
            "spearman": float(stats.spearmanr(scores_N, lengths_N).statistic),
            "rewards": dict(zip(OBJECTIVES, (_ranked(one_N, lengths_N) for one_N in rewards_NO.T), strict=True)),
        }
        for name, scores_N, rewards_NO in (
            ("before", judged.raw_scores, judged.rewards), ("after", judged.scores, judged.transformed),
        )
    }  # fmt: skip


def _ranked(rewards_N: Floats, lengths_N: Floats) -> float:
    """Spearman's correlation; 0 for a reward that is the same for all."""
    return float(stats.spearmanr(rewards_N, lengths_N).statistic) if np.ptp(rewards_N) else 0.0


def gating_by_kind(judged: Judged, examples: Sequence[Example]) -> dict[str, dict[str, float]]:
    """Mean weight of each objective, by kind of question; each question counts once."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, example in enumerate(examples):
        if not example.damages:
            rows[example.kind].append(row)
    return {
        kind: dict(zip(OBJECTIVES, judged.gating[mine].mean(axis=0).tolist(), strict=True))
        for kind, mine in sorted(rows.items())
    }


def _rivals(examples: Sequence[Example], training: Sequence[Example]) -> dict[str, Floats]:
    """Length, overlap with the prompt, and both with the weights that tell the training answers apart best."""
    from sklearn.linear_model import LogisticRegression

    here_N2, there_N2 = _plain_features(examples), _plain_features(training)
    taught = pairs_of(training)
    differences = np.array([there_N2[pair.true] - there_N2[pair.damaged] for pair in taught])
    both = np.zeros(len(examples))
    if len(differences):
        # Each difference in both directions, since a pair has no first and second.
        fitted = LogisticRegression(fit_intercept=False).fit(
            np.concatenate([differences, -differences]), np.repeat([1, 0], len(differences))
        )
        both = here_N2 @ fitted.coef_[0]
    return {"length": here_N2[:, 0], "overlap": here_N2[:, 1], "length_and_overlap": both}


def _plain_features(examples: Sequence[Example]) -> Floats:
    return np.column_stack([log_lengths([one.answer for one in examples]), [_overlap(one) for one in examples]])


def _overlap(example: Example) -> float:
    """Share of the answer's words that stand in the prompt, 0..1."""
    prompt = set(words(fold(conversation_of(example).user_turn)))
    answer = words(fold(example.answer))
    return sum(word in prompt for word in answer) / max(1, len(answer))
