"""The recipe `mecellem-decoder`: a general decoder, adapted to law through four phases (Mecellem §3.4).

law, general text -> corpora -> training set without the panel -> tokenizer -> general decoder  (or Qwen3 by hub id)
all of it -> decoder by phases -> perplexity by domain, before and after each phase -> report
law -> answers of known quality -> reward model on the decoder -> its accuracy

`--variant judge=skywork` takes the paper's backbone of the reward model by hub id, and the paper's method.

The general decoder is trained on the general part of the same collection, so that it has seen every domain of the
forgetting panel before it goes on. `mecelle decoder study order` trains the rivals at equal tokens. The reward model's
answers are made of documents of which the decoder may have read some: those that are judged as well as those that it
learns from, so that their comparison is fair, and likelihoods a little too sharp.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import yaml
from pydantic import Field

from mecelle.base.config import Config
from mecelle.base.errors import ConfigError
from mecelle.corpus.build import CorpusConfig
from mecelle.corpus.cleaning.unicode import Unicode
from mecelle.corpus.dedup.search import Dedup
from mecelle.corpus.select import SelectConfig
from mecelle.decoder.config import VERSION as DECODER_VERSION
from mecelle.decoder.config import DecoderConfig
from mecelle.decoder.curriculum import holdout as holding
from mecelle.decoder.curriculum.holdout import HoldOutConfig
from mecelle.decoder.curriculum.named import general, laptop, mecellem_general_first, mecellem_theses_first
from mecelle.decoder.curriculum.plan import Curriculum
from mecelle.decoder.shapes import QWEN3_1_7B, SMOKE, TINY
from mecelle.documents.config import ExtractConfig
from mecelle.documents.readers.hub import SUFFIX
from mecelle.evaluation.tasks.perplexity import PerplexityConfig
from mecelle.recipes import parts
from mecelle.recipes.graph import Inputs, Stage, arguments, paths
from mecelle.recipes.python_texts import write_python_texts
from mecelle.recipes.scale import Scale
from mecelle.recipes.supply import SAMPLE, Supply, sample_supply
from mecelle.reward.config import ACCURACY_VERSION, GateConfig, RegressionConfig, RewardConfig
from mecelle.reward.config import STAGE as REWARD_STAGE
from mecelle.reward.config import VERSION as REWARD_VERSION
from mecelle.reward.pairs import build as reward_pairs
from mecelle.reward.pairs.config import RewardPairsConfig
from mecelle.tokenizer.stage import TokenizerConfig

TITLE = "a general decoder, adapted to law through four phases"
QWEN3 = "Qwen/Qwen3-1.7B-Base"
"""What §3.4.2 starts from."""
SKYWORK = "Skywork/Skywork-Reward-V2-Llama-3.1-8B"
"""The backbone of the paper's reward model (§4.4.5)."""
VARIANTS = {"first": ("general", "theses"), "judge": ("decoder", "skywork")}
"""What phase 1 reads at the paper's scale: the paper says both (§3.4.7, and §3.2.3 with Fig. 4). The backbone of the
reward model: the decoder of the workspace by our additions, or the paper's by its own method."""
PANEL, GENERAL, DECODER = "artifacts/panel", "artifacts/general_decoder", "artifacts/decoder"
ANSWERS, REWARD, ACCURACY = "artifacts/reward_pairs", "artifacts/reward", "artifacts/reward_accuracy"
OUR_REWARD = RewardConfig(
    likelihood=True,
    evidence=True,
    regression=RegressionConfig(bounded=False, within_questions=True, ridges=(0.1, 1.0, 10.0)),
    gate=GateConfig(steps=0),
)
"""What was best on a small backbone (docs/results/decoders.md); `RewardConfig()` is the paper's."""
AS_IT_IS = CorpusConfig(cleaning=(Unicode(),), filters=(), dedup=Dedup(minhash=None))
"""Steps of general text: exact copies alone leave, since what Turkish law is judged by would drop other languages."""
PAPER_SOURCES = {
    "fineweb2": {"dataset": "HuggingFaceFW/fineweb-2", "config": "tur_Latn"},
    "culturax": {"dataset": "uonlp/CulturaX", "config": "tr"},
    "mathematics": {"dataset": "open-web-math/open-web-math"},
    "code": {"dataset": "bigcode/the-stack-smol", "config": "data/python"},
}
"""Hub datasets that the paper's collection names among its general sources; the decisions, acts and theses are nobody's
on a hub. Not read here: these machines reach none."""


