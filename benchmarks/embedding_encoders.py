"""Table 24 and Table 15 in kind: several encoders, post-trained by one recipe.

    python benchmarks/embedding_encoders.py law=A general=B --base A --pairs artifacts/pairs --out runs/encoders \\
        --steps 60 --batch 64 --seeds 1 --legal-tasks legal_answers citizen_questions --name embedding_encoders

Pairs, loss (InfoNCE, eq. 4), steps and order of batches are the same; the encoder alone differs. The first one is what
the others are compared with. `mecelle evaluate legal` scores an encoder before its post-training.
"""

from pathlib import Path

from embedding_study import arguments_of, named, study

from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.stages.chain import Step
from mecelle.recipes.embedding_study import Arm


def main() -> None:
    """Run the comparison."""
    parser = arguments_of(__doc__ or "")
    parser.add_argument("encoders", nargs="+", help="name=FOLDER")
    parser.add_argument("--pairs", type=Path, required=True, help="artifact of pairs")
    parser.add_argument("--steps", type=int, default=250)
    parser.add_argument("--batch", type=int, default=64)
    arguments = parser.parse_args()
    config = EmbeddingConfig(
        loss="info_nce.v1", batch=arguments.batch, accumulation=1, most_steps=arguments.steps, epochs=1_000.0,
        learning_rate=arguments.learning_rate, max_length=arguments.max_length,
    )  # fmt: skip
    step = Step("embedding", arguments.pairs, config)
    arms = [Arm(name, (step,), base) for name, base in named(arguments.encoders).items()]
    study(arms, {"held-out": arguments.pairs}, arguments)


if __name__ == "__main__":
    main()
