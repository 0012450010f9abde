"""The recipe `turkembed4retrieval`: NLI, then STS, then retrieval, and what each stage cost (arXiv 2511.07595).

documents -> corpus -> training set -> tokenizer -> encoder   (or an encoder by hub id)
NLI and STS files -> pairs -> nli -> sts;  documents (or MS MARCO-TR) -> pairs -> hard negatives -> retrieval
questions and answers, ranked documents -> pairs, with as many of retrieval -> qa -> ranking   (where they are given)
all models -> forgetting table, evaluation -> report

The order is a variant: `--variant order=retrieval_only`, `without_nli`, `without_sts` or `swapped`.
"""

from dataclasses import replace
from pathlib import Path

from pydantic import Field

from mecelle.base.config import Config
from mecelle.base.errors import ConfigError
from mecelle.corpus.build import CorpusConfig
from mecelle.corpus.select import SelectConfig
from mecelle.documents.config import ExtractConfig
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.negatives.mine import MiningConfig
from mecelle.embedding.pairs.build import PairsConfig
from mecelle.embedding.pairs.imported import ImportConfig
from mecelle.embedding.pairs.mix import BlendConfig
from mecelle.embedding.stages.named import NLI, ORDERS, RETRIEVAL, STS
from mecelle.encoder.config import EncoderConfig
from mecelle.encoder.shapes import SMOKE, TINY
from mecelle.evaluation.stage import EvaluationConfig
from mecelle.recipes import embedding_parts, parts
from mecelle.recipes.embedding_sources import ALL_NLI, MSMARCO, STSB, hub_supply
from mecelle.recipes.forgetting import ForgettingConfig
from mecelle.recipes.graph import Inputs, Stage
from mecelle.recipes.scale import Scale
from mecelle.recipes.stand_ins import write_stand_ins
from mecelle.recipes.supply import SAMPLE, Supply, sample_supply
from mecelle.tokenizer.stage import TokenizerConfig

TITLE = "NLI, then STS, then retrieval, and what each stage cost"
GTE = "Alibaba-NLP/gte-multilingual-base"
"""What the paper begins with."""
VARIANTS = {"order": tuple(ORDERS)}
LABELLED = ("nli", "sts")
"""Stages that are trained on labelled files."""
FURTHER = ("qa", "ranking")
"""Stages behind retrieval, each on a table: the paper names them as what it wants to do next (§V)."""
SHORT = RETRIEVAL.model_copy(update={"batch": 64, "chunk": None})
"""A further stage: small tables, and the batch of 1,024 would be passed in a step or two."""


class TurkEmbed4Retrieval(Config):
    """All parameters of the recipe, one section per stage; `table` where the pairs of retrieval are given as one."""

    seed: int = Field(default=7, ge=0)
    """Everything random follows from it."""
    extract: ExtractConfig = ExtractConfig()
    corpus: CorpusConfig = CorpusConfig()
    select: SelectConfig = SelectConfig()
    tokenizer: TokenizerConfig = TokenizerConfig()
    encoder: EncoderConfig = EncoderConfig()
    nli_pairs: ImportConfig = ImportConfig(form="nli", kind="nli")
    sts_pairs: ImportConfig = ImportConfig(form="graded", kind="sts")
    pairs: PairsConfig = PairsConfig()
    table: ImportConfig = ImportConfig(kind="translated")
    negatives: MiningConfig = MiningConfig()
    nli: EmbeddingConfig = NLI
    sts: EmbeddingConfig = STS
    retrieval: EmbeddingConfig = RETRIEVAL
    qa_pairs: ImportConfig = ImportConfig(kind="qa")
    ranking_pairs: ImportConfig = ImportConfig(kind="ranking")
    kept: BlendConfig = BlendConfig()
    qa: EmbeddingConfig = SHORT
    ranking: EmbeddingConfig = SHORT
    forgetting: ForgettingConfig = ForgettingConfig()
    evaluation: EvaluationConfig = EvaluationConfig()


def recipe(scale: Scale, order: str = "full") -> TurkEmbed4Retrieval:
    """The parameters of `scale`; the order changes the graph alone."""
    return {"smoke": _smoke, "laptop": _laptop, "gpu": _gpu, "paper": _paper}[scale]()


def _smoke() -> TurkEmbed4Retrieval:
    small = {"accumulation": 1, "most_steps": 6, "learning_rate": 1e-3, "max_length": 64, "dims": (32,)}
    return TurkEmbed4Retrieval(
        tokenizer=TokenizerConfig(vocab_size=2_000),
        encoder=EncoderConfig(
            shape=SMOKE, sequence_length=128, budget_tokens=30_000, tokens_per_step=1_024, rows_per_batch=4,
            learning_rate=3e-3, logs=8, evaluations=2, evaluation_rows=8,
        ),
        pairs=PairsConfig(most_per_kind=100),
        negatives=MiningConfig(count=1),
        nli=NLI.model_copy(update=small | {"batch": 8, "evaluation_pairs": 8}),
        sts=STS.model_copy(update=small | {"batch": 8, "evaluation_pairs": 8}),
        retrieval=RETRIEVAL.model_copy(update=small | {"batch": 32, "chunk": 16, "evaluation_pairs": 16}),
        qa=SHORT.model_copy(update=small | {"batch": 8, "evaluation_pairs": 8}),
        ranking=SHORT.model_copy(update=small | {"batch": 8, "evaluation_pairs": 8}),
        forgetting=ForgettingConfig(max_length=64, cuts=(32,)),
        evaluation=EvaluationConfig(max_length=64, resamples=1_000),
    )  # fmt: skip


