"""The reward model on real data: answers of known quality, and what each addition to the paper's model brings.

    python benchmarks/reward_model.py TRAINING --backbone MODEL --work /tmp/reward [--contenders paper all]

paper        heads on the states of a frozen backbone, rewards through a sigmoid
within       fitted to what answers to one question differ in, and without the sigmoid, which would cut off what they
             differ in where questions lie far apart
likelihood   as `within`; heads also see how likely each answer is to the backbone
all          and what can be read off the texts, such as citations that agree (reward/evidence.py)
equal        as `all`, with a gate by which all objectives count alike
bounded      as `all`, with the sigmoid
trained      as `equal`, with a backbone that was trained along for --steps steps

Raw figures: results/NAME.json. The clock of each stage stands in its run record; that of "reward" is nearly all
the backbone's, whose states are computed once and kept in --work.
"""

import argparse
from pathlib import Path
from typing import Any

from measuring import machine, write_results

from mecelle.base import artifacts
from mecelle.base.config import dump
from mecelle.evaluation.reward_accuracy import measure
from mecelle.reward.config import GateConfig, RegressionConfig, RewardConfig
from mecelle.reward.pairs.build import build_reward_pairs
from mecelle.reward.pairs.config import RewardPairsConfig
from mecelle.reward.pairs.record import STAGE as PAIRS
from mecelle.reward.train import train_reward

CONTENDERS = ("paper", "within", "likelihood", "all", "equal", "bounded", "trained")


def main() -> None:
    """Build answers, train and measure each contender."""
    arguments = parsed()
    pairs, work = arguments.work / "pairs", arguments.work
    questions = RewardPairsConfig(
        questions_per_kind=arguments.questions, most_documents=arguments.documents, most_words=arguments.words,
        held_out_share=0.35,
    )  # fmt: skip
    if not artifacts.is_artifact(pairs, stage=PAIRS):
        build_reward_pairs(arguments.training, pairs, questions, seed=arguments.seed)
    found: dict[str, Any] = {"machine": machine("torch", "transformers"), "seed": arguments.seed,
                             "pairs": [dump(questions), facts(pairs)]}  # fmt: skip
    for name in arguments.contenders:
        config = configured(name, arguments)
        model, accuracy = work / f"model-{name}", work / f"accuracy-{name}"
        train_reward(pairs, arguments.backbone, model, config, seed=arguments.seed, work=work)
        figures = measure(model, pairs, accuracy, seed=arguments.seed, work=work)
        found[name] = [dump(config), facts(model), facts(accuracy)]
        show(name, figures)
        write_results(arguments.name, found)


def configured(name: str, arguments: argparse.Namespace) -> RewardConfig:
    """The parameters of a contender."""
    steps = arguments.steps if name == "trained" else 0
    regression = RegressionConfig(
        bounded=name in ("paper", "bounded"), within_questions=name != "paper", ridges=(0.1, 1.0, 10.0),
        backbone_steps=steps, backbone_rate=arguments.rate,
    )  # fmt: skip
    return RewardConfig(
        max_length=arguments.length,
        likelihood=name not in ("paper", "within"),
        evidence=name not in ("paper", "within", "likelihood"),
        regression=regression,
        gate=GateConfig(steps=0) if name in ("equal", "trained") else GateConfig(),
    )


def facts(artifact: Path) -> dict[str, Any]:
    """Figures and seconds of a stage."""
    record = artifacts.read_record(artifact)
    assert record is not None
    return {"figures": record.figures, "seconds": record.seconds, "peak_gib": record.peak_gib}


def show(name: str, figures: dict[str, Any]) -> None:
    """A table for a person."""
    print(f"\n{name}: share of pairs in which the true answer has more")
    for row in figures["accuracy"]:
        interval = f"{row['accuracy']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"
        print(f"{row['group']:66} {row['by']:22} {row['n']:5} {interval}")
    print(f"correlation with length: {figures['length']}\nweights by kind of question: {figures['gating']}")


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("training", type=Path, help="artifact of `corpus select`")
    parser.add_argument("--backbone", required=True, help="folder or hub id of a causal language model")
    parser.add_argument("--work", type=Path, required=True, help="folder for all that is made")
    parser.add_argument("--contenders", nargs="+", default=list(CONTENDERS), choices=CONTENDERS)
    parser.add_argument("--questions", type=int, default=150, help="of each kind")
    parser.add_argument("--documents", type=int, default=12_000, help="documents that are looked at")
    parser.add_argument("--words", type=int, default=100, help="of a true answer, at most")
    parser.add_argument("--length", type=int, default=512, help="tokens of a conversation")
    parser.add_argument("--steps", type=int, default=250, help="in which the backbone of `trained` is trained")
    parser.add_argument("--rate", type=float, default=2e-4, help="learning rate of these steps")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--name", default="reward_model", help="of the file of results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
