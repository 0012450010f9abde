"""The recipe `hukukbert`: a general encoder, adapted to law with a legal tokenizer (HukukBERT §3).

documents -> corpus -> training set -> balanced -> legal tokenizer
general text -> corpus -> training set -> tokenizer -> general encoder   (or one by hub id: the paper's is BERTurk)
both -> adapted encoder -> cloze, masked words, choice (with pairs of the law) -> report
"""

from pydantic import Field

from mecelle.base.config import Config
from mecelle.corpus.build import CorpusConfig
from mecelle.corpus.mixing import balance as mixing
from mecelle.corpus.mixing.targets import Balance
from mecelle.corpus.select import SelectConfig
from mecelle.documents.config import ExtractConfig
from mecelle.embedding.pairs.build import PairsConfig
from mecelle.embedding.pairs.imported import ImportConfig
from mecelle.encoder import config as encoder_config
from mecelle.encoder.adapt import AdaptConfig
from mecelle.encoder.config import EncoderConfig
from mecelle.encoder.mixture import HUKUKBERT
from mecelle.encoder.shapes import BERT_BASE, SMOKE, TINY
from mecelle.evaluation.tasks.masked_accuracy import MaskedAccuracyConfig
from mecelle.recipes import choice_parts, parts
from mecelle.recipes.choice.config import ChoiceConfig
from mecelle.recipes.graph import Inputs, Stage, arguments, paths
from mecelle.recipes.scale import DATA_WORKERS, Scale
from mecelle.recipes.supply import Supply, sample_supply
from mecelle.tokenizer.stage import PRESETS, TokenizerConfig

TITLE = "a general encoder, adapted to law with a legal tokenizer"
BERTURK = "dbmdz/bert-base-turkish-128k-cased"
"""§3.4 starts from "the original 128K generic vocabulary of the bert-base-turkish-cased model"; the one with 128,000
words is this."""
MASKING_RATE = 0.25
EIGHTHS = tuple(number / 8 for number in range(9))
BALANCED_AS_THE_PAPER = Balance(use="shares")
"""For collections that are not the paper's: the shares that it came to. Its factors (legislation times 15) make 99%
legislation of one that is mostly legislation (docs/results/encoders.md)."""
BALANCED, ADAPTED, GENERAL = "artifacts/balanced", "artifacts/encoder", "artifacts/general_encoder"


class HukukBert(Config):
    """All parameters of the recipe, one section per stage; those of `general_` where no encoder is given, `table` where
    pairs are given as a table."""

    seed: int = Field(default=7, ge=0)
    """Everything random follows from it."""
    extract: ExtractConfig = ExtractConfig()
    corpus: CorpusConfig = CorpusConfig()
    select: SelectConfig = SelectConfig()
    mix: Balance = Balance()
    tokenizer: TokenizerConfig = TokenizerConfig()
    general_tokenizer: TokenizerConfig = TokenizerConfig()
    general_encoder: EncoderConfig = EncoderConfig()
    adapt: AdaptConfig = AdaptConfig()
    mlm: MaskedAccuracyConfig = MaskedAccuracyConfig()
    pairs: PairsConfig = PairsConfig()
    table: ImportConfig = ImportConfig(kind="translated")
    choice: ChoiceConfig = ChoiceConfig()


def recipe(scale: Scale) -> HukukBert:
    """The parameters of `scale`; what is not said here is the stages' own default."""
    made = {"smoke": _smoke, "laptop": _laptop, "gpu": _gpu, "paper": _paper}[scale]()
    if scale not in ("gpu", "paper"):
        return made
    post_training = choice_parts.post_training(scale, longest=made.adapt.sequence_length)
    choice = ChoiceConfig(post_training=post_training)
    return made.model_copy(update={"pairs": choice_parts.CARDS_PAIRS, "choice": choice})


def _smoke() -> HukukBert:
    small = {
        "shape": SMOKE, "sequence_length": 128, "budget_tokens": 50_000, "tokens_per_step": 1_024, "rows_per_batch": 4,
        "logs": 16, "evaluations": 4, "evaluation_rows": 16,
    }  # fmt: skip
    return HukukBert(
        tokenizer=TokenizerConfig(vocab_size=2_000, pattern="bert.v1"),
        general_tokenizer=TokenizerConfig(vocab_size=2_000),
        general_encoder=EncoderConfig.model_validate({**small, "learning_rate": 3e-3}),
        adapt=AdaptConfig.model_validate(
            {
                **small,
                "learning_rate": 1e-3,
                "masking": HUKUKBERT,
                "masking_rate": MASKING_RATE,
                "snapshots": (0.0, 1.0),
            }
        ),
        mlm=MaskedAccuracyConfig(documents=4, passage_words=40),
        pairs=choice_parts.SMOKE_PAIRS,
        choice=ChoiceConfig(
            post_training=choice_parts.SMOKE,
            max_length=64,
            averages=(),
            geometry_texts=50,
            resamples=1_000,
            masked=MaskedAccuracyConfig(documents=4, passage_words=40),
        ),
    )


