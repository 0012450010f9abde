"""Stretches of a text with a kind, and the rule by which two readings of one text become one."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from mecelle.segmentation.entities.kinds import Kind


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open characters of a text; confidence is in 0..1, 1.0 where a rule found it."""

    start: int
    end: int
    kind: Kind
    confidence: float = 1.0


class Stretch(Protocol):
    """Anything with half-open characters."""

    @property
    def start(self) -> int:
        """First character."""

    @property
    def end(self) -> int:
        """The one behind the last."""


AnyStretch = TypeVar("AnyStretch", bound=Stretch)
FORMED: frozenset[Kind] = frozenset({
    "date", "article", "decision", "gazette", "court", "chamber", "case_number", "decision_number", "amount",
})  # fmt: skip
"""Kinds that have a form, for which a rule's reading stands before the encoder's."""


def merge(by_rule: Sequence[Span], by_encoder: Sequence[Span]) -> list[Span]:
    """Two readings of a text as one: sorted, outer spans before inner ones, none crossing another.

    The rule: of a kind that has a form (`FORMED`) the rules speak first, of the others the encoder; who speaks second
    is heard where the first has found nothing of that kind. Of spans of different kinds that would cross, or that
    share one place, the one with a form by rule stands before the encoder's, and that before the rest.
    """
    formed = [span for span in by_rule if span.kind in FORMED]
    heard = _where_free(by_encoder, formed)
    rest = _where_free([span for span in by_rule if span.kind not in FORMED], heard)
    return nested([*formed, *heard, *rest], trust=[2] * len(formed) + [1] * len(heard) + [0] * len(rest))


def nested(spans: Sequence[AnyStretch], *, trust: Sequence[int]) -> list[AnyStretch]:
    """Of spans that cross or share a place, only the more trusted one, else the longer one; sorted, outer before inner.

    >>> found = [Span(0, 9, "decision"), Span(5, 12, "court"), Span(0, 4, "date")]
    >>> [(span.start, span.end) for span in nested(found, trust=[2, 1, 2])]
    [(0, 9), (0, 4)]
    """
    order = sorted(zip(spans, trust, strict=True), key=lambda one: (one[0].start, -one[0].end, -one[1]))
    kept: dict[int, AnyStretch] = {}
    open_: list[tuple[int, AnyStretch, int]] = []  # the spans around the present place, outermost first
    for number, (span, trusted) in enumerate(order):
        while open_ and open_[-1][1].end <= span.start:
            open_.pop()
        if open_ and (open_[-1][1].start, open_[-1][1].end) == (span.start, span.end):
            continue
        crossed = open_[next((at for at in range(len(open_), 0, -1) if open_[at - 1][1].end >= span.end), 0) :]
        if any(_weight(span, trusted) <= _weight(*one[1:]) for one in crossed):
            continue
        for lost, *_ in crossed:
            open_.pop()
            del kept[lost]
        kept[number] = span
        open_.append((number, span, trusted))
    return list(kept.values())


def outermost(spans: Iterable[AnyStretch]) -> list[AnyStretch]:
    """Those of `nested` spans that lie inside no other: the reading in which nothing overlaps."""
    found: list[AnyStretch] = []
    for span in spans:
        if not found or span.start >= found[-1].end:
            found.append(span)
    return found


def _weight(span: Stretch, trusted: int) -> tuple[int, int]:
    return trusted, span.end - span.start


def _where_free(spans: Sequence[Span], first: Sequence[Span]) -> list[Span]:
    """The spans that overlap none of the same kind in `first`, whose spans of one kind do not overlap themselves."""
    taken: dict[Kind, list[tuple[int, int]]] = defaultdict(list)
    for span in sorted(first, key=lambda span: span.start):
        taken[span.kind].append((span.start, span.end))
    free = []
    for span in spans:
        before = bisect_left(taken[span.kind], (span.end, 0))
        if before == 0 or taken[span.kind][before - 1][1] <= span.start:
            free.append(span)
    return free
