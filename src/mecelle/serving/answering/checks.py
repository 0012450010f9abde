"""What makes a sentence of an answer unfit to be shown. Each check looks for one kind of lie; the first is told."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from mecelle.serving.answering.draft import Sentence
from mecelle.serving.answering.evidence import Source
from mecelle.serving.answering.polarity import opposite_predicate
from mecelle.serving.answering.quantities import Quantity, quantities
from mecelle.text.casing import fold
from mecelle.text.citations import Citation, article_of, find_citations
from mecelle.text.sentences import sentences
from mecelle.text.stemming import content_words, prefix

FaultKind = Literal[
    "no_source", "unknown_source", "article_not_in_source", "law_not_in_source", "decision_not_in_source",
    "number_not_in_source", "unsupported", "opposite", "leans_on_withheld",
]  # fmt: skip
"""no_source: the sentence names no passage; unknown_source: one that was not given; *_not_in_source: it cites or counts
what its passages do not; unsupported: its words are not theirs; opposite: its predicate is negated where theirs is not,
or the other way; leans_on_withheld: it goes on from a sentence that is withheld."""

T = TypeVar("T")

_NEIGHBOURS = 3
_NUMBER = re.compile(r"[ekb][\d?]")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_LABEL = re.compile(r"(?<!\w)(?:e|k|b|esas|karar|başvuru)(?!\w)")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a sentence is withheld."""

    kind: FaultKind
    found: str = ""
    """The citation or the number that no passage holds."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence with the passages that it names."""

    text: str
    sources: tuple[Source, ...]

    def source_text(self) -> str:
        """All that it may rest on."""
        return "\n".join(source.text for source in self.sources)

    def citable_keys(self) -> set[str]:
        """All that it may cite."""
        return {key for source in self.sources for key in source.citable_keys()}


def find_fault(sentence: Sentence, sources: Sequence[Source], *, least_support: float) -> Fault | None:
    """What is wrong with a sentence, or None. sources: all passages that the model was given."""
    if not sentence.sources:
        return Fault("no_source")
    by_number = {source.number: source for source in sources}
    if unknown := [number for number in sentence.sources if number not in by_number]:
        return Fault("unknown_source", f"[{unknown[0]}]")
    claim = Claim(sentence.text, tuple(by_number[number] for number in sentence.sources))
    checks: tuple[Callable[[Claim], Fault | None], ...] = (
        wrong_citation,
        wrong_number,
        lambda one: unsupported(one, least_support),
        says_the_opposite,
    )
    return next((fault for check in checks if (fault := check(claim))), None)


def wrong_citation(claim: Claim) -> Fault | None:
    """An act, an article or a decision that the passages neither are nor cite."""
    citations = find_citations(claim.text)
    keys = claim.citable_keys() if citations else set()
    for citation in citations:
        for key in citation.normalised:
            if not _holds(keys, citation, key, claim):
                said = claim.text[citation.start : citation.end]
                kinds: dict[str, FaultKind] = {
                    "article": "article_not_in_source",
                    "law": "law_not_in_source",
                    "decision": "decision_not_in_source",
                }
                return Fault(kinds[citation.kind], said)
    return None


def _holds(keys: set[str], citation: Citation, key: str, claim: Claim) -> bool:
    if key in keys:
        return True
    if citation.kind == "law":
        return any(other.partition(":")[0] == key for other in keys)
    if citation.kind == "decision":
        is_labelled = bool(_LABEL.search(fold(claim.text[citation.start : citation.end])))
        return _holds_decision(keys, key, claim, is_labelled=is_labelled)
    law, _, place = key.partition(":")
    if law == "?" and any(other.partition(":")[2] == place for other in keys):
        return True
    article = article_of(key).partition(":")[2]
    own = [other for other in keys if article_of(other).partition(":")[2] == article]
    same = own if law == "?" else [other for other in own if other.partition(":")[0] == law]
    return bool(same) and _holds_paragraph(key, claim)


def _holds_paragraph(key: str, claim: Claim) -> bool:
    """Whether a passage is the cited article and has the paragraph; of one that cites, the key itself must be there."""
    part = key.removeprefix(article_of(key))
    if not part:
        return True
    paragraph = re.match(r"/(\d+)", part)
    law, _, article = article_of(key).partition(":")
    for source in claim.sources:
        own = fold(source.hit.article or "")
        if own.partition(":")[2] == article and law in ("?", own.partition(":")[0]):
            if paragraph is None:
                return True
            lines = [line for line in source.hit.passage.splitlines() if line.strip()]
            if f"({paragraph[1]})" in source.hit.passage or int(paragraph[1]) <= len(lines):
                return True
    return False


