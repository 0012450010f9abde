"""All measures for a list of tokenizers, on the same lines: the command `mecelle tokenizer measure`."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from pydantic import Field

from mecelle.base import artifacts
from mecelle.base.config import Config, nearest
from mecelle.base.errors import ConfigError
from mecelle.base.machine import this_machine
from mecelle.base.progress import track
from mecelle.base.seeds import derive
from mecelle.text.morphology import DEFAULT
from mecelle.text.unicode import nfc
from mecelle.tokenizer.measure import morphology
from mecelle.tokenizer.measure.boundaries import GoldWord
from mecelle.tokenizer.measure.budget import WIDTHS, embedding, renyi_efficiency
from mecelle.tokenizer.measure.counts import Counts, count
from mecelle.tokenizer.measure.figures import Comparison, Figures, Measured
from mecelle.tokenizer.measure.fragments import NUMBERS, PHRASES, cut, read_phrases
from mecelle.tokenizer.measure.intervals import RESAMPLES
from mecelle.tokenizer.measure.places import Place, load
from mecelle.tokenizer.measure.rates import rates
from mecelle.tokenizer.measure.report import write_report
from mecelle.tokenizer.measure.speed import speeds
from mecelle.tokenizer.measure.subwords import SubwordTokenizer
from mecelle.tokenizer.measure.terms import coverage, single_words
from mecelle.tokenizer.measure.texts import Sample, Text, draw_sample
from mecelle.tokenizer.seeding import clean_terms, read_terms

STAGE = "tokenizer_measure"
VERSION = 1
MEASUREMENTS_FILE, REPORT_FILE = "measurements.json", "report.html"
_LIBRARIES = ("mecelle", "tokenizers", "numpy")


class MeasureConfig(Config):
    """What is measured."""

    sample: int = Field(default=1_000, ge=1)
    """Documents that are measured on, drawn by the seed from all."""
    baseline: str | None = None
    """Name of the tokenizer that the others are divided by; the first one if None."""
    widths: tuple[int, ...] = WIDTHS
    """Of embeddings, whose parameters are told."""
    analyser: str | None = DEFAULT
    """Says which tokens are Turkish words or morphemes; None leaves that out."""
    gold_words: int = Field(default=10_000, ge=1)
    """Words of --gold, drawn by the seed, on which boundaries are scored."""
    speed: bool = True
    """Time encoding and decoding; without it the same command writes the same bytes."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a comparison reads."""

    texts: Sequence[Path]
    terms: Sequence[Path] = ()
    phrases: Path | None = None
    gold: Path | None = None

    def paths(self) -> dict[str, Path]:
        """All files by what they are, for the record."""
        single = {"phrases": self.phrases, "gold": self.gold}
        named = {f"texts_{number}": path for number, path in enumerate(self.texts)}
        named |= {f"terms_{number}": path for number, path in enumerate(self.terms)}
        return named | {name: path for name, path in single.items() if path}


def write_comparison(
    out: Path, places: Sequence[Place], given: Given, config: MeasureConfig, *, seed: int, command: str
) -> Comparison:
    """Compare and write measurements.json and report.html into the artifact `out`. Raises what `compare` raises."""
    inputs: dict[str, Path | str] = {**given.paths(), **{f"tokenizer_{place.name}": place.where for place in places}}
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run:
        found = compare(places, given, config, seed=seed, command=command)
        (run.folder / MEASUREMENTS_FILE).write_text(found.model_dump_json(indent=1) + "\n", encoding="utf-8")
        write_report(found, run.folder / REPORT_FILE)
    return found


