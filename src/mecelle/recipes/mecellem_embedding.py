"""The recipe `mecellem-embedding`: an encoder becomes a retrieval model, guided by a stronger one (Mecellem §3.3.5).

documents -> corpus -> training set -> tokenizer -> encoder   (or an encoder by hub id)
pairs from the documents (or a table, such as MS MARCO-TR) -> guide -> embedding -> evaluation -> report

The losses of Table 14, and distillation from the same guide, are variants: `--variant loss=qwen3`. `--variant
start=decoder` begins with a decoder (§3.4.9), and asks with documents what the paper leaves open, several stages:

decoder -> converted -> single_stage; decoder -> converted and adapted by masked tokens -> embedding; both -> merged

`--variant size=large` takes the larger model of Table 6 or 10, with its numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import Field

from mecelle.base.config import Config
from mecelle.base.errors import ConfigError
from mecelle.corpus.build import CorpusConfig
from mecelle.corpus.select import SelectConfig
from mecelle.decoder import shapes as decoder_shapes
from mecelle.decoder.config import DecoderConfig
from mecelle.documents.config import ExtractConfig
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.conversion.adapt import AdaptConfig
from mecelle.embedding.conversion.convert import ConversionConfig
from mecelle.embedding.guide.build import GuideConfig
from mecelle.embedding.losses import LOSSES
from mecelle.embedding.merging import MergeConfig
from mecelle.embedding.pairs.build import PairsConfig
from mecelle.embedding.pairs.imported import ImportConfig
from mecelle.encoder.config import EncoderConfig
from mecelle.encoder.shapes import SMOKE, TINY
from mecelle.evaluation.stage import EvaluationConfig
from mecelle.models.folders import PACKAGE_PREFIX
from mecelle.recipes import conversion_parts, embedding_parts, parts
from mecelle.recipes.embedding_sources import MSMARCO, MSMARCO_PAIRS, hub_supply
from mecelle.recipes.graph import Inputs, Stage
from mecelle.recipes.scale import Scale
from mecelle.recipes.supply import Supply, sample_supply
from mecelle.tokenizer.stage import TokenizerConfig

TITLE = "an encoder becomes a retrieval model, guided by a stronger one"
LOSS_NAMES = {
    "gist": "guided_info_nce.v1",
    "info_nce": "info_nce.v1",
    "qwen3": "qwen3_info_nce.v1",
    "distilled": "distill_ranking.v1",
    "distilled_cosine": "distill_cosine.v1",
    "distilled_gist": "distilled_guided.v1",
}
PAIRS = "artifacts/pairs"
GUIDES = {
    "bge-m3": "BAAI/bge-m3",
    "embeddinggemma": "google/embeddinggemma-300m",
    "use": "package:use",
    "e5": "package:e5",
}
"""The paper's (§3.3.5), and those that packages carry, which alone guide below the scale `gpu`: no hub is asked there,
and the paper's are too large for two cores."""
VARIANTS = {
    "loss": tuple(LOSS_NAMES),
    "guide": tuple(GUIDES),
    "start": ("encoder", "decoder"),
    "size": ("base", "large"),
}
ON_CARDS: tuple[Scale, ...] = ("gpu", "paper")
"""Scales that begin with the paper's models; below them a model is trained from the documents, in a size of ours."""


@dataclass(frozen=True, kw_only=True)
class PostTraining:
    """A column of Table 6 or 10."""

    initial: str
    """What is trained, by hub id."""
    pairs_per_card: int
    accumulation: int
    """Batches of an optimizer step."""
    learning_rate: float
    max_length: int
    """Tokens."""


CARDS = 4
"""H100, for all columns (§3.3.5, §3.4.9)."""
PAPER: Mapping[tuple[str, str], PostTraining] = {
    ("encoder", "base"): PostTraining(
        initial="newmindai/Mursit-Base", pairs_per_card=48, accumulation=4, learning_rate=2e-5, max_length=1_024
    ),
    ("encoder", "large"): PostTraining(
        initial="newmindai/Mursit-Large", pairs_per_card=48, accumulation=12, learning_rate=2e-5, max_length=2_048
    ),
    ("decoder", "base"): PostTraining(
        initial="newmindai/Mecellem-Qwen3-1.7B-TR",
        pairs_per_card=8, accumulation=8, learning_rate=5e-6, max_length=1_024,
    ),
    ("decoder", "large"): PostTraining(
        initial="newmindai/Mecellem-Qwen3-4B-TR",
        pairs_per_card=2, accumulation=16, learning_rate=5e-6, max_length=1_024,
    ),
}  # fmt: skip
"""By start and size: Table 6 (rate: §3.3.5) and Table 10 (rate: §3.4.9). The decoders are those of §3.4, after CPT."""