def _holds_decision(keys: set[str], key: str, claim: Claim, *, is_labelled: bool) -> bool:
    """Whether one decision of the passages has the court, the chamber and each number that the key says.

    A number counts under its own label alone (esas, karar), unless the sentence says it without one.
    """
    court, numbers = _court_and_numbers(key)
    bare = {number[1:] for number in numbers}
    courts: set[str] = set()
    for other in keys:
        other_court, held = _court_and_numbers(other)
        if numbers <= held or (not is_labelled and bare <= {number[1:] for number in held}):
            courts.add(other_court)
    # A court that a text leaves open ("?") may be any, but not where a passage is or names the decision of that number.
    own = (source.hit for source in claim.sources if source.hit.court)
    is_known = bool(courts - {"?"}) or any(bare <= {hit.case_number, hit.decision_number} for hit in own)
    return bool(courts) and (court == "?" or court in courts or not is_known)


def _court_and_numbers(key: str) -> tuple[str, frozenset[str]]:
    """`yargıtay:4hd` and {`e2024/3494`, `k2024/5460`}; no numbers for the key of an act or article."""
    parts = key.split(":")
    numbers = frozenset(part for part in parts if _NUMBER.match(part))
    return ":".join(part for part in parts if part not in numbers), numbers


def wrong_number(claim: Claim) -> Fault | None:
    """A number, a span of time, an amount or a date that the passages do not hold.

    Numbers of citations are checked apart; the date between the court and the number of a decision is not.
    """
    cited = [(one.start, one.end) for one in find_citations(claim.text)]
    held = quantities(claim.source_text())
    values, units = {one.value for one in held}, {(one.value, one.unit) for one in held}
    for one in quantities(claim.text):
        is_cited = any(one.start < end and start < one.end for start, end in cited)
        if is_cited and not _DATE.fullmatch(one.value):
            continue
        if not _is_held(one, values, units):
            return Fault("number_not_in_source", claim.text[one.start : one.end].strip() + _unit(one))
    return None


def _is_held(one: Quantity, values: set[str], units: set[tuple[str, str | None]]) -> bool:
    return one.value in values if one.unit is None else (one.value, one.unit) in units


def _unit(one: Quantity) -> str:
    return f" {one.unit}" if one.unit else ""


def unsupported(claim: Claim, least_support: float) -> Fault | None:
    """Too few of its words stand close together in the passages, or it has none that say anything."""
    return None if support(claim) >= least_support else Fault("unsupported")


def support(claim: Claim) -> float:
    """Share of a sentence's content words, without citations and numbers, in the best of three neighbouring sentences.

    Words are compared by their first five letters, which hold most roots and drop most suffixes.
    """
    asked = _terms(_without_citations(claim.text))
    if not asked:
        return 0.0
    shares = [len(asked & window) / len(asked) for source in claim.sources for window in _windows(source)]
    return max(shares, default=0.0)


def _terms(text: str) -> set[str]:
    return {term for term in prefix(content_words(text)) if not term[0].isdigit()}


def _without_citations(text: str) -> str:
    for citation in reversed(find_citations(text)):
        text = f"{text[: citation.start]} {text[citation.end :]}"
    return text


def _windows(source: Source) -> list[set[str]]:
    """Terms of each run of neighbouring sentences; the citation of the document is in all of them."""
    terms = [_terms(sentence) for sentence in sentences(source.hit.passage)]
    own = _terms(source.hit.citation)
    return [own.union(*run) for run in _runs(terms)]


def says_the_opposite(claim: Claim) -> Fault | None:
    """Its predicate is negated and that of the nearest sentences of its passages is not, or the other way round."""
    predicate = opposite_predicate(claim.text, _nearest(claim))
    return Fault("opposite", predicate) if predicate else None


def _nearest(claim: Claim) -> str:
    """The neighbouring sentences of the passages that hold most of its words."""
    asked = _terms(_without_citations(claim.text))
    runs = [run for source in claim.sources for run in _runs(sentences(source.hit.passage))]
    return " ".join(max(runs, key=lambda run: len(asked & _terms(" ".join(run))), default=[]))


def _runs(items: list[T]) -> list[list[T]]:
    """Each run of neighbours, the whole list where it is shorter."""
    return [items[at : at + _NEIGHBOURS] for at in range(max(1, len(items) - _NEIGHBOURS + 1))]
