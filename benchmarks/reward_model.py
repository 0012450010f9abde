"""The reward model on real data: answers of known quality, a frozen published backbone, accuracy on held-out pairs.

    python benchmarks/reward_model.py TRAINING --backbone ~/.cache/mecelle/models/smollm2-135m --work /tmp/reward

Raw figures: results/reward_model.json. The clock of each stage stands in its run record; that of "reward" is nearly all
the backbone's, whose states are computed once and kept in --work.
"""

import argparse
from pathlib import Path
from typing import Any

from measuring import machine, write_results

from mecelle.base import artifacts
from mecelle.base.config import dump
from mecelle.evaluation.reward_accuracy import measure
from mecelle.reward.config import RegressionConfig, RewardConfig
from mecelle.reward.pairs.build import build_reward_pairs
from mecelle.reward.pairs.config import RewardPairsConfig
from mecelle.reward.train import train_reward


def main() -> None:
    """Build, train, measure; with bounded rewards and without."""
    arguments = parsed()
    pairs, work = arguments.work / "pairs", arguments.work
    questions = RewardPairsConfig(
        questions_per_kind=arguments.questions, most_documents=arguments.documents, held_out_share=0.3
    )
    build_reward_pairs(arguments.training, pairs, questions, seed=arguments.seed)
    found: dict[str, Any] = {"machine": machine("torch", "transformers"), "seed": arguments.seed,
                             "pairs": [dump(questions), facts(pairs)]}  # fmt: skip
    for name, bounded in (("bounded", True), ("unbounded", False)):
        config = RewardConfig(
            layers=arguments.layers, max_length=arguments.length, regression=RegressionConfig(bounded=bounded)
        )
        model, accuracy = work / name, work / f"{name}-accuracy"
        train_reward(pairs, arguments.backbone, model, config, seed=arguments.seed, work=work)
        figures = measure(model, pairs, accuracy, seed=arguments.seed, work=work)
        found[name] = [dump(config), facts(model), facts(accuracy)]
        show(name, figures)
    write_results("reward_model", found)


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
    parser.add_argument("--questions", type=int, default=300, help="of each kind")
    parser.add_argument("--documents", type=int, default=20_000, help="documents that are looked at")
    parser.add_argument("--layers", type=int, default=12, help="layers of the backbone that are run")
    parser.add_argument("--length", type=int, default=384, help="tokens of a conversation")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


if __name__ == "__main__":
    main()
