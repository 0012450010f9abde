"""The records of the sample: documents with their truth. All offsets are half-open characters into NFC text."""

from dataclasses import dataclass, field
from typing import Final, Literal

from mecelle.base.config import nearest
from mecelle.base.errors import ConfigError

SECTION_LABELS: Final = ("header", "formal", "claim", "defense", "reasoning", "ruling", "footer", "dissent")
"""başlık, usul, dava (iddia), cevap (savunma), gerekçe, hüküm, imza bölümü, karşı oy."""

DamageKind = Literal["spaced_letters", "hyphenated_line_ends", "running_header", "page_number", "confused_letters"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSize:
    """How many of each kind to generate. Duplicates, twins and damaged copies are counted within `num_decisions`."""

    num_decisions: int
    num_acts: int  # at most 40
    num_contracts: int
    num_questions: int
    num_terms: int
    num_foreign: int
    num_junk: int
    num_exact_groups: int
    num_near_groups: int
    num_twins: int
    num_damaged: int
    num_single_files: int  # per format (txt, html, docx, udf, pdf)
    num_scanned: int

    @classmethod
    def tiny(cls) -> "SampleSize":
        """For tests: 60 decisions, generated in less than a second."""
        return cls(
            num_decisions=60, num_acts=6, num_contracts=6, num_questions=40, num_terms=40, num_foreign=6, num_junk=6,
            num_exact_groups=3, num_near_groups=3, num_twins=4, num_damaged=3, num_single_files=2, num_scanned=1,
        )  # fmt: skip

    @classmethod
    def demo(cls) -> "SampleSize":
        """For `make demo`: 1,500 decisions, 40 acts, 300 questions."""
        return cls(
            num_decisions=1_500, num_acts=40, num_contracts=80, num_questions=300, num_terms=400, num_foreign=40,
            num_junk=40, num_exact_groups=40, num_near_groups=60, num_twins=60, num_damaged=40, num_single_files=20,
            num_scanned=4,
        )  # fmt: skip

    @classmethod
    def named(cls, name: str) -> "SampleSize":
        """The size called `name`, tiny or demo. Raises ConfigError for another name."""
        sizes = {"tiny": cls.tiny, "demo": cls.demo}
        if name not in sizes:
            raise ConfigError(f"size '{name}' is not known{nearest(name, list(sizes))}")
        return sizes[name]()


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled stretch of text."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Citation:
    """A cited article: its id ("9101:m12") and where the citation stands."""

    article: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PlantedIdentifier:
    """A planted identifier, or a look-alike that is none (`valid` false; `kind` then names what it looks like)."""

    kind: str
    text: str
    start: int
    end: int
    valid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision (karar) with its truth. `outcome`: upheld, reversed, accepted, rejected, violation, ..."""

    id: str
    text: str
    sections: tuple[Span, ...]
    court: str
    chamber: str
    case_number: str
    decision_number: str
    date: str
    subject: str
    category: str
    outcome: str
    citations: tuple[Citation, ...]
    identifiers: tuple[PlantedIdentifier, ...]
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article (madde) of an act. `number` as printed ("12", "Geçici 1"); `id` "9101:m12" or "9101:mGeçici_1".

    `topic` is "general" for articles that every act has, else the heading of a rule of this act alone.
    """

    id: str
    number: str
    heading: str
    text: str
    path: tuple[str, ...]
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An invented act (kanun)."""

    id: str
    law_number: str
    title: str
    date: str
    text: str
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A contract (sözleşme) with planted identifiers of its parties."""

    id: str
    text: str
    title: str
    category: str
    identifiers: tuple[PlantedIdentifier, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A citizen's question and the ids of the articles that answer it."""

    id: str
    query: str
    gold: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A dictionary entry."""

    id: str
    term: str
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherDocument:
    """A foreign-language or junk page. `reason`: the language ("en", "az", "de") or the kind of junk."""

    id: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """A text as a poor scan gives it, with the clean text it came from."""

    id: str
    clean: str
    kinds: tuple[DamageKind, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicates:
    """What is a copy and what is not. `near` groups keep a Jaccard similarity of at least .9 over word 5-grams.

    `distinct_pairs` are two decisions each: they differ in a number, an amount, a date or the ruling, and must stay.
    """

    exact: tuple[tuple[str, ...], ...] = ()
    near: tuple[tuple[str, ...], ...] = ()
    distinct_pairs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A generated collection and everything that is known about it."""

    seed: int
    size: SampleSize
    decisions: tuple[Decision, ...]
    acts: tuple[Act, ...]
    contracts: tuple[Contract, ...]
    questions: tuple[Question, ...]
    terms: tuple[Term, ...]
    foreign: tuple[OtherDocument, ...]
    junk: tuple[OtherDocument, ...]
    damaged: tuple[Damage, ...]
    duplicates: Duplicates = field(default_factory=Duplicates)

    @property
    def articles(self) -> tuple[Article, ...]:
        """The articles of all acts, in order."""
        return tuple(article for act in self.acts for article in act.articles)
