"""What is read in a decision: sections, entities, citations, outcome. The output of `mecelle segment apply`."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from mecelle.segmentation.labels import Section


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SectionSpan(_Record):
    """A section: half-open characters of the text. Sections are sorted and disjoint."""

    label: Section
    start: int = Field(ge=0)
    end: int
    confidence: float = Field(default=1.0, ge=0.0, le=1.0)
    """Mean probability of the label over the characters of the section; 1.0 where a person or a rule said it."""


class Entity(_Record):
    """A name, a date, an amount."""

    kind: str
    start: int = Field(ge=0)
    end: int
    text: str
    confidence: float = Field(default=1.0, ge=0.0, le=1.0)


class CitationLink(_Record):
    """An act, an article of one or a decision that the decision cites, and where its text stands.

    A list ("49 ve 50. maddeleri") gives a link for each of its members, all of one place in the text.
    """

    start: int = Field(ge=0)
    end: int
    text: str
    kind: Literal["article", "law", "decision"] = "article"
    key: str = ""
    """What is cited, in the normal form of `mecelle.text.citations`: "6098:m49/2", "yargıtay:4hd:e2021/100"."""
    law: str | None = None
    """Number of the act, such as "6098"."""
    article: str | None = None
    target: str | None = None
    """Id of the article in the collection, such as "6098:m49"; None where the collection lacks it."""
    changed: str | None = None
    """Day, ISO, on which the article first changed after the decision: the collection then holds a later wording.
    None where it did not, or where the day of the decision is unknown."""


class Segmented(_Record):
    """A text and what was read in it. Offsets are characters of `text`."""

    id: str = ""
    text: str
    sections: tuple[SectionSpan, ...] = ()
    """Empty where the text is empty or no decision."""
    entities: tuple[Entity, ...] = ()
    citations: tuple[CitationLink, ...] = ()
    outcome: str | None = None
    """bozma, onama, red, kabul; None where none was told."""
    outcome_confidence: float | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)
    """Of the document: court, chamber, date and whatever else its source gave."""
