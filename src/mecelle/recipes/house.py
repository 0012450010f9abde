"""The recipe `house`: from a folder of Turkish legal documents to a searchable index, every part trained and measured.

documents -> corpus -> training set -> tokenizer -> encoder -> pairs -> guide -> embedding -> evaluation -> index
-> report
"""

from pathlib import Path

from pydantic import Field

from mecelle.base.config import Config
from mecelle.corpus.build import CorpusConfig
from mecelle.corpus.select import SelectConfig
from mecelle.documents.config import ExtractConfig
from mecelle.embedding import config as embedding_config
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.guide import build as guide_build
from mecelle.embedding.guide.build import GuideConfig
from mecelle.embedding.pairs import build as pairs_build
from mecelle.embedding.pairs.build import PairsConfig
from mecelle.encoder.config import EncoderConfig
from mecelle.encoder.shapes import MECELLEM_BASE, SMOKE
from mecelle.evaluation import stage as evaluation_stage
from mecelle.evaluation.stage import EvaluationConfig
from mecelle.recipes import parts
from mecelle.recipes.graph import Inputs, Stage, arguments, paths
from mecelle.recipes.scale import Scale
from mecelle.retrieval import manifest as retrieval_index
from mecelle.retrieval.config import IndexConfig
from mecelle.tokenizer.stage import TokenizerConfig

TITLE = "from documents to a measured encoder and a search over them"


class House(Config):
    """All parameters of the recipe, one section per stage."""

    seed: int = Field(default=7, ge=0)
    """Everything random follows from it."""
    extract: ExtractConfig = ExtractConfig()
    corpus: CorpusConfig = CorpusConfig()
    select: SelectConfig = SelectConfig()
    tokenizer: TokenizerConfig = TokenizerConfig()
    encoder: EncoderConfig = EncoderConfig()
    pairs: PairsConfig = PairsConfig()
    guide: GuideConfig = GuideConfig()
    embedding: EmbeddingConfig = EmbeddingConfig()
    evaluation: EvaluationConfig = EvaluationConfig()
    index: IndexConfig = IndexConfig()


def recipe(scale: Scale) -> House:
    """The parameters of `scale`; what is not said here is the stages' own default."""
    return {"smoke": _smoke, "laptop": _laptop, "gpu": _gpu, "paper": _paper}[scale]()


def _smoke() -> House:
    return House(
        tokenizer=TokenizerConfig(vocab_size=4_000),
        encoder=EncoderConfig(
            shape=SMOKE,
            sequence_length=128,
            budget_tokens=150_000,
            tokens_per_step=1_024,
            rows_per_batch=4,
            learning_rate=3e-3,
            logs=40,
            evaluations=5,
            evaluation_rows=16,
        ),
        embedding=EmbeddingConfig(
            batch=32, accumulation=1, most_steps=40, learning_rate=1e-3, max_length=64, evaluation_pairs=64
        ),
        evaluation=EvaluationConfig(max_length=64),
    )


def _laptop() -> House:
    """About three quarters of an hour on two idle cores for 65 M characters."""
    return House(
        tokenizer=TokenizerConfig(vocab_size=16_000),
        encoder=EncoderConfig(budget_tokens=2_500_000),
        pairs=PairsConfig(most_per_kind=4_000),
        embedding=EmbeddingConfig(batch=64, accumulation=1, most_steps=250, learning_rate=1e-3, max_length=96),
        evaluation=EvaluationConfig(pool="gold_acts", max_length=96),
    )


def _gpu() -> House:
    return House(
        tokenizer=TokenizerConfig(vocab_size=48_000),
        encoder=EncoderConfig(
            shape=MECELLEM_BASE,
            sequence_length=1_024,
            budget_tokens=5_000_000_000,
            tokens_per_step=524_288,
            rows_per_batch=32,
            learning_rate=5e-4,
        ),
        embedding=EmbeddingConfig(batch=256, accumulation=1),
    )