class MecellemDecoder(Config):
    """All parameters of the recipe, one section per stage; those of `general_` where no decoder is given."""

    seed: int = Field(default=7, ge=0)
    """Everything random follows from it."""
    extract: ExtractConfig = ExtractConfig()
    corpus: CorpusConfig = CorpusConfig()
    general_corpus: CorpusConfig = AS_IT_IS
    select: SelectConfig = SelectConfig()
    holdout: HoldOutConfig = HoldOutConfig()
    tokenizer: TokenizerConfig = TokenizerConfig(algorithm="bpe.v1")
    general_decoder: DecoderConfig = DecoderConfig()
    general_curriculum: Curriculum = Field(default_factory=lambda: general(8_000_000))
    decoder: DecoderConfig = DecoderConfig()
    curriculum: Curriculum = Field(default_factory=laptop)
    perplexity: PerplexityConfig = PerplexityConfig()
    reward_pairs: RewardPairsConfig = RewardPairsConfig()
    reward: RewardConfig = OUR_REWARD


def recipe(scale: Scale, first: str = "general", judge: str = "decoder") -> MecellemDecoder:
    """The parameters of `scale`; what is not said here is the stages' own default.

    Raises ConfigError for theses in a first phase where there are none.
    """
    if first == "theses" and scale in ("smoke", "laptop"):
        raise ConfigError(
            f"variant first=theses: at scale {scale} there are no theses, and phase 1 is short general text; leave it "
            "out, take gpu or paper, or change curriculum.phases in params.yaml"
        )
    makers: dict[Scale, Callable[[], MecellemDecoder]] = {
        "smoke": _smoke, "laptop": _laptop, "gpu": partial(_gpu, first), "paper": partial(_paper, first),
    }  # fmt: skip
    made = makers[scale]()
    length = made.reward.max_length
    return made if judge == "decoder" else made.model_copy(update={"reward": RewardConfig(max_length=length)})


def _smoke() -> MecellemDecoder:
    small = DecoderConfig(
        shape=SMOKE, sequence_length=128, tokens_per_step=512, rows_per_batch=4, learning_rate=3e-3, logs=8,
        evaluations=2, evaluation_rows=4,
    )  # fmt: skip
    return MecellemDecoder(
        tokenizer=TokenizerConfig(algorithm="bpe.v1", vocab_size=2_000),
        holdout=HoldOutConfig(documents=4, least_characters=100),
        general_decoder=small,
        general_curriculum=general(20_000),
        decoder=small.model_copy(update={"learning_rate": 1e-3}),
        curriculum=laptop(budgets=(4_000, 6_000, 8_000, 4_000)),
        perplexity=PerplexityConfig(context=128, documents=4),
        reward_pairs=RewardPairsConfig(questions_per_kind=12, held_out_share=0.4),
        reward=OUR_REWARD.model_copy(update={"max_length": 128}),
    )


def _laptop() -> MecellemDecoder:
    """About an hour on two cores, 8M parameters without embeddings: 4 million tokens of general text, 1.5 of phases."""
    new = DecoderConfig(shape=TINY, learning_rate=2e-3)
    return MecellemDecoder(
        tokenizer=TokenizerConfig(algorithm="bpe.v1", vocab_size=16_000),
        general_decoder=new,
        general_curriculum=general(4_000_000),
        decoder=new.model_copy(update={"learning_rate": 5e-4}),
        curriculum=laptop(budgets=(22_500, 345_000, 990_000, 142_500)),
        reward_pairs=RewardPairsConfig(questions_per_kind=300, most_words=100, held_out_share=0.35),
    )


def _gpu(first: str) -> MecellemDecoder:
    """One card: a hundredth of the paper's tokens, with steps of 64 rows."""
    return _of_the_paper(first, total=2_500_000_000, rows_per_step=64)


def _paper(first: str) -> MecellemDecoder:
    """§3.4.6 and Table 8."""
    return _of_the_paper(first, total=None, rows_per_step=None)


def _of_the_paper(first: str, *, total: int | None, rows_per_step: int | None) -> MecellemDecoder:
    curriculum = {"general": mecellem_general_first, "theses": mecellem_theses_first}[first]()
    length = 4_096
    if rows_per_step:
        phases = tuple(
            one.model_copy(
                update={"training": one.training.model_copy(update={"tokens_per_step": rows_per_step * length})}
            )
            for one in curriculum.phases
        )
        curriculum = curriculum.model_copy(update={"total": total, "phases": phases})
    return MecellemDecoder(
        decoder=DecoderConfig(
            shape=QWEN3_1_7B, sequence_length=length, tokens_per_step=400 * length, rows_per_batch=2, precision="bf16"
        ),
        curriculum=curriculum,
    )


def initial(scale: Scale, first: str = "general", judge: str = "decoder") -> str | None:
    """The decoder that is adapted where none is given."""
    return QWEN3 if scale in ("gpu", "paper") else None


def supply(scale: Scale, first: str = "general", judge: str = "decoder") -> Supply | None:
    """The sample with texts of Python's own library, or the paper's sources by hub id; None: data must be given."""
    if scale == "smoke":
        sample, python = sample_supply(), SAMPLE / "general" / "python.jsonl"

        def write(workspace: Path) -> None:
            sample.write(workspace)
            write_python_texts(workspace / python)

        inputs = Inputs(data=sample.inputs.data, general=(*sample.inputs.general, python), truth=sample.inputs.truth)
        return Supply(inputs, write)
    if scale == "laptop":
        return None
    folder = Path("data")
    hub = tuple(folder / f"{name}{SUFFIX}" for name in PAPER_SOURCES)
    return Supply(Inputs(data=(folder / "law",), general=hub, initial=QWEN3), _write_sources)