def _laptop() -> TurkEmbed4Retrieval:
    """Over an hour of one core with AMX, longer without: a small encoder from scratch; SNLI-TR and STSb-TR by split.

    SNLI-TR is there without its training part: its validation part trains, its test part is left for `evaluate`.
    """
    small = {"learning_rate": 3e-4, "max_length": 128, "dims": (256, 128, 64, 32)}
    return TurkEmbed4Retrieval(
        tokenizer=TokenizerConfig(vocab_size=16_000),
        encoder=EncoderConfig(shape=TINY, budget_tokens=5_000_000),
        nli_pairs=_part(ImportConfig(form="nli", kind="nli"), "validation"),
        sts_pairs=_part(ImportConfig(form="graded", kind="sts"), "train"),
        pairs=PairsConfig(most_per_kind=6_000),
        nli=NLI.model_copy(update=small | {"most_steps": 100}),
        sts=STS.model_copy(update=small | {"most_steps": 300}),
        retrieval=RETRIEVAL.model_copy(update=small | {"most_steps": 10}),
        qa=SHORT.model_copy(update=small | {"most_steps": 100}),
        ranking=SHORT.model_copy(update=small | {"most_steps": 100}),
        forgetting=ForgettingConfig(max_length=128, cuts=(256, 128, 64, 32)),
        evaluation=EvaluationConfig(pool="gold_acts", max_length=128),
    )


def _gpu() -> TurkEmbed4Retrieval:
    """One card: the paper's batch, a hundred steps of retrieval."""
    paper = _paper()
    return paper.model_copy(update={"retrieval": paper.retrieval.model_copy(update={"most_steps": 100})})


def _paper() -> TurkEmbed4Retrieval:
    """Batch 1,024 (§IV; 4,096 was best and did not fit). ALL-NLI-TR by hub id are triplets, STSb-TR has scores."""
    cuts = RETRIEVAL.dims
    return TurkEmbed4Retrieval(
        nli_pairs=ImportConfig(form="pairs", kind="nli"),
        forgetting=ForgettingConfig(cuts=cuts),
    )


def _part(config: ImportConfig, split: str) -> ImportConfig:
    columns = config.columns.model_copy(update={"keep": {"split": split}})
    return config.model_copy(update={"columns": columns})


def initial(scale: Scale, order: str = "full") -> str | None:
    """The model that is trained where none is given; below `gpu` one is trained from the documents."""
    return GTE if scale in ("gpu", "paper") else None


def supply(scale: Scale, order: str = "full") -> Supply | None:
    """The sample with stand-ins for NLI and STS, or the paper's sets by hub id; None: data must be given."""
    if scale == "laptop":
        return None
    if scale != "smoke":
        return hub_supply(pairs=MSMARCO, nli=ALL_NLI, sts=STSB)
    sample = sample_supply()

    def write(workspace: Path) -> None:
        sample.write(workspace)
        write_stand_ins(workspace / SAMPLE / "truth" / "articles.jsonl", workspace / SAMPLE)

    labelled = {"nli": SAMPLE / "nli.jsonl", "sts": SAMPLE / "sts.jsonl"}
    return replace(sample, inputs=sample.inputs.model_copy(update=labelled), write=write)


def stages(inputs: Inputs) -> tuple[Stage, ...]:
    """The graph. Raises ConfigError if the order needs a labelled file that is not given."""
    order = ORDERS[inputs.variants.get("order", "full")]
    before, start = embedding_parts.beginning(inputs)
    tables = {name: getattr(inputs, name) for name in LABELLED}
    for name in order:
        if name in LABELLED and not tables[name]:
            raise ConfigError(f"order {', '.join(order)}: stage '{name}' needs a file of pairs: give --{name}")
    sets = {name: f"artifacts/{name}_pairs" for name in LABELLED if tables[name]} | {"retrieval": "artifacts/pairs"}
    mined = () if inputs.pairs else (embedding_parts.negatives(),)  # a table brings its own, if any
    trainings, model = [], start
    retrieval = mined[0].makes if mined else sets["retrieval"]
    for name in order:
        trainings.append(embedding_parts.training(name, model, retrieval if name == "retrieval" else sets[name]))
        model = f"artifacts/{name}"
    further = tuple(name for name in FURTHER if getattr(inputs, name))
    others = {"retrieval": model} if further else {}
    for name in further:
        sets[name] = f"artifacts/{name}_pairs"
        kept = embedding_parts.blended(f"{name}_kept", {name: sets[name], "retrieval": retrieval}, section="kept")
        trainings += [kept, embedding_parts.training(name, model, kept.makes)]
        model = f"artifacts/{name}"
    tables |= {name: getattr(inputs, name) for name in further}
    return (
        *before,
        *(embedding_parts.imported(f"{name}_pairs", table, inputs) for name, table in tables.items() if table),
        embedding_parts.pairs(inputs),
        *mined,
        *trainings,
        embedding_parts.forgetting(start, (*order, *further), sets),
        embedding_parts.evaluation(inputs, model=model, start=start, guided=False, others=others),
        parts.page(inputs, "artifacts/pairs", model, "artifacts/evaluation"),
    )
