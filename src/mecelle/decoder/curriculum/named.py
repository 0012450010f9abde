"""Curricula by name: Mecellem's, its refinement, those for the data of a laptop, and their rivals.

Mecellem's mixtures stand in `corpus.mixing.curricula`, with what of them is ours; here is how they are trained (Table
8). The laptop has no theses: its sources are law and general text by the names of `corpus.statistics.categories`, and
its phases have the shares of Table 3 in the whole.
"""

from collections.abc import Callable
from pathlib import Path

from mecelle.base.config import Config, dump, load, nearest, parse
from mecelle.base.errors import ConfigError
from mecelle.corpus.build import CorpusConfig
from mecelle.corpus.cleaning.unicode import Unicode
from mecelle.corpus.dedup.search import Dedup
from mecelle.corpus.filters.long_text import LongText
from mecelle.corpus.filters.refinement import Refinement
from mecelle.corpus.filters.turkish_quality import TurkishQuality
from mecelle.corpus.mixing import curricula as mixtures
from mecelle.corpus.mixing.curriculum import Curriculum as Mixture
from mecelle.corpus.mixing.curriculum import Replay
from mecelle.corpus.statistics.categories import NOT_LAW, covers, field_of
from mecelle.decoder.curriculum.plan import BEFORE, Curriculum, Phase, Settings

ROW = 4_096
"""Tokens of a row in all of Mecellem's trainings (§3.4.6)."""


class PaperPhase(Config):
    """A column of Table 8."""

    steps: int
    warmup: int
    batch: int
    """Rows of a step over all cards."""
    micro_batch: int = 2
    tokens: int
    """Of Table 3."""

    @property
    def epochs(self) -> float:
        """Passes that these steps make over these tokens: 1.86 and .93, where Table 8 says 2 and 1."""
        return self.steps * self.batch * ROW / self.tokens

    @property
    def training(self) -> Settings:
        """The column as settings."""
        return Settings(
            tokens_per_step=self.batch * ROW, rows_per_batch=self.micro_batch, warmup_share=self.warmup / self.steps
        )


TABLE_8 = (
    PaperPhase(steps=4_170, warmup=200, batch=400, tokens=3_678_052_050),
    PaperPhase(steps=32_260, warmup=1_600, batch=400, tokens=57_045_791_446),
    PaperPhase(steps=46_803, warmup=2_340, batch=800, tokens=165_110_698_942),
    PaperPhase(steps=14_122, warmup=706, batch=400, tokens=24_905_934_016),
)
"""Qwen3-1.7B, phases 1 to 4."""
SINGLE = PaperPhase(steps=153_508, warmup=7_675, batch=400, micro_batch=1, tokens=270_791_712_595)
"""Qwen3-4B, which has one phase (Tables 3 and 8)."""


def mecellem_general_first() -> Curriculum:
    """Qwen3-1.7B; phase 1 holds short general Turkish (§3.4.7)."""
    return _mecellem(mixtures.mecellem_general_first())


def mecellem_theses_first() -> Curriculum:
    """Qwen3-1.7B; phase 1 holds academic theses (§3.2.3, Fig. 4, §3.4.5)."""
    return _mecellem(mixtures.mecellem_theses_first())


def mecellem_single() -> Curriculum:
    """Qwen3-4B: theses, law, legislation, web and other sources in one phase (§3.2.3, Fig. 5); shares are ours."""
    sources = {"HUKUK Tez": 0.10, "HUKUK Makale": 0.02, "İÇTİHAT": 0.25, "MEVZUAT": 0.10, "HUKUK DIŞI": 0.38}
    phase = Phase(
        name="single", budget=SINGLE.tokens, epochs=SINGLE.epochs, training=SINGLE.training,
        sources=sources | mixtures.GENERAL, chain=mixtures.full_chain(),
    )  # fmt: skip
    return Curriculum(phases=(phase,))


