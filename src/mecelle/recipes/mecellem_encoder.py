"""The recipe `mecellem-encoder`: a ModernBERT from scratch, chosen among its checkpoints by retrieval (Mecellem §3.3).

documents -> corpus -> training set -> tokenizer -> encoder with snapshots
training set -> pairs; both -> choice -> report

The corpus generation and the language are variants: `mecelle new mecellem-encoder DIR --variant generation=v4 --variant
language=fi`. Another language changes the data, the filters and the tokenizer's segmentation, nothing else. At gpu and
paper scale `--variant size=large` takes the paper's larger model, with its numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from mecelle.base.config import Config
from mecelle.base.errors import ConfigError
from mecelle.corpus.build import CorpusConfig
from mecelle.corpus.select import SelectConfig
from mecelle.documents.config import ExtractConfig
from mecelle.embedding.pairs.build import PairsConfig
from mecelle.embedding.pairs.imported import ImportConfig
from mecelle.encoder.config import EncoderConfig
from mecelle.encoder.shapes import MECELLEM_BASE, MECELLEM_LARGE, SMOKE, TINY, Shape
from mecelle.evaluation.tasks.masked_accuracy import MaskedAccuracyConfig
from mecelle.recipes import choice_parts, parts
from mecelle.recipes.choice.config import ChoiceConfig
from mecelle.recipes.embedding_sources import MSMARCO, hub_supply
from mecelle.recipes.generations import corpora, filters, sources, write_sources
from mecelle.recipes.graph import Inputs, Stage
from mecelle.recipes.scale import DATA_WORKERS, Scale
from mecelle.recipes.supply import Supply, sample_supply
from mecelle.tokenizer.stage import PRESETS, TokenizerConfig

TITLE = "an encoder from scratch, chosen among its checkpoints by retrieval"
VARIANTS = {
    "generation": ("v5", "v4", "v3", "v2", "v1"),
    "language": ("tr", "fi", "hu"),
    "size": ("base", "large"),
}
"""What may be asked for; the first of each is the default."""
ON_CARDS: tuple[Scale, ...] = ("gpu", "paper")
"""Scales that train the paper's models; below them a model has a size of ours."""
EIGHTHS = tuple(number / 8 for number in range(1, 9))
"""Shares of a run at which a checkpoint is kept: enough for the curves of Figs. 7 and 8."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """A column of Tables 4 and 5, and how many rows of it a card takes at once."""

    shape: Shape
    sequence_length: int
    learning_rate: float
    gpu_rows: int
    """In 80 GB; by `encoder.memory` base takes 30 GiB and large 54."""
    paper_rows: int
    """In 64 GB: 57 GiB and 54. All cards of Table 5 (64 and 128) together then take a step at once."""


PAPER: Mapping[str, Size] = {
    "base": Size(shape=MECELLEM_BASE, sequence_length=1_024, learning_rate=5e-4, gpu_rows=32, paper_rows=64),
    "large": Size(shape=MECELLEM_LARGE, sequence_length=2_048, learning_rate=8e-4, gpu_rows=16, paper_rows=16),
}


class MecellemEncoder(Config):
    """All parameters of the recipe, one section per stage; `table` where pairs are given as a table."""

    seed: int = Field(default=7, ge=0)
    """Everything random follows from it."""
    extract: ExtractConfig = ExtractConfig()
    corpus: CorpusConfig = CorpusConfig()
    select: SelectConfig = SelectConfig()
    tokenizer: TokenizerConfig = TokenizerConfig()
    encoder: EncoderConfig = EncoderConfig()
    pairs: PairsConfig = PairsConfig()
    table: ImportConfig = ImportConfig(kind="translated")
    choice: ChoiceConfig = ChoiceConfig()


def recipe(scale: Scale, generation: str = "v5", language: str = "tr", size: str | None = None) -> MecellemEncoder:
    """The parameters of `scale` for a generation of the corpus in a language.

    Raises ConfigError for a size where there is one only.
    """
    if size and scale not in ON_CARDS:
        raise ConfigError(
            f"variant size={size}: sizes are of the paper's models, at the scales {' and '.join(ON_CARDS)}; at scale "
            f"{scale} there is one, for processors. Leave it out, or change encoder.shape in params.yaml"
        )
    if scale in ON_CARDS:
        made = (_gpu if scale == "gpu" else _paper)(PAPER[size or "base"], generation)
        post_training = choice_parts.post_training(scale, size=size or "base")
        choice = ChoiceConfig(post_training=post_training)
        made = made.model_copy(update={"pairs": choice_parts.CARDS_PAIRS, "choice": choice})
    else:
        made = _smoke() if scale == "smoke" else _laptop()
    corpus = CorpusConfig(filters=filters(generation, language))
    return made.model_copy(update={"corpus": corpus})


def _smoke() -> MecellemEncoder:
    return MecellemEncoder(
        tokenizer=TokenizerConfig(algorithm="bpe.v1", vocab_size=2_000),
        encoder=EncoderConfig(
            shape=SMOKE,
            sequence_length=128,
            budget_tokens=50_000,
            tokens_per_step=1_024,
            rows_per_batch=4,
            learning_rate=3e-3,
            logs=16,
            evaluations=4,
            evaluation_rows=16,
            snapshots=(0.25, 0.5, 0.75, 1.0),
        ),
        pairs=choice_parts.SMOKE_PAIRS,
        choice=ChoiceConfig(
            post_training=choice_parts.SMOKE,
            max_length=64,
            averages=(2,),
            geometry_texts=50,
            resamples=1_000,
            masked=MaskedAccuracyConfig(documents=4, passage_words=40),
        ),
    )


def _laptop() -> MecellemEncoder:
    """About an hour on two cores: eight snapshots, and the mean of the last three, to choose from."""
    return MecellemEncoder(
        tokenizer=TokenizerConfig(algorithm="bpe.v1", vocab_size=16_000),
        encoder=EncoderConfig(shape=TINY, budget_tokens=8_000_000, optimizer="stable_adamw.v1", snapshots=EIGHTHS),
        pairs=choice_parts.LAPTOP_PAIRS,
        choice=choice_parts.LAPTOP,
    )


def _gpu(size: Size, generation: str) -> MecellemEncoder:
    """By `check` 15 hours of an A100 for base, 44 for large."""
    encoder = _of_the_paper(size, tokens=5_000_000_000, step=524_288, rows=size.gpu_rows)
    return MecellemEncoder(tokenizer=PRESETS["mecellem"], encoder=encoder)


def _paper(size: Size, generation: str) -> MecellemEncoder:
    """Tables 4 and 5; one pass over what the paper counts in the generation.

    The paper gives neither a batch size nor how long the rate rises and falls.
    """
    tokens = corpora().generations[generation].tokens
    encoder = _of_the_paper(size, tokens=tokens, step=4_194_304, rows=size.paper_rows)
    return MecellemEncoder(tokenizer=PRESETS["mecellem"], encoder=encoder)


def _of_the_paper(size: Size, *, tokens: int, step: int, rows: int) -> EncoderConfig:
    return EncoderConfig(
        shape=size.shape,
        sequence_length=size.sequence_length,
        budget_tokens=tokens,
        tokens_per_step=step,
        rows_per_batch=rows,
        optimizer="stable_adamw.v1",
        learning_rate=size.learning_rate,
        schedule="trapezoid.v1",
        snapshots=EIGHTHS,
        data_workers=DATA_WORKERS,
    )


def supply(scale: Scale, generation: str = "v5", language: str = "tr", size: str | None = None) -> Supply | None:
    """What the recipe reads where no data are given: the sample, or the paper's sources; None: data must be given.

    With the paper's sources come its pairs, MS MARCO-TR: those of 72 million documents' own would not fit into memory.
    """
    if scale == "smoke":
        return sample_supply()
    if scale == "laptop":
        return None
    pairs = hub_supply(pairs=MSMARCO)

    def write(folder: Path) -> None:
        write_sources(folder, generation, language)
        pairs.write(folder)

    return Supply(pairs.inputs.model_copy(update={"data": sources(generation)}), write)


def stages(inputs: Inputs) -> tuple[Stage, ...]:
    """The graph. Without questions and held-out text there is no choice: the last checkpoint is the result."""
    choice = choice_parts.choice(inputs, "artifacts/encoder")
    return (
        *parts.text(inputs),
        parts.tokenizer(inputs),
        parts.encoder(inputs),
        *choice,
        parts.page(
            inputs, "artifacts/documents", "artifacts/corpus", "artifacts/encoder", *(one.makes for one in choice)
        ),
    )
