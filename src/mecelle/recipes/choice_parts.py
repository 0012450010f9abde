"""The choice among an encoder's checkpoints: each is trained shortly on the same pairs, then asked (Mecellem §4.1).

The paper post-trains every checkpoint alike, by GISTEmbed with BGE-M3 as guide; here by InfoNCE, which needs no other
model. `mecelle encoder choose --guide` takes one.
"""

from pathlib import Path

from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.pairs.build import PairsConfig
from mecelle.recipes import embedding_parts, mecellem_embedding
from mecelle.recipes.choice import config as choice_config
from mecelle.recipes.choice.config import ChoiceConfig
from mecelle.recipes.embedding_sources import MSMARCO_PAIRS
from mecelle.recipes.graph import Inputs, Stage, arguments, paths
from mecelle.recipes.parts import PARAMS, made_here
from mecelle.recipes.scale import Scale

SMOKE = EmbeddingConfig(
    loss="info_nce.v1", batch=8, accumulation=1, most_steps=2, learning_rate=3e-4, max_length=64, evaluation_pairs=0
)
LAPTOP = ChoiceConfig(
    post_training=EmbeddingConfig(
        loss="info_nce.v1", batch=32, accumulation=1, most_steps=60, learning_rate=5e-4, max_length=64,
        evaluation_pairs=0,
    ),
    zero_shot=False,
    pool="gold_acts",
    most_documents=1_500,
    max_length=128,
    geometry_texts=500,
)  # fmt: skip
"""As measured in docs/results/encoders.md, where nine candidates took 13 minutes of one thread."""
SMOKE_PAIRS = PairsConfig(most_per_kind=30, held_out_pairs=0)
LAPTOP_PAIRS = PairsConfig(most_per_document=20, most_per_kind=1_000, held_out_pairs=0)
"""More than the 1,920 that are trained on, of every kind."""

CARDS_PAIRS = PairsConfig(most_per_document=20, most_per_kind=200_000, held_out_pairs=0)
"""Up to the paper's number. What documents give is drafted in memory before kinds are cut, a few KB a pair: from tens
of millions of documents on, a table takes its place (`--pairs`)."""


def post_training(scale: Scale, *, size: str = "base", longest: int | None = None) -> EmbeddingConfig:
    """The paper's post-training (Table 6), at gpu scale a tenth of it, on one card for each candidate in turn.

    longest: tokens that the encoder reads, where they are fewer than the paper's.
    """
    whole = mecellem_embedding.recipe(scale, loss="info_nce", size=size).embedding
    steps = -(-MSMARCO_PAIRS // (whole.batch * whole.accumulation))
    return whole.model_copy(
        update={
            "chunk": mecellem_embedding.PAPER["encoder", size].pairs_per_card,
            "most_steps": whole.most_steps or steps,
            "max_length": min(whole.max_length, longest or whole.max_length),
            "evaluation_pairs": 0,
        }
    )


def choice(inputs: Inputs, *checkpoints: str, named: tuple[str, ...] = ()) -> tuple[Stage, ...]:
    """Which of the runs' checkpoints to go on with; nothing where there are no questions or no held-out text.

    checkpoints: artifacts whose snapshots are compared; named: further models, `name=folder or hub id`.
    """
    if not (inputs.queries and inputs.heldout):
        return ()
    pairs = embedding_parts.pairs(inputs)
    documents = inputs.documents or Path("artifacts/corpus")
    asked = arguments("--queries", inputs.queries) + arguments("--documents", documents)
    asked += arguments("--heldout", inputs.heldout) + arguments("--splits", inputs.splits)
    trained_here = tuple(one for given in named for one in made_here(given.partition("=")[2]))
    return (
        pairs,
        Stage(
            name="choice",
            command=f"mecelle encoder choose {' '.join((*checkpoints, *named))}{asked} --pairs {pairs.makes} "
            f"--out artifacts/choice --work work/choice --cache work/vectors {PARAMS}",
            reads=(
                *checkpoints, *trained_here, pairs.makes,
                *paths(inputs.queries, documents, inputs.heldout, inputs.splits),
            ),
            makes="artifacts/choice",
            parameters=("seed", "choice"),
            version=choice_config.VERSION,
        ),
    )  # fmt: skip
