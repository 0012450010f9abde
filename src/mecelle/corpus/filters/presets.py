"""Lists of filters by name, for CorpusConfig.filters.

`house` is the default of `corpus build`: what web pages must pass is asked of web pages alone, because the rules of
FineWeb, C4 and Gopher drop a tenth of the decisions and up to half of the articles (docs/results/corpus.md).
`full` adds the morphology. `paper` asks everything of every document, with the thresholds of Mecellem §3.2.3.
"""

from collections.abc import Callable

from mecelle.base.config import nearest
from mecelle.base.document import KINDS
from mecelle.base.errors import ConfigError
from mecelle.corpus.filters import Filter
from mecelle.corpus.filters.c4_quality import C4Quality
from mecelle.corpus.filters.fields import Fields
from mecelle.corpus.filters.fineweb_quality import FineWebQuality
from mecelle.corpus.filters.function_words import FunctionWords
from mecelle.corpus.filters.gopher_quality import GopherQuality
from mecelle.corpus.filters.gopher_repetition import GopherRepetition
from mecelle.corpus.filters.language import Language
from mecelle.corpus.filters.licence import Licence
from mecelle.corpus.filters.long_text import LongText
from mecelle.corpus.filters.markup import Markup
from mecelle.corpus.filters.profanity import Profanity
from mecelle.corpus.filters.repeated_entries import RepeatedEntries
from mecelle.corpus.filters.repeated_lines import RepeatedLines
from mecelle.corpus.filters.sentences import Sentences
from mecelle.corpus.filters.short_text import ShortText
from mecelle.corpus.filters.symbols import Symbols
from mecelle.corpus.filters.turkish_quality import TurkishQuality
from mecelle.corpus.filters.unreadable import Unreadable
from mecelle.corpus.filters.url_keywords import UrlKeywords

ALL_BUT_WEB = tuple(kind for kind in KINDS if kind != "web")


def paper_fineweb(*, spared_kinds: tuple[str, ...] = ()) -> FineWebQuality:
    """`short_line` 0.67, `char_duplicates` 0.03, `new_line` 0.4, the rest as datatrove has it (Mecellem §3.2.3)."""
    return FineWebQuality(
        most_short_line_share=0.67, most_duplicate_share=0.03, most_newlines_a_word=0.4, spared_kinds=spared_kinds
    )


def house() -> tuple[Filter, ...]:
    """The default: cheap rules first. `Fields` is not in it: an odd case number in a user's table is no reason to lose
    a decision."""
    return (
        Unreadable(), ShortText(), LongText(), Markup(), Symbols(), RepeatedLines(), Sentences(),
        UrlKeywords(), Language(), FunctionWords(),
        paper_fineweb(spared_kinds=ALL_BUT_WEB), GopherRepetition(spared_kinds=ALL_BUT_WEB),
        GopherQuality(spared_kinds=ALL_BUT_WEB), Profanity(spared_kinds=ALL_BUT_WEB),
    )  # fmt: skip


def full() -> tuple[Filter, ...]:
    """`house` and Turkish quality (Mecellem §3.2.3) with thresholds for law, since the paper's keep one act of 1,043.

    Ours: SE at least 0.50 and LD at least 0.35 in stretches of 250 words keep 94% of acts and 99.8% of decisions.
    """
    quality = TurkishQuality(least_suffix_entropy=0.50, least_lemma_diversity=0.35, lemma_window=250)
    return (Fields(required=("kind",)), *house(), quality)


def paper() -> tuple[Filter, ...]:
    """Mecellem §3.2.3 (rules i to v, URL, language, FineWeb), App. D (licence) and App. E (profanity, C4, Gopher).

    High-risk domains want a list: add `high_risk_domains.v1`. Where the paper gives no number, defaults are ours.
    """
    return (
        Fields(), RepeatedEntries(), ShortText(), LongText(), Markup(), Licence(), UrlKeywords(), Language(),
        paper_fineweb(), Profanity(), C4Quality(spared_kinds=()), GopherQuality(), GopherRepetition(),
        TurkishQuality(),
    )  # fmt: skip


PRESETS: dict[str, Callable[[], tuple[Filter, ...]]] = {"house": house, "full": full, "paper": paper}


def preset(name: str) -> tuple[Filter, ...]:
    """The filters called `name`: `house`, `full` or `paper`. Raises ConfigError for another name."""
    if name not in PRESETS:
        raise ConfigError(f"preset '{name}' is not known{nearest(name, list(PRESETS))}")
    return PRESETS[name]()