def stages(inputs: Inputs) -> tuple[Stage, ...]:
    """The graph: with a decoder to begin with, no tokenizer and no general decoder are trained."""
    begin = () if inputs.initial else (parts.tokenizer(inputs, PANEL), _general())
    general_text = parts.general_text(inputs, corpus="general_corpus") if inputs.general else ()
    return (
        *parts.text(inputs),
        *general_text,
        _panel(*(stage.makes for stage in general_text[-1:])),
        *begin,
        _decoder(inputs),
        _perplexity(inputs),
        *_reward(inputs),
        parts.page(inputs, "artifacts/documents", "artifacts/corpus", DECODER, "artifacts/perplexity", ACCURACY),
    )


def _panel(*general_text: str) -> Stage:
    collections = ("artifacts/training", *general_text)
    return Stage(
        name="holdout",
        command=f"mecelle decoder holdout {' '.join(collections)} --out {PANEL} {parts.PARAMS}",
        reads=collections,
        makes=PANEL,
        parameters=("seed", "holdout"),
        version=holding.VERSION,
    )


def _general() -> Stage:
    return Stage(
        name="general_decoder",
        command=f"mecelle decoder pretrain {PANEL} --tokenizer artifacts/tokenizer --out {GENERAL} "
        f"--work work/general_decoder --curriculum params.yaml:general_curriculum {parts.PARAMS}:general_decoder",
        reads=(PANEL, "artifacts/tokenizer"),
        makes=GENERAL,
        parameters=("seed", "general_decoder", "general_curriculum"),
        version=DECODER_VERSION,
    )


def _decoder(inputs: Inputs) -> Stage:
    start = inputs.initial or GENERAL
    return Stage(
        name="decoder",
        command=f"mecelle decoder pretrain {PANEL} --initial {start} --out {DECODER} --work work/decoder "
        f"--curriculum params.yaml:curriculum {parts.PARAMS}",
        reads=(PANEL, *parts.made_here(start)),
        makes=DECODER,
        parameters=("seed", "decoder", "curriculum"),
        version=DECODER_VERSION,
    )


def _perplexity(inputs: Inputs) -> Stage:
    start = inputs.initial or GENERAL
    return Stage(
        name="perplexity",
        command=f"mecelle decoder perplexity before={start} adapted={DECODER} --panel {PANEL} "
        f"--out artifacts/perplexity {parts.PARAMS}",
        reads=(PANEL, *parts.made_here(start), DECODER),
        makes="artifacts/perplexity",
        parameters=("seed", "perplexity"),
        version=1,
        cached=False,
        persistent=True,
        has_record=False,
    )


def _reward(inputs: Inputs) -> tuple[Stage, ...]:
    """Judged answers, the reward model, its accuracy."""
    backbone = SKYWORK if inputs.variants.get("judge") == "skywork" else DECODER
    return (
        Stage(
            name="reward_pairs",
            command=f"mecelle reward pairs artifacts/training --out {ANSWERS}{arguments('--exclude', inputs.queries)} "
            f"{parts.PARAMS}",
            reads=("artifacts/training", *paths(inputs.queries)),
            makes=ANSWERS,
            parameters=("seed", "reward_pairs"),
            version=reward_pairs.VERSION,
        ),
        Stage(
            name=REWARD_STAGE,
            command=f"mecelle reward train {ANSWERS} --backbone {backbone} --out {REWARD} --work work/reward "
            f"{parts.PARAMS}",
            reads=(ANSWERS, *parts.made_here(backbone)),
            makes=REWARD,
            parameters=("seed", "reward"),
            version=REWARD_VERSION,
        ),
        Stage(
            name="reward_accuracy",
            command=f"mecelle reward measure {REWARD} --data {ANSWERS} --out {ACCURACY} --work work/reward "
            f"{parts.PARAMS}",
            reads=(REWARD, ANSWERS),
            makes=ACCURACY,
            parameters=("seed",),
            version=ACCURACY_VERSION,
        ),
    )


def _write_sources(workspace: Path) -> None:
    """Describe the hub datasets, and say what belongs into the folder of one's own."""
    folder = workspace / "data"
    (folder / "law").mkdir(parents=True, exist_ok=True)
    for name, source in PAPER_SOURCES.items():
        (folder / f"{name}{SUFFIX}").write_text(yaml.safe_dump(source, sort_keys=False), encoding="utf-8")
    told = (
        "Put court decisions, legislation and theses of your own into `law/`, or take it out of `dvc.yaml`. The "
        "paper's English, Spanish, Arabic, Russian and Chinese are not named: add files with `lang` and `domain`.\n"
    )
    (folder / "README.md").write_text(told, encoding="utf-8")
