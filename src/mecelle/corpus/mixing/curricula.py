"""The curricula of Mecellem's Qwen3-1.7B, one for each of the two ways in which the paper tells its first phase.

Budgets are those of Table 3, in tokens; steps follow §3.2.3; replay §3.4.5. Shares are ours: Fig. 4 is not in the text.
"""

from mecelle.corpus.build import CorpusConfig
from mecelle.corpus.cleaning.unicode import Unicode
from mecelle.corpus.dedup.search import Dedup
from mecelle.corpus.dedup.semantic import SemHash
from mecelle.corpus.filters import Filter
from mecelle.corpus.filters.fields import Fields
from mecelle.corpus.filters.language import Language
from mecelle.corpus.filters.long_text import LongText
from mecelle.corpus.filters.markup import Markup
from mecelle.corpus.filters.presets import paper_fineweb
from mecelle.corpus.filters.repeated_entries import RepeatedEntries
from mecelle.corpus.filters.short_text import ShortText
from mecelle.corpus.filters.url_keywords import UrlKeywords
from mecelle.corpus.mixing.curriculum import Curriculum, Phase, Replay
from mecelle.corpus.mixing.pages import PageMerge

LANGUAGES = ("tr", "tur_Latn", "en", "es", "ar", "ru", "zh")
"""Target languages of all phases (Fig. 4): Turkish, and those of the general capabilities that shall not be lost."""
SHORT_CHARACTERS = 5_000
"""Longest "short, general-purpose" text of §3.4.7, which gives no number."""

GENERAL = {
    "HUKUK DIŞI en": 0.05, "HUKUK DIŞI en math": 0.03, "HUKUK DIŞI python": 0.03, "HUKUK DIŞI es": 0.01,
    "HUKUK DIŞI ar": 0.01, "HUKUK DIŞI ru": 0.01, "HUKUK DIŞI zh": 0.01,
}  # fmt: skip
"""In all phases (Fig. 4): English, mathematics, Python, and the four other languages."""


def mecellem_theses_first() -> Curriculum:
    """Phase 1 holds academic theses, merged from their pages (§3.2.3, Fig. 4, §3.4.5)."""
    return _mecellem({"HUKUK Tez": 0.85}, theses_chain())


def mecellem_general_first() -> Curriculum:
    """Phase 1 holds short general Turkish (§3.2.1, §3.4.7)."""
    return _mecellem({"HUKUK DIŞI": 0.85}, theses_chain(LongText(most_characters=SHORT_CHARACTERS, spared_kinds=())))


def _mecellem(first: dict[str, float], first_chain: CorpusConfig) -> Curriculum:
    legal = {"İÇTİHAT": 0.45, "MEVZUAT": 0.15, "HUKUK Makale": 0.05, "HUKUK DIŞI": 0.20}
    mixed = {"İÇTİHAT": 0.15, "MEVZUAT": 0.05, "HUKUK Tez": 0.15, "HUKUK DIŞI": 0.50}
    refined = {"HUKUK Tez": 0.55, "İÇTİHAT": 0.15, "MEVZUAT": 0.05, "HUKUK DIŞI": 0.10}
    return Curriculum(
        phases=(
            Phase(
                name="phase 1", budget=3_678_052_050, sources=first | GENERAL, chain=first_chain, pages=PageMerge(),
            ),
            Phase(
                name="phase 2", budget=57_045_791_446, sources=legal | GENERAL, chain=light_chain(),
                replay=(Replay(phase="phase 1", share=0.05, sources=tuple(first)),),
            ),
            Phase(name="phase 3", budget=165_110_698_942, sources=mixed | GENERAL, chain=full_chain()),
            # "The same thesis-specific procedure as in phase 3" (§3.2.3) can only be that of phase 1.
            Phase(
                name="phase 4", budget=24_905_934_016, sources=refined | GENERAL, chain=theses_chain(),
                pages=PageMerge(),
            ),
        )
    )  # fmt: skip


def theses_chain(*filters: Filter) -> CorpusConfig:
    """Semantic deduplication and FineWeb quality (§3.2.3, phase 1), after `filters`."""
    return _chain(*filters, paper_fineweb(), dedup=Dedup(minhash=None, semantic=SemHash(least_similarity=0.75)))


def light_chain() -> CorpusConfig:
    """FineWeb quality only (§3.2.3, phase 2)."""
    return _chain(paper_fineweb(), dedup=Dedup(exact=False, minhash=None))


def full_chain() -> CorpusConfig:
    """The five cleaning rules, language, semantic deduplication, FineWeb quality, URLs (§3.2.3, phase 3)."""
    cleaning_rules = (Fields(), RepeatedEntries(), ShortText(), LongText(), Markup())
    return _chain(
        *cleaning_rules, Language(languages=LANGUAGES), paper_fineweb(), UrlKeywords(),
        dedup=Dedup(minhash=None, semantic=SemHash(least_similarity=0.75)),
    )  # fmt: skip


def _chain(*filters: Filter, dedup: Dedup) -> CorpusConfig:
    return CorpusConfig(cleaning=(Unicode(),), filters=filters, dedup=dedup)
