"""The recipe `sections`: decisions with known sections -> a sectioner -> its scores (HukukBERT §3.7, §4.3 to §4.5).

labelled decisions -> without headings, in three parts -> the small sectioner             -> scores
                                                       -> an encoder's tagger, if there is one
The tagger is the paper's set-up; `--initial` names its encoder.
"""

from pathlib import Path

from pydantic import Field

from mecelle.base.collection import JsonlWriter
from mecelle.base.config import Config
from mecelle.evaluation import section_scores
from mecelle.evaluation.section_scores import SectionScoresConfig
from mecelle.recipes.graph import Inputs, Stage, arguments, paths
from mecelle.recipes.parts import PARAMS, made_here
from mecelle.recipes.scale import Scale
from mecelle.recipes.supply import SAMPLE, SEEDS, Supply
from mecelle.sample.generate import generate
from mecelle.sample.records import SampleSize
from mecelle.segmentation import data
from mecelle.segmentation.config import VERSION as SECTIONER_VERSION
from mecelle.segmentation.config import SegmentConfig
from mecelle.segmentation.data import SectionDataConfig
from mecelle.segmentation.record import SectionSpan, Segmented
from mecelle.segmentation.sentences.config import SentencesConfig
from mecelle.segmentation.windows.config import WindowsConfig

TITLE = "sections of court decisions: a small sectioner, and the paper's tagger on an encoder"
BERTURK = "dbmdz/bert-base-turkish-128k-cased"
"""One of the paper's three encoders; HukukBERT's own is tried with --initial."""
DATA, SECTIONER, TAGGER, SCORES = (f"artifacts/{name}" for name in ("section_data", "sectioner", "tagger", "scores"))


class Sections(Config):
    """All parameters of the recipe, one section per stage."""

    seed: int = Field(default=7, ge=0)
    """Everything random follows from it."""
    section_data: SectionDataConfig = SectionDataConfig()
    segment: SegmentConfig = SegmentConfig()
    tagger: SegmentConfig = SegmentConfig(model="windows")
    section_scores: SectionScoresConfig = SectionScoresConfig()


def recipe(scale: Scale) -> Sections:
    """The parameters of `scale`; what is not said here is the stages' own default, the tagger's that of the paper."""
    if scale == "smoke":
        small = SentencesConfig(
            members=1,
            buckets=4_096,
            width=16,
            hidden=16,
            layers=1,
            epochs=12,
            learning_rate=2e-2,
            variants=0.0,
            batch_size=4,
        )
        windows = WindowsConfig(window=64, stride=32, epochs=1, evaluations=1)
        return Sections(
            section_data=SectionDataConfig(outside=6),
            segment=SegmentConfig(sentences=small),
            tagger=SegmentConfig(model="windows", windows=windows),
            section_scores=SectionScoresConfig(variants=("plain", "one_line"), resamples=200),
        )
    real = SectionDataConfig(generated=60)
    if scale == "paper":
        return Sections(
            section_data=real, tagger=SegmentConfig(model="windows", windows=WindowsConfig(decoding="argmax"))
        )
    return Sections(section_data=real)


def initial(scale: Scale) -> str | None:
    """The encoder that is tuned where none is given."""
    return BERTURK if scale in ("gpu", "paper") else None


def supply(scale: Scale) -> Supply | None:
    """Decisions of the bundled sample with their sections, and its contracts as what is no decision."""
    if scale != "smoke":
        return None
    return Supply(Inputs(data=(SAMPLE / "decisions.jsonl",), general=(SAMPLE / "contracts.jsonl",)), _write_sample)


def stages(inputs: Inputs) -> tuple[Stage, ...]:
    """The graph: without an encoder there is no tagger."""
    tagger = (_train(TAGGER, "tagger", inputs),) if inputs.initial else ()
    models = [SECTIONER, *(stage.makes for stage in tagger)]
    return (
        _data(inputs),
        _train(SECTIONER, "segment", inputs.model_copy(update={"initial": None})),
        *tagger,
        _scores(models),
    )


def _data(inputs: Inputs) -> Stage:
    outside = inputs.general[0] if inputs.general else None
    return Stage(
        name="section_data",
        command=f"mecelle segment data {inputs.data[0]} --out {DATA}{arguments('--splits', inputs.splits)}"
        f"{arguments('--outside', outside)} {PARAMS}",
        reads=paths(inputs.data[0], inputs.splits, outside),
        makes=DATA,
        parameters=("seed", "section_data"),
        version=data.VERSION,
    )


def _train(makes: str, section: str, inputs: Inputs) -> Stage:
    encoder = f" --encoder {inputs.initial}" if inputs.initial else ""
    name = Path(makes).name
    return Stage(
        name=name,
        command=f"mecelle segment train {DATA} --out {makes} --work work/{name}{encoder} {PARAMS}:{section}",
        reads=(DATA, *(made_here(inputs.initial) if inputs.initial else ())),
        makes=makes,
        parameters=("seed", section),
        version=SECTIONER_VERSION,
    )


def _scores(models: list[str]) -> Stage:
    return Stage(
        name="scores",
        command=f"mecelle segment measure {' '.join(models)} --data {DATA} --out {SCORES} {PARAMS}",
        reads=(DATA, *models),
        makes=SCORES,
        parameters=("seed", "section_scores"),
        version=section_scores.VERSION,
    )


def _write_sample(workspace: Path) -> None:
    sample = generate(seed=SEEDS["law"], size=SampleSize.tiny())
    with JsonlWriter(workspace / SAMPLE / "decisions.jsonl") as file:
        for one in (decision for decision in sample.decisions if decision.sections):
            spans = [
                SectionSpan.model_validate({"label": s.label, "start": s.start, "end": s.end}) for s in one.sections
            ]
            facts = {"court": one.court, "chamber": one.chamber, "date": one.date}
            file.write(
                Segmented(id=one.id, text=one.text, sections=tuple(spans), metadata=facts).model_dump(mode="json")
            )
    with JsonlWriter(workspace / SAMPLE / "contracts.jsonl") as file:
        for contract in sample.contracts:
            file.write({"id": contract.id, "text": contract.text})