def _laptop() -> HukukBert:
    """An hour to an hour and a half on two cores: as many tokens of general text as of law."""
    return HukukBert(
        mix=BALANCED_AS_THE_PAPER,
        tokenizer=TokenizerConfig(vocab_size=32_000, pattern="bert.v1"),
        general_tokenizer=TokenizerConfig(vocab_size=32_000),
        general_encoder=EncoderConfig(shape=TINY, budget_tokens=5_000_000),
        adapt=AdaptConfig(budget_tokens=5_000_000, masking=HUKUKBERT, masking_rate=MASKING_RATE, snapshots=EIGHTHS),
        pairs=choice_parts.LAPTOP_PAIRS,
        choice=choice_parts.LAPTOP,
    )


def _gpu() -> HukukBert:
    return _of_the_paper(tokens=1_000_000_000, rows_per_step=192).model_copy(update={"mix": BALANCED_AS_THE_PAPER})


def _paper() -> HukukBert:
    """§3.6: 2 epochs over 19 GB, rows of 512 (§3.7 and BERT's positions), 960 a step in batches of 192.

    The paper counts bytes, not tokens: 19e9 bytes at about 5 bytes a token of such a tokenizer, twice.
    """
    return _of_the_paper(tokens=7_600_000_000, rows_per_step=960)


def _of_the_paper(*, tokens: int, rows_per_step: int) -> HukukBert:
    return HukukBert(
        tokenizer=PRESETS["hukukbert"],
        adapt=AdaptConfig(
            shape=BERT_BASE,
            sequence_length=512,
            budget_tokens=tokens,
            tokens_per_step=512 * rows_per_step,
            rows_per_batch=192,
            learning_rate=1e-5,
            masking=HUKUKBERT,
            masking_rate=MASKING_RATE,
            snapshots=EIGHTHS,
            data_workers=DATA_WORKERS,
        ),
    )


def initial(scale: Scale) -> str | None:
    """The encoder that is adapted where none is given, nor text for one."""
    return BERTURK if scale in ("gpu", "paper") else None


def supply(scale: Scale) -> Supply | None:
    """The sample at the smoke scale; the paper's collection (§3.1) is on no hub."""
    return sample_supply() if scale == "smoke" else None


def stages(inputs: Inputs) -> tuple[Stage, ...]:
    """The graph. Cloze, masked words and choice are there if what they are measured on is given."""
    before = inputs.initial or GENERAL
    measures = (*_cloze(inputs, before), *_masked_words(inputs, before), *choice_parts.choice(inputs, ADAPTED))
    return (
        *parts.text(inputs),
        _balance(),
        parts.tokenizer(inputs, BALANCED),
        *(() if inputs.initial else _general(inputs)),
        _adapt(inputs, before),
        *measures,
        parts.page(inputs, "artifacts/documents", "artifacts/corpus", ADAPTED, *(stage.makes for stage in measures)),
    )


def _general(inputs: Inputs) -> tuple[Stage, ...]:
    training, kind = "artifacts/general_training", "general_"
    return (
        *parts.general_text(inputs),
        parts.tokenizer(inputs, training, kind=kind),
        parts.encoder(inputs, training, kind=kind),
    )


def _balance() -> Stage:
    return Stage(
        name="mix",
        command=f"mecelle corpus mix artifacts/training --out {BALANCED} {parts.PARAMS}",
        reads=("artifacts/training",),
        makes=BALANCED,
        parameters=("seed", "mix"),
        version=mixing.VERSION,
    )


def _adapt(inputs: Inputs, before: str) -> Stage:
    scored = (inputs.queries, inputs.cloze)
    return Stage(
        name="adapt",
        command=f"mecelle encoder adapt {before} {BALANCED} --tokenizer artifacts/tokenizer --out {ADAPTED} "
        f"--work work/adapt{arguments('--evaluation', *scored)}{arguments('--terms', *inputs.terms)} {parts.PARAMS}",
        reads=(*parts.made_here(before), BALANCED, "artifacts/tokenizer", *paths(*scored, *inputs.terms)),
        makes=ADAPTED,
        parameters=("seed", "adapt"),
        version=encoder_config.VERSION,
    )


def _cloze(inputs: Inputs, before: str) -> tuple[Stage, ...]:
    if not inputs.cloze:
        return ()
    measured = arguments("--items", inputs.cloze)
    return (_scores("cloze", before, measured, reads=paths(inputs.cloze), parameters=()),)


def _masked_words(inputs: Inputs, before: str) -> tuple[Stage, ...]:
    if not inputs.heldout:
        return ()
    measured = f"{arguments('--texts', inputs.heldout).replace('--texts ', '--texts heldout=')} {parts.PARAMS}"
    return (_scores("mlm", before, measured, reads=paths(inputs.heldout), parameters=("seed", "mlm")),)


def _scores(suite: str, before: str, measured: str, *, reads: tuple[str, ...], parameters: tuple[str, ...]) -> Stage:
    """A suite of `mecelle evaluate` before and after, whose records stay where they are."""
    return Stage(
        name=suite,
        command=f"mecelle evaluate {suite} before={before} after={ADAPTED} --out artifacts/{suite}{measured}",
        reads=(*parts.made_here(before), ADAPTED, *reads),
        makes=f"artifacts/{suite}",
        parameters=parameters,
        version=1,
        cached=False,
        persistent=True,
        has_record=False,
    )
