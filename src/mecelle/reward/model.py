"""The reward model: score = sum of gate_i times reward_i, with its parts. Source: Mecellem §4.4.5 and App. B.

reward.json          configuration, objectives, length penalty
weights.safetensors  heads and gate
backbone/            the causal language model, as transformers writes it
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import orjson
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file

from mecelle.base.artifacts import read_marker
from mecelle.base.config import dump, parse
from mecelle.base.errors import ArtifactError
from mecelle.reward.backbone import Backbone
from mecelle.reward.config import STAGE, VERSION, RewardConfig
from mecelle.reward.conversation import Conversation
from mecelle.reward.debias import LengthPenalty
from mecelle.reward.evidence import evidence as read_off
from mecelle.reward.gate import Gate
from mecelle.reward.heads import Heads
from mecelle.reward.objectives import OBJECTIVES

_HEADS = ("mean", "scale", "weight", "bias")


@dataclass(frozen=True)
class Judgement:
    """One answer, judged. All mappings are objective -> value."""

    score: float
    """Sum over the objectives of gate times transformed reward."""
    rewards: dict[str, float]
    """As the heads give them."""
    transformed: dict[str, float]
    """The same, corrected for length."""
    gating: dict[str, float]
    """At least 0, and of sum 1; the same for all answers to a prompt."""
    words: int
    truncated: bool
    """Whether question, reference or answer was longer than `max_length` allows, so that its end was not read."""


@dataclass(frozen=True)
class Parts:
    """The heads, the gate and the penalty: all but the backbone."""

    heads: Heads
    gate: Gate
    penalty: LengthPenalty
    evidence: bool = False

    def judge(self, states_NS: NDArray[np.floating], conversations: Sequence[Conversation]) -> "Judged":
        """Judge answers by their states (of prompt and answer, side by side)."""
        dimension = len(self.gate.mean)
        rewards_NO = self.heads.rewards(seen_by_heads(states_NS[:, dimension:], conversations, evidence=self.evidence))
        gating_NO = self.gate.weights(states_NS[:, :dimension])
        answers = [one.answer for one in conversations]
        return Judged(rewards_NO, self.penalty.corrected(rewards_NO, answers), gating_NO)


def seen_by_heads(
    answers_ND: NDArray[np.floating], conversations: Sequence[Conversation], *, evidence: bool
) -> NDArray[np.floating]:
    """States of answers, and behind them what can be read off the texts, where it is wanted."""
    return np.column_stack([answers_ND, read_off(conversations)]) if evidence else answers_ND


@dataclass(frozen=True)
class Judged:
    """Judgements of many answers as arrays (N, 5)."""

    rewards: NDArray[np.float64]
    transformed: NDArray[np.float64]
    gating: NDArray[np.float64]
    truncated: tuple[bool, ...] = ()
    """Whether each was cut to `max_length`; empty where who gave the states has counted it."""

    @property
    def scores(self) -> NDArray[np.float64]:
        """Scores, corrected for length."""
        return np.asarray((self.gating * self.transformed).sum(axis=1))

    @property
    def raw_scores(self) -> NDArray[np.float64]:
        """Scores as they were before the third stage."""
        return np.asarray((self.gating * self.rewards).sum(axis=1))


class RewardModel:
    """A saved reward model, which needs nothing but its folder."""

    def __init__(self, folder: Path, *, device: str = "cpu") -> None:
        """Raises ArtifactError if `folder` is no whole artifact of stage "reward", or of another version, or judges by
        other objectives."""
        self.marker = read_marker(folder, stage=STAGE)
        facts = orjson.loads((folder / "reward.json").read_bytes())
        if tuple(facts["objectives"]) != OBJECTIVES:
            raise ArtifactError(
                f"{folder}: judges by {facts['objectives']}, expected {list(OBJECTIVES)}; train it again"
            )
        if self.marker.version != VERSION:
            raise ArtifactError(
                f"{folder}: of version {self.marker.version} of the stage, expected {VERSION}; train it again"
            )
        self.name = folder.name
        self.config = parse(RewardConfig, facts["config"], where=str(folder / "reward.json"))
        self.backbone = Backbone(folder / "backbone", self.config, device=device)
        self.parts = _read_parts(folder, self.config, self.backbone.dimension, facts["length_penalty"])

    @property
    def fingerprint(self) -> str:
        """Of all that decides a score."""
        return self.marker.hash

    def judged(self, conversations: Sequence[Conversation]) -> Judged:
        """Judgements as arrays, in the order of the conversations."""
        tokens = self.backbone.tokens(conversations)
        states_NS = np.zeros((len(tokens), self.backbone.columns), dtype=np.float32)
        order, size = sorted(range(len(tokens)), key=lambda number: -len(tokens[number].ids)), self.config.batch
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            states_NS[batch] = self.backbone.states([tokens[number] for number in batch])
        # Rounded as the states of the training were.
        found = self.parts.judge(states_NS.astype(np.float16), conversations)
        return replace(found, truncated=tuple(one.truncated for one in tokens))

    def score(self, conversations: Sequence[Conversation]) -> list[Judgement]:
        """Each conversation judged, with all parts of its score."""
        if not conversations:
            return []
        found = self.judged(conversations)
        return [
            Judgement(
                score=float(found.scores[row]),
                rewards=_named(found.rewards[row]),
                transformed=_named(found.transformed[row]),
                gating=_named(found.gating[row]),
                words=len(one.answer.split()),
                truncated=found.truncated[row],
            )
            for row, one in enumerate(conversations)
        ]


def save(folder: Path, backbone: Backbone, parts: Parts, config: RewardConfig) -> None:
    """Write all files of the model into `folder`. The saved backbone has only the layers that are run."""
    backbone.save(folder / "backbone")
    tensors = {f"heads.{name}": torch.from_numpy(np.ascontiguousarray(getattr(parts.heads, name))) for name in _HEADS}
    tensors |= {f"gate.{name}": value.contiguous() for name, value in parts.gate.state_dict().items()}
    save_file(tensors, folder / "weights.safetensors")
    penalty = {
        "mean": parts.penalty.mean, "scale": parts.penalty.scale, "penalties": parts.penalty.penalties.tolist(),
    }  # fmt: skip
    facts = {"objectives": list(OBJECTIVES), "config": dump(config), "length_penalty": penalty}
    (folder / "reward.json").write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2))


def _read_parts(folder: Path, config: RewardConfig, dimension: int, penalty: dict[str, object]) -> Parts:
    tensors = load_file(folder / "weights.safetensors")
    heads = Heads(**{name: tensors[f"heads.{name}"].numpy() for name in _HEADS}, bounded=config.regression.bounded)
    gate = Gate(dimension, config.gate)
    prefix = "gate."
    gate.load_state_dict({name.removeprefix(prefix): one for name, one in tensors.items() if name.startswith(prefix)})
    correction = LengthPenalty(
        float(str(penalty["mean"])), float(str(penalty["scale"])), np.array(penalty["penalties"], dtype=np.float64)
    )
    return Parts(heads, gate.eval(), correction, config.evidence)


def _named(values_O: NDArray[np.float64]) -> dict[str, float]:
    return {name: float(value) for name, value in zip(OBJECTIVES, values_O, strict=True)}