class MecellemEmbedding(Config):
    """All parameters of the recipe, one section per stage; `table` where pairs are given as a table.

    Those of an encoder have no effect on a start with a decoder, those of a decoder and its conversion on the other.
    """

    seed: int = Field(default=7, ge=0)
    """Everything random follows from it."""
    extract: ExtractConfig = ExtractConfig()
    corpus: CorpusConfig = CorpusConfig()
    select: SelectConfig = SelectConfig()
    tokenizer: TokenizerConfig = TokenizerConfig()
    encoder: EncoderConfig = EncoderConfig()
    decoder: DecoderConfig = DecoderConfig()
    convert: ConversionConfig = ConversionConfig()
    adapt_converted: AdaptConfig = AdaptConfig()
    merge: MergeConfig = MergeConfig()
    pairs: PairsConfig = PairsConfig()
    table: ImportConfig = ImportConfig(kind="translated")
    guide: GuideConfig = GuideConfig()
    embedding: EmbeddingConfig = EmbeddingConfig()
    evaluation: EvaluationConfig = EvaluationConfig()


def recipe(
    scale: Scale, loss: str = "gist", guide: str | None = None, start: str = "encoder", size: str | None = None
) -> MecellemEmbedding:
    """The parameters of `scale`; what is not said here is the stages' own default.

    guide: None takes bge-m3 as the paper does, below the scale `gpu` multilingual USE.
    Raises ConfigError for a variant that would change nothing.
    """
    _check_guide(scale, loss, guide)
    _check_size(scale, size)
    if scale in ON_CARDS:
        made = _of_the_paper(PAPER[start, size or "base"], one_card=scale == "gpu")
    else:
        made = _smoke() if scale == "smoke" else _laptop()
    changes: dict[str, object] = {"embedding": made.embedding.model_copy(update={"loss": LOSS_NAMES[loss]})}
    chosen = GUIDES[guide or ("bge-m3" if scale in ON_CARDS else "use")]
    changes["guide"] = made.guide.model_copy(update={"model": chosen})
    if start == "decoder":
        changes["tokenizer"] = made.tokenizer.model_copy(update={"algorithm": "bpe.v1"})
    return made.model_copy(update=changes)


def _check_guide(scale: Scale, loss: str, guide: str | None) -> None:
    if not guide:
        return
    guided = [name for name, registered in LOSS_NAMES.items() if LOSSES.get(registered).guided]
    if loss not in guided:
        raise ConfigError(
            f"variant guide={guide}: the loss '{loss}' asks no guide; those that do: {', '.join(guided)}. Leave the "
            "guide out, or take one of these"
        )
    allowed = [name for name, model in GUIDES.items() if scale in ON_CARDS or model.startswith(PACKAGE_PREFIX)]
    if guide not in allowed:
        raise ConfigError(
            f"variant guide={guide}: at scale {scale} allowed are {' and '.join(allowed)}, which need no hub. Take one "
            f"of them, or --scale {' or '.join(ON_CARDS)}; or write {GUIDES[guide]} into params.yaml as guide.model"
        )


def _check_size(scale: Scale, size: str | None) -> None:
    if size and scale not in ON_CARDS:
        raise ConfigError(
            f"variant size={size}: at scale {scale} a model is trained from your documents, in one size; sizes are for "
            f"the scales {' and '.join(ON_CARDS)}. Leave it out, or change the shape in params.yaml"
        )


def _smoke() -> MecellemEmbedding:
    return MecellemEmbedding(
        tokenizer=TokenizerConfig(vocab_size=2_000),
        encoder=EncoderConfig(
            shape=SMOKE, sequence_length=128, budget_tokens=30_000, tokens_per_step=1_024, rows_per_batch=4,
            learning_rate=3e-3, logs=8, evaluations=2, evaluation_rows=8,
        ),
        decoder=DecoderConfig(
            shape=decoder_shapes.SMOKE, sequence_length=128, budget_tokens=30_000, tokens_per_step=1_024,
            rows_per_batch=4, learning_rate=3e-3, logs=8, evaluations=2, evaluation_rows=8,
        ),
        convert=ConversionConfig(max_length=64),
        adapt_converted=AdaptConfig(max_length=64, sequence_length=64, steps=12, learning_rate=1e-3),
        pairs=PairsConfig(most_per_kind=100),
        embedding=EmbeddingConfig(
            batch=16, accumulation=1, most_steps=12, learning_rate=1e-3, max_length=64, evaluation_pairs=16,
        ),
        evaluation=EvaluationConfig(max_length=64, resamples=1_000),
    )  # fmt: skip