def mecellem_refinement() -> Curriculum:
    """From a final checkpoint: Turkish of more than 502 tokens that passes the quality filter, and unfiltered text of
    other kinds in the shares of Table 20 (§4.4.4). How much of the Turkish is law is ours."""
    turkish = {"İÇTİHAT": 0.35, "MEVZUAT": 0.15, "HUKUK": 0.20, "HUKUK DIŞI": 0.246}
    others = {
        "HUKUK DIŞI en": 0.020, "HUKUK DIŞI en math": 0.011, "HUKUK DIŞI python": 0.013, "HUKUK DIŞI ar": 0.003,
        "HUKUK DIŞI zh": 0.003, "HUKUK DIŞI es": 0.003, "HUKUK DIŞI ru": 0.002,
    }  # fmt: skip
    return Curriculum(phases=(_refinement(3_662_870_311, turkish | others, TurkishQuality()),))


GENERAL_LAPTOP = {
    **mixtures.GENERAL,
    "HUKUK DIŞI de": 0.01,
}
"""English, mathematics, code and other languages: in the shares of Mecellem's mixtures, and German."""
LAPTOP_BUDGETS = (300_000, 4_600_000, 13_200_000, 1_900_000)
"""20 million tokens in the proportions of Table 3."""


def general(budget: int) -> Curriculum:
    """One phase of general text alone, `budget` tokens, with all that the forgetting panel asks about: the training of
    a decoder that is to be adapted."""
    shares = {name: 2 * share for name, share in GENERAL_LAPTOP.items()}
    return Curriculum(phases=(Phase(name="general", budget=budget, sources={"HUKUK DIŞI": 0.70} | shares),))


def laptop(budgets: tuple[int, int, int, int] = LAPTOP_BUDGETS) -> Curriculum:
    """Four phases over law and general Turkish: short general text, decisions, acts and regulations, all of it.

    budgets: tokens of the phases.
    """
    first, second, third, fourth = budgets
    return Curriculum(
        phases=(
            Phase(name="phase 1", budget=first, sources={"HUKUK DIŞI": 0.85} | GENERAL_LAPTOP, chain=_short_text()),
            Phase(
                name="phase 2", budget=second,
                sources={"İÇTİHAT": 0.40, "MEVZUAT": 0.15, "HUKUK": 0.05, "HUKUK DIŞI": 0.25} | GENERAL_LAPTOP,
                replay=(Replay(phase="phase 1", share=0.05, sources=("HUKUK DIŞI",)),),
            ),
            Phase(
                name="phase 3", budget=third,
                sources={"İÇTİHAT": 0.10, "MEVZUAT": 0.50, "HUKUK DIŞI": 0.25} | GENERAL_LAPTOP,
            ),
            Phase(
                name="phase 4", budget=fourth,
                sources={"İÇTİHAT": 0.30, "MEVZUAT": 0.40, "HUKUK": 0.05, "HUKUK DIŞI": 0.10} | GENERAL_LAPTOP,
            ),
        )
    )  # fmt: skip


def laptop_refinement() -> Curriculum:
    """The refinement on a laptop, with thresholds that law can pass (`corpus.filters.presets.full`)."""
    turkish = {"İÇTİHAT": 0.40, "MEVZUAT": 0.30, "HUKUK DIŞI": 0.246}
    others = {"HUKUK DIŞI en": 0.020, "HUKUK DIŞI en math": 0.011, "HUKUK DIŞI python": 0.013}
    quality = TurkishQuality(least_suffix_entropy=0.50, least_lemma_diversity=0.35, lemma_window=250)
    return Curriculum(phases=(_refinement(2_000_000, turkish | others, quality),))


def laptop_single() -> Curriculum:
    """The text of `laptop` in one phase."""
    return together(laptop())


def laptop_law_only() -> Curriculum:
    """As many tokens as `laptop`, of law alone."""
    return law_only(laptop())


CURRICULA: dict[str, Callable[[], Curriculum]] = {
    "laptop": laptop,
    "laptop_law_only": laptop_law_only,
    "laptop_refinement": laptop_refinement,
    "laptop_single": laptop_single,
    "mecellem_general_first": mecellem_general_first,
    "mecellem_refinement": mecellem_refinement,
    "mecellem_single": mecellem_single,
    "mecellem_theses_first": mecellem_theses_first,
}


