"""What the page shows of a decision: blocks of text, and the citations beside each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from mecelle.segmentation.entities.links import Articles
from mecelle.segmentation.labels import OUTSIDE
from mecelle.segmentation.page import names
from mecelle.segmentation.page.marks import Mark, chosen, marked
from mecelle.segmentation.record import CitationLink, Segmented
from mecelle.text.dates import turkish_date

_EXCERPT_CHARS = 420


@dataclass(frozen=True)
class Cited:
    """What is cited in a block, however often."""

    id: str
    name: str
    times: int
    heading: str = ""
    excerpt: str = ""
    """How the article begins; empty where the collection lacks it."""
    changed: str = ""
    """Day since which the wording is another than on the day of the decision."""


@dataclass(frozen=True)
class Block:
    """A section, or what stands between sections."""

    id: str
    label: str
    name: str
    confidence: float | None
    html: Markup
    cited: tuple[Cited, ...]


def blocks(decision: Segmented, articles: Articles | None) -> list[Block]:
    """The whole text in order, each character once."""
    return [
        _block(decision, f"s{number}", label, confidence, start, end, articles)
        for number, (label, confidence, start, end) in enumerate(_stretches(decision), start=1)
    ]


def _stretches(decision: Segmented) -> Iterator[tuple[str, float | None, int, int]]:
    at = 0
    for section in decision.sections:
        if decision.text[at : section.start].strip():
            yield OUTSIDE, None, at, section.start
        yield section.label, section.confidence, section.start, section.end
        at = section.end
    if decision.text[at:].strip():
        yield OUTSIDE, None, at, len(decision.text)


def _block(
    decision: Segmented, name: str, label: str, confidence: float | None, start: int, end: int,
    articles: Articles | None,
) -> Block:  # fmt: skip
    links = [link for link in decision.citations if start <= link.start < end]
    cited = _cited(links, name, articles)
    targets = {one.name: one.id for one in cited}
    marks = chosen(_link_marks(links, targets), _entity_marks(decision, start, end))
    return Block(name, label, names.SECTIONS[label], confidence, marked(decision.text, start, end, marks), tuple(cited))


def _cited(links: Sequence[CitationLink], block: str, articles: Articles | None) -> list[Cited]:
    groups: dict[str, list[CitationLink]] = {}
    for link in links:
        groups.setdefault(names.cited(link), []).append(link)
    found = []
    for number, (name, same) in enumerate(groups.items(), start=1):
        link = same[0]
        article = articles.find(link.key) if articles and link.target else None
        found.append(
            Cited(
                id=f"{block}c{number}",
                name=name,
                times=len(same),
                heading=(article.heading if article else None) or "",
                excerpt=_shortened(article.text) if article else "",
                changed=turkish_date(link.changed) if link.changed else "",
            )
        )
    return found


def _link_marks(links: Sequence[CitationLink], targets: dict[str, str]) -> list[Mark]:
    """One link for each place; a list of articles leads to the first of them."""
    marks = []
    for (start, end), same in groupby(links, key=lambda link: (link.start, link.end)):
        cited = [names.cited(link) for link in same]
        marks.append(Mark(start, end, "cite", "; ".join(dict.fromkeys(cited)), targets[cited[0]]))
    return marks


def _entity_marks(decision: Segmented, start: int, end: int) -> list[Mark]:
    return [
        Mark(one.start, one.end, f"e {one.kind}", names.entity(one))
        for one in decision.entities
        if start <= one.start < end and one.kind != "article"  # the same words are a link
    ]


def _shortened(text: str) -> str:
    return text if len(text) <= _EXCERPT_CHARS else text[:_EXCERPT_CHARS].rsplit(" ", 1)[0] + " …"
