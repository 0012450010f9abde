"""Table 14 in kind: the losses that Mecellem compares, and distillation from the same guide, on one encoder.

    python benchmarks/embedding_losses.py --base ENCODER --pairs artifacts/pairs --guide artifacts/guide \\
        --out runs/losses --steps 250 --batch 64 --seeds 1 2 3 --legal-tasks legal_answers --name embedding_losses

Same encoder, pairs, steps and order of batches; the loss alone differs. Scores: held-out pairs of the same kinds, and
tasks that are named. Mecellem, MTEB / legal score: InfoNCE 53.23 / 39.95, Qwen3-style 56.70 / 42.60, GISTEmbed
55.67 / 46.36.
"""

from pathlib import Path

from embedding_study import arguments_of, study

from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.losses import LOSSES
from mecelle.embedding.stages.chain import Step
from mecelle.recipes.embedding_study import Arm

LOSS_NAMES = (
    "info_nce.v1", "qwen3_info_nce.v1", "guided_info_nce.v1", "distill_cosine.v1", "distill_ranking.v1",
    "distilled_guided.v1",
)  # fmt: skip
"""The baseline first."""


def main() -> None:
    """Run the comparison."""
    parser = arguments_of(__doc__ or "")
    parser.add_argument("--pairs", type=Path, required=True, help="artifact of pairs")
    parser.add_argument("--guide", type=Path, required=True, help="artifact of the guide's vectors of these pairs")
    parser.add_argument("--losses", nargs="+", default=list(LOSS_NAMES), help="the first one is the baseline")
    parser.add_argument("--steps", type=int, default=250)
    parser.add_argument("--batch", type=int, default=64)
    arguments = parser.parse_args()
    base = EmbeddingConfig(
        batch=arguments.batch, accumulation=1, most_steps=arguments.steps, epochs=1_000.0,
        learning_rate=arguments.learning_rate, max_length=arguments.max_length,
    )  # fmt: skip
    arms = []
    for loss in arguments.losses:
        guide = arguments.guide if LOSSES.get(loss).guided else None
        step = Step("embedding", arguments.pairs, base.model_copy(update={"loss": loss}), guide)
        arms.append(Arm(loss.partition(".")[0], (step,)))
    study(arms, {"held-out": arguments.pairs}, arguments)


if __name__ == "__main__":
    main()