def load_curriculum(name: str) -> Curriculum:
    """A curriculum of this file by name, or one's own: a YAML file, or FILE:SECTION.

    Raises ConfigError for neither.
    """
    if name in CURRICULA:
        return CURRICULA[name]()
    if Path(name).is_file():
        return load(Curriculum, Path(name))
    file, colon, section = name.rpartition(":")
    if colon and Path(file).is_file():
        return load(Curriculum, Path(file), section=section)
    raise ConfigError(f"curriculum '{name}': neither a file nor known{nearest(name, list(CURRICULA))}")


def together(curriculum: Curriculum) -> Curriculum:
    """The same text and tokens in one phase."""
    return parse(Curriculum, dump(curriculum) | {"together": True}, where="together")


def one_schedule(curriculum: Curriculum) -> Curriculum:
    """The same phases in the same order, without their restarts; where they start and warm up is left out."""
    values = dump(curriculum) | {"restart": False}
    for phase in values["phases"]:
        phase["start"], phase["training"]["warmup_share"] = BEFORE, None
    return parse(Curriculum, values, where="one schedule")


def law_only(curriculum: Curriculum) -> Curriculum:
    """One phase of as many tokens, of law alone, each kind in its share of what the law has in all phases.

    Raises ConfigError for a curriculum without law.
    """
    law = {name: share for name, share in _whole(curriculum).items() if field_of(name) != NOT_LAW}
    if not law:
        raise ConfigError("law_only: no phase reads law; give one a source such as MEVZUAT or İÇTİHAT")
    tokens = sum(map(curriculum.tokens, curriculum.trained()))
    return Curriculum(size=curriculum.size, phases=(Phase(name="law only", budget=tokens, sources=law),))


def alike(curriculum: Curriculum) -> Curriculum:
    """As many phases of as many tokens, each with the sources of all: what beginning a schedule anew does by itself.

    Steps of single phases are left out.
    """
    sources = _whole(curriculum)
    same = [
        dump(phase) | {"sources": sources, "chain": None, "pages": None, "replay": []} for phase in curriculum.trained()
    ]
    return parse(Curriculum, dump(curriculum) | {"phases": same, "only": None}, where="alike")


def _whole(curriculum: Curriculum) -> dict[str, float]:
    """Source -> its share of all tokens that are trained on; replayed text counts for the sources it comes from."""
    tokens_of: dict[str, float] = {}
    phases = {phase.name: phase for phase in curriculum.phases}
    for phase in curriculum.trained():
        parts = [(phase.sources, 1.0 - sum(one.share for one in phase.replay))]
        for one in phase.replay:
            former = phases[one.phase].sources.items()
            read = {name: size for name, size in former if any(covers(own, name) for own in one.sources)}
            parts.append((read, one.share))
        for sources, share in parts:
            for name, size in sources.items():
                tokens = curriculum.tokens(phase) * share * size / sum(sources.values())
                tokens_of[name] = tokens_of.get(name, 0.0) + tokens
    whole = sum(tokens_of.values())
    return {name: tokens / whole for name, tokens in tokens_of.items()}


def _mecellem(mixture: Mixture) -> Curriculum:
    phases = [
        dump(phase) | {"epochs": column.epochs, "training": dump(column.training)}
        for phase, column in zip(mixture.phases, TABLE_8, strict=True)
    ]
    return parse(Curriculum, dump(mixture) | {"phases": phases}, where="a curriculum of the paper")


def _refinement(budget: int, sources: dict[str, float], quality: TurkishQuality) -> Phase:
    chain = CorpusConfig(
        cleaning=(Unicode(),), filters=(Refinement(quality=quality),), dedup=Dedup(exact=False, minhash=None)
    )
    return Phase(name="refinement", budget=budget, sources=sources, chain=chain)


def _short_text() -> CorpusConfig:
    short = LongText(most_characters=mixtures.SHORT_CHARACTERS, spared_kinds=())
    return CorpusConfig(cleaning=(Unicode(),), filters=(short,), dedup=Dedup(exact=False, minhash=None))