def _laptop() -> MecellemEmbedding:
    """About an hour of one core with AMX, half of it for the encoder or decoder; longer without, and with a decoder."""
    return MecellemEmbedding(
        tokenizer=TokenizerConfig(vocab_size=16_000),
        encoder=EncoderConfig(shape=TINY, budget_tokens=5_000_000),
        decoder=DecoderConfig(shape=decoder_shapes.TINY, budget_tokens=5_000_000, learning_rate=2e-3),
        convert=ConversionConfig(max_length=128),
        adapt_converted=AdaptConfig(max_length=128, steps=800, learning_rate=1e-3),
        pairs=PairsConfig(most_per_kind=6_000),
        embedding=EmbeddingConfig(batch=64, accumulation=1, most_steps=250, learning_rate=5e-4, max_length=128),
        evaluation=EvaluationConfig(pool="gold_acts", max_length=128),
    )


def _of_the_paper(column: PostTraining, *, one_card: bool) -> MecellemEmbedding:
    """Table 6 or 10. one_card: the same steps, as many as a tenth of an epoch of MS MARCO-TR takes.

    Models read as far in `evaluation` as in training: with 256 tokens, which hold 99.9% of MS MARCO-TR (§3.3.5), the
    paper's large model lost 8% of its legal score (Table 16), since articles and decisions are longer.
    """
    # Whether the paper's cards see each other's pairs as negatives is not said; here they do.
    training = EmbeddingConfig(
        batch=CARDS * column.pairs_per_card,
        accumulation=column.accumulation,
        learning_rate=column.learning_rate,
        max_length=column.max_length,
    )
    if one_card:
        # One card holds what one of the paper's held, and makes the same batch of it, a chunk at a time; a tenth of the
        # epoch is for a first result. Texts are cut where the paper cuts them: hardly one of MS MARCO-TR is that long.
        steps = -(-MSMARCO_PAIRS // (10 * training.batch * training.accumulation))
        training = training.model_copy(update={"chunk": column.pairs_per_card, "most_steps": steps})
    return MecellemEmbedding(
        convert=ConversionConfig(max_length=column.max_length),
        adapt_converted=AdaptConfig(max_length=column.max_length),
        embedding=training,
        evaluation=EvaluationConfig(max_length=column.max_length),
    )


def initial(scale: Scale, start: str = "encoder", size: str = "base", **others: str) -> str | None:
    """The encoder or decoder to begin with where none is given; below `gpu` one is trained from the documents."""
    return PAPER[start, size].initial if scale in ON_CARDS else None


def supply(scale: Scale, **variants: str) -> Supply | None:
    """The sample, or MS MARCO-TR by hub id; None: data must be given."""
    if scale == "smoke":
        return sample_supply()
    return None if scale == "laptop" else hub_supply(pairs=MSMARCO)


def stages(inputs: Inputs) -> tuple[Stage, ...]:
    """The graph. A loss without a guide has no stage `guide`."""
    guided = LOSSES.get(LOSS_NAMES[inputs.variants.get("loss", "gist")]).guided
    of_decoder = inputs.variants.get("start") == "decoder"
    before, start = (conversion_parts.beginning if of_decoder else embedding_parts.beginning)(inputs)
    model, others = "artifacts/embedding", dict[str, str]()
    trainings: tuple[Stage, ...] = (embedding_parts.training("embedding", start, PAIRS, guided=guided),)
    if of_decoder and inputs.data:  # without text there is nothing to adapt on, and so nothing to merge with
        single = embedding_parts.training("single_stage", start, PAIRS, guided=guided, section="embedding")
        several = embedding_parts.training("embedding", conversion_parts.ADAPTED, PAIRS, guided=guided)
        merged = conversion_parts.merged(single.makes, several.makes)
        trainings, model = (single, several, merged), merged.makes
        others = {"single_stage": single.makes, "several_stages": several.makes}
    return (
        *before,
        # No hard negatives are mined: the paper mines none (§3.3.5, §4.3). Its negatives are the other documents of the
        # batch, thinned by the guide, and those that the triplets of MS MARCO-TR bring.
        embedding_parts.pairs(inputs),
        *((embedding_parts.guide(),) if guided else ()),
        *trainings,
        embedding_parts.evaluation(inputs, model=model, start=start, guided=guided, others=others),
        parts.page(inputs, PAIRS, model, "artifacts/evaluation"),
    )