def compare(places: Sequence[Place], given: Given, config: MeasureConfig, *, seed: int, command: str) -> Comparison:
    """Measure every tokenizer of `places`.

    Raises ConfigError if the baseline is none of them, InputError or ArtifactError for texts, terms or tokenizers that
    cannot be used.
    """
    names = [place.name for place in places]
    baseline = config.baseline or names[0]
    if baseline not in names:
        raise ConfigError(f"--baseline {baseline}: none of the tokenizers{nearest(baseline, names)}")
    material = _read(given, config, seed)
    loaded = {place.name: load(place) for place in places}
    counted = {
        name: _Counted(count(one, material.sample.texts), count(one, material.term_lines))
        for name, (one, _) in track(loaded.items(), "count tokens", total=len(loaded), unit="tokenizers")
    }
    tokenizers = {name: one for name, (one, _) in loaded.items()}
    timed = speeds(tokenizers, material.sample.texts, baseline=baseline) if config.speed else {}
    return Comparison(
        command=command,
        seed=seed,
        baseline=baseline,
        resamples=RESAMPLES,
        measured=_measured(given, material, counted[baseline].texts),
        tokenizers=[
            _figures(
                place, *loaded[place.name], counted[place.name],
                None if place.name == baseline else counted[baseline], material, config, seed
            ).model_copy(update={"speed": timed.get(place.name)})
            for place in track(places, "score", unit="tokenizers")
        ],
        versions={name: version(name) for name in _LIBRARIES},
        machine=this_machine(),
    )  # fmt: skip


@dataclass(frozen=True)
class _Material:
    """What all tokenizers are measured on."""

    sample: Sample
    terms: tuple[str, ...]
    """As written in the lists, each once."""
    words: tuple[str, ...]
    """The terms of one word, cleaned."""
    phrases: Sequence[str]
    gold: Sequence[GoldWord]

    @property
    def term_lines(self) -> list[Text]:
        """Each term a document of one line."""
        return [Text((term,)) for term in self.terms]


@dataclass(frozen=True)
class _Counted:
    texts: Counts
    terms: Counts


def _read(given: Given, config: MeasureConfig, seed: int) -> _Material:
    terms = tuple(dict.fromkeys(nfc(term) for path in given.terms for term in read_terms(path)))
    return _Material(
        sample=draw_sample(given.texts, most=config.sample, seed=seed),
        terms=terms,
        words=tuple(single_words(clean_terms(terms))) if terms else (),
        phrases=read_phrases(given.phrases) if given.phrases else PHRASES,
        gold=morphology.draw_gold(given.gold, most=config.gold_words, seed=seed) if given.gold else (),
    )


def _figures(
    place: Place,
    tokenizer: SubwordTokenizer,
    digest: str | None,
    counted: _Counted,
    baseline: _Counted | None,
    material: _Material,
    config: MeasureConfig,
    seed: int,
) -> Figures:
    on_texts = rates(counted.texts, baseline.texts if baseline else None, seed=derive(seed, "texts"))
    on_terms = rates(counted.terms, baseline.terms if baseline else None, seed=derive(seed, "terms"))
    return Figures(
        name=place.name,
        place=place.where,
        hash=digest,
        vocabulary=tokenizer.vocabulary,
        rates=on_texts.values,
        ratios=on_texts.ratios,
        used=int((counted.texts.used > 0).sum()),
        renyi_efficiency=renyi_efficiency(counted.texts.used),
        embeddings=[embedding(tokenizer.vocabulary, width) for width in config.widths],
        tokens=morphology.tokens(tokenizer, counted.texts, analyser=config.analyser) if config.analyser else None,
        boundaries=morphology.boundaries(tokenizer, material.gold, seed=seed) if material.gold else None,
        term_rates=on_terms.values,
        term_ratios=on_terms.ratios,
        coverage=coverage(tokenizer, material.words) if material.words else [],
        phrases=cut(tokenizer, material.phrases),
        numbers=cut(tokenizer, NUMBERS),
    )


def _measured(given: Given, material: _Material, counts: Counts) -> Measured:
    return Measured(
        texts=[str(path) for path in given.texts],
        seen=material.sample.seen,
        empty=material.sample.empty,
        documents=counts.total("documents"),
        lines=counts.total("lines"),
        words=counts.total("words"),
        bytes=counts.total("bytes"),
        terms=len(material.terms),
        single_words=len(material.words),
        gold_words=len(material.gold),
    )
