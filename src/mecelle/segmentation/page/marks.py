"""What is marked inside a text, as safe HTML."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from mecelle.segmentation.entities.spans import nested

_OPEN = Markup('<mark class="{}" title="{}">')
_OPEN_LINK = Markup('<a class="{}" title="{}" href="#{}">')


@dataclass(frozen=True)
class Mark:
    """Half-open characters of a text; with a `target` a link to that id of the page."""

    start: int
    end: int
    kind: str
    title: str
    target: str = ""


def marked(text: str, start: int, end: int, marks: Iterable[Mark]) -> Markup:
    """`text[start:end]` with the marks around their characters; everything that is not ours is escaped.

    marks: sorted, outer before inner, none crossing (`chosen`); what leaves the stretch is cut at its ends.

    >>> marked("a<b> c", 0, 6, [Mark(5, 6, "person", "kişi")])
    Markup('a&lt;b&gt; <mark class="person" title="kişi">c</mark>')
    """
    parts: list[str] = []
    open_: list[Mark] = []
    at = start

    def close_before(place: int) -> None:
        nonlocal at
        while open_ and open_[-1].end <= place:
            closing = open_.pop()
            parts.append(escape(text[at : closing.end]))
            parts.append(Markup("</a>" if closing.target else "</mark>"))
            at = closing.end

    for mark in _cut(marks, start, end):
        close_before(mark.start)
        parts.append(escape(text[at : mark.start]))
        parts.append(
            _OPEN_LINK.format(mark.kind, mark.title, mark.target) if mark.target
            else _OPEN.format(mark.kind, mark.title)
        )  # fmt: skip
        open_.append(mark)
        at = mark.start
    close_before(end)
    parts.append(escape(text[at:end]))
    return Markup("").join(parts)


def chosen(links: Sequence[Mark], others: Sequence[Mark]) -> list[Mark]:
    """The marks of a text that do not cross; links stand before others."""
    return nested([*links, *others], trust=[1] * len(links) + [0] * len(others))


def _cut(marks: Iterable[Mark], start: int, end: int) -> Iterable[Mark]:
    for mark in marks:
        if mark.start < end and mark.end > start:
            first, last = max(mark.start, start), min(mark.end, end)
            yield Mark(first, last, mark.kind, mark.title, mark.target)
