"""Stage "reward": heads, gate and length penalty on the states of a backbone. Source: Mecellem Fig. 11, App. B."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mecelle.base import artifacts
from mecelle.base.errors import InputError
from mecelle.reward.backbone import Backbone
from mecelle.reward.config import STAGE, VERSION, RewardConfig
from mecelle.reward.conversation import Conversation
from mecelle.reward.debias import NO_PENALTY, fit_penalty, log_lengths
from mecelle.reward.features import cached_states
from mecelle.reward.gate import fit_gate
from mecelle.reward.heads import fit_heads, rewards_left_out
from mecelle.reward.model import Parts, save, seen_by_heads
from mecelle.reward.objectives import OBJECTIVES
from mecelle.reward.pairs.labels import dominates
from mecelle.reward.pairs.record import Example, read_examples
from mecelle.reward.tuning import tune
from mecelle.training.checkpoints import run_key


def train_reward(
    data: Path, backbone: str | Path, out: Path, config: RewardConfig, *, seed: int, work: Path, device: str = "cpu"
) -> None:
    """Make the artifact `out` of stage "reward", which `RewardModel` loads.

    data: an artifact of stage "reward-pairs", or JSON Lines of examples. backbone: folder or hub id of any causal
    language model. work: states of the backbone are kept in it, and a killed run goes on where it was.
    Raises InputError if there is no example, no label or no preference in `data`.
    """
    examples = list(read_examples(data))
    if not examples:
        raise InputError(f"{data}: no example in it; make some with `reward pairs`")
    inputs: dict[str, Path | str] = {"data": data, "backbone": backbone}
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run:
        run.accounts.unit = "examples"
        run.accounts.keep(len(examples))
        base = Backbone(backbone, config, device=device)
        conversations = [conversation_of(example) for example in examples]
        labels_NO = np.array([[_number(one.labels[name]) for name in OBJECTIVES] for one in examples])
        groups = [example.question_id for example in examples]
        if config.regression.backbone_steps:
            key = run_key(
                config, inputs, stage=STAGE, version=VERSION, seed=seed, leave_out={"gate", "debias", "batch"}
            )
            losses = tune(base, conversations, labels_NO, config.regression, seed=seed, work=work / key)
            base.mark_changed(key)
            run.figures["backbone_loss"] = {
                "steps": len(losses),
                "last_50": float(np.mean(losses[-50:])),
            }
        states_NS, truncated = cached_states(base, conversations, work / "states")
        seen_ND = seen_by_heads(states_NS[:, base.dimension :], conversations, evidence=config.evidence)
        plain = seen_ND.shape[1] - base.dimension
        heads, ridges = fit_heads(seen_ND, labels_NO, groups, config.regression, seed=seed, plain=plain)
        # Of the answers that they were fitted to, the heads know too much to say what gate and penalty should be.
        left_out_NO = rewards_left_out(seen_ND, labels_NO, groups, config.regression, seed=seed, plain=plain)
        rewards_NO = np.where(np.isnan(left_out_NO), heads.rewards(seen_ND), left_out_NO)
        better, worse = preferences(examples)
        gate, gate_losses = fit_gate(
            states_NS[better, : base.dimension], rewards_NO[better], rewards_NO[worse], config.gate,
            seed=seed, groups=[groups[row] for row in better],
        )  # fmt: skip
        answers = [example.answer for example in examples]
        parts = Parts(heads, gate, fit_penalty(rewards_NO, answers) if config.debias else NO_PENALTY, config.evidence)
        save(run.folder, base, parts, config)
        run.figures.update(
            truncated=truncated,
            labels={name: int((~np.isnan(labels_NO[:, column])).sum()) for column, name in enumerate(OBJECTIVES)},
            ridges=ridges,
            preferences=len(better),
            gate_loss={"first": gate_losses[0], "last": gate_losses[-1]} if gate_losses else None,
            length_penalty=dict(zip(OBJECTIVES, parts.penalty.penalties.tolist(), strict=True)),
            log_length={"mean": float(log_lengths(answers).mean())},
        )


def conversation_of(example: Example) -> Conversation:
    """What of an example is judged."""
    return Conversation(example.question, example.answer, example.reference)


def preferences(examples: Sequence[Example]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of the better and of the worse answer, for all pairs of answers to one prompt of which one dominates."""
    by_question: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row, example in enumerate(examples):
        by_question[example.question_id, example.reference].append(row)
    pairs = [
        (one, other)
        for rows in by_question.values()
        for one in rows
        for other in rows
        if dominates(examples[one].labels, examples[other].labels)
    ]
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _number(label: float | None) -> float:
    return float("nan") if label is None else label