def _paper() -> House:
    """Mecellem's base encoder (Tables 4 and 5) and post-training (Table 6), on the tokens of its last corpus."""
    return House(
        tokenizer=TokenizerConfig(vocab_size=59_008),
        encoder=EncoderConfig(
            shape=MECELLEM_BASE,
            sequence_length=1_024,
            budget_tokens=112_700_000_000,
            tokens_per_step=4_194_304,
            rows_per_batch=64,
            learning_rate=5e-4,
        ),
        guide=GuideConfig(model="BAAI/bge-m3"),
        # 48 pairs on a card, 768 in a step (Table 6).
        embedding=EmbeddingConfig(batch=48, accumulation=16),
    )


def stages(inputs: Inputs) -> tuple[Stage, ...]:
    """The graph. Every command stands as a person would type it in the workspace."""
    documents = inputs.documents or (Path("artifacts/corpus") if inputs.queries else None)
    asked = arguments("--queries", inputs.queries) + arguments("--documents", documents)
    asked += arguments("--splits", inputs.splits if inputs.queries else None)
    params = parts.PARAMS
    # The generated sample is invented text, and would take ten minutes to embed: its search is what the demo trained.
    shipped = "" if inputs.truth else "shipped=package:mecelle "
    return (
        *parts.text(inputs),
        parts.tokenizer(inputs),
        parts.encoder(inputs),
        Stage(
            name="pairs",
            command="mecelle embedding pairs artifacts/training --out artifacts/pairs"
            f"{arguments('--exclude', inputs.queries)} {params}",
            reads=("artifacts/training", *paths(inputs.queries)),
            makes="artifacts/pairs",
            parameters=("seed", "pairs"),
            version=pairs_build.VERSION,
        ),
        Stage(
            name="guide",
            command=f"mecelle embedding guide artifacts/pairs --out artifacts/guide --cache work/guide {params}",
            reads=("artifacts/pairs",),
            makes="artifacts/guide",
            parameters=("guide",),
            version=guide_build.VERSION,
        ),
        Stage(
            name="embedding",
            command="mecelle embedding train artifacts/encoder --pairs artifacts/pairs --guide artifacts/guide "
            f"--out artifacts/embedding --work work/embedding {params}",
            reads=("artifacts/encoder", "artifacts/pairs", "artifacts/guide"),
            makes="artifacts/embedding",
            parameters=("seed", "embedding"),
            version=embedding_config.VERSION,
        ),
        Stage(
            name="evaluation",
            command="mecelle evaluate retrieval embedding=artifacts/embedding encoder=artifacts/encoder "
            f"{shipped}--out artifacts/evaluation --pairs artifacts/pairs --guide artifacts/guide{asked} "
            "--training artifacts/training "
            f"--cache work/vectors {params}",
            reads=(
                "artifacts/embedding",
                "artifacts/encoder",
                "artifacts/pairs",
                "artifacts/guide",
                "artifacts/training",
                *paths(inputs.queries, documents, inputs.splits if inputs.queries else None),
            ),
            makes="artifacts/evaluation",
            parameters=("seed", "evaluation"),
            version=evaluation_stage.VERSION,
        ),
        Stage(
            name="index",
            command="mecelle index build artifacts/corpus --out artifacts/index --sectioner package:sectioner "
            f"--chosen artifacts/evaluation/chosen.json {params}",
            reads=("artifacts/corpus", "artifacts/embedding", "artifacts/evaluation"),
            makes="artifacts/index",
            parameters=("index",),
            version=retrieval_index.VERSION,
            cached=False,
            persistent=True,
            has_record=False,
        ),
        parts.page(
            inputs,
            "artifacts/evaluation",
            "artifacts/index",
            "artifacts/documents",
            "artifacts/corpus",
            "artifacts/encoder",
            "artifacts/embedding",
        ),
    )
