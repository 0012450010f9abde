"""Labels that decisions give of themselves, and the text without the words that give them away.

Where words were hidden a blank stands. What cannot be hidden is how a court writes: its formulas may still tell it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from mecelle.segmentation.classification.kind import stated_kind, words_of_kinds
from mecelle.segmentation.classification.outcome import read_outcome, ruling_start
from mecelle.segmentation.entities.rules import find_by_rule
from mecelle.segmentation.record import Segmented
from mecelle.text.citations import find_citations
from mecelle.text.citations.mentions import plain
from mecelle.text.sentences import sentence_spans

_OUTCOME_WORDS = re.compile(
    r"(?<!\w)(?:boz(?:ul|ma|arak|muş)|ona[nym]|redd|ret(?!\w)|kabul|ihlal|düzelt(?:il|er)|yerinde görül)"
)
"""A sentence with one of these says how the case ends, or ended below; "yerinde görülmüş" is the formula for it."""
_HIGH_COURT = re.compile(
    r"(?<!\w)(?:yargıtay|danıştay|anayasa mahkeme|(?:ceza|hukuk) genel kurul|daire)\w*"
    r"|tebliğname\s+no\s*:?\s*\d{1,2}(?:\.?\s?[hc]d)?"
)


@dataclass(frozen=True)
class Labelled:
    """A decision for one question."""

    text: str
    labels: frozenset[str]
    """One, but for acts cited."""


def outcome(decision: Segmented) -> Labelled | None:
    """Outcome; hidden: the ruling and what follows it, and every sentence that speaks of an outcome, here or below."""
    found = read_outcome(decision)
    if found is None:
        return None
    s = plain(decision.text)
    spoken = [span for span in sentence_spans(decision.text) if _OUTCOME_WORDS.search(s, *span)]
    return _labelled(decision.text, [found], [*spoken, (ruling_start(decision), len(s))])


def chamber(decision: Segmented) -> Labelled | None:
    """Court and chamber of the metadata; hidden: names of courts and chambers, and numbers of decisions.

    The number of a prosecutor's opinion (tebliğname) begins with that of the chamber.
    """
    court, name = decision.metadata.get("court"), decision.metadata.get("chamber")
    if not court or not name:
        return None
    named = [(s.start, s.end) for s in find_by_rule(decision.text) if s.kind in ("court", "chamber", "decision")]
    named += [match.span() for match in _HIGH_COURT.finditer(plain(decision.text))]
    return _labelled(decision.text, [f"{court} {name}"], named)


def kind(decision: Segmented) -> Labelled | None:
    """Kind of case; hidden: the statement of it, and every word that names any of the kinds."""
    found = stated_kind(decision.text)
    if found is None:
        return None
    named = words_of_kinds(plain(decision.text))
    return _labelled(decision.text, [found.kind], [(found.start, found.end), *named])


def statutes(decision: Segmented) -> Labelled | None:
    """Numbers of the acts that are cited; hidden: every citation of an act, an article or a decision."""
    cited = find_citations(decision.text, date=decision.metadata.get("date"))
    laws = {key.partition(":")[0] for one in cited if one.kind != "decision" for key in one.normalised} - {"?"}
    return _labelled(decision.text, laws, [(one.start, one.end) for one in cited]) if laws else None


QUESTIONS: Mapping[str, Callable[[Segmented], Labelled | None]] = {
    "outcome": outcome, "chamber": chamber, "kind": kind, "statutes": statutes,
}  # fmt: skip
"""Name -> what makes the item of a decision, None for one that does not give the label."""


def without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with a blank for each run of overlapping spans.

    >>> without("hükmün ONANMASINA karar verildi", [(7, 17)])
    'hükmün   karar verildi'
    """
    parts, at = [], 0
    for start, end in sorted(spans):
        if start > at:
            parts.append(text[at:start])
        at = max(at, end)
    return " ".join([*parts, text[at:]])


def _labelled(text: str, labels: Iterable[str], hidden: Iterable[tuple[int, int]]) -> Labelled:
    return Labelled(without(text, hidden), frozenset(labels))
