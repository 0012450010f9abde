"""Documents, their sections, and articles of acts."""

from mecelle.serving.views.base import Told, View


class SectionView(View):
    """A section of a decision: half-open characters of the document."""

    label: str
    """header, formal, claim, defense, reasoning, ruling, footer or dissent."""
    start: int
    end: int


class CitationView(View):
    """A place in a document that cites something: half-open characters, and the key of one thing cited there."""

    start: int
    end: int
    kind: str
    """article, law or decision."""
    key: str
    """`6098:m49/2`, `yargıtay:4hd:e2021/100`; `article` opens the first kind."""
    is_held: bool
    """Whether the collection has it."""


class DocumentView(View):
    """A document, or a part of it."""

    document_id: str
    kind: str
    citation: str
    title: Told
    court: Told
    chamber: Told
    case_number: Told
    decision_number: Told
    date: Told
    law_number: Told
    text: str
    start: int
    """Characters of the document before `text`."""
    characters: int
    """Of the whole document."""
    sections: list[SectionView]
    """Of the whole document; none where nobody read them, or where it is no decision."""
    citations: list[CitationView]
    """Of what lies in `text`; offsets are of the document."""


class SectionText(SectionView):
    """A section with its text."""

    text: str


class SectionsView(View):
    """The sections of a document, with their text."""

    document_id: str
    citation: str
    sections: list[SectionText]


class CitedView(View):
    """A document that a citation names."""

    document_id: str
    citation: str
    title: Told


class CautionView(View):
    """What a reader must know of a wording."""

    notice: str
    """repealed, repealed_later, changed_later or other_day."""
    day: str | None
    """ISO, where it is told."""


class ArticleView(View):
    """An article of an act as it stood on a day, as far as the collection tells."""

    key: str
    document_id: str
    citation: str
    title: Told
    heading: str | None
    text: str
    in_force_from: str | None
    in_force_to: str | None
    is_repealed: bool
    cautions: list[CautionView]
