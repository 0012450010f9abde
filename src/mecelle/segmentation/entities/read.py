"""All of it at once: entities, citations and outcome of a decision whose sections are known or not."""

from mecelle.segmentation.classification.outcome import read_outcome
from mecelle.segmentation.entities.links import Articles, link
from mecelle.segmentation.entities.rules import find_by_rule
from mecelle.segmentation.entities.spans import Span, merge
from mecelle.segmentation.entities.tagger import EntityTagger
from mecelle.segmentation.record import Entity, Segmented
from mecelle.text.citations import Citation, find_citations
from mecelle.text.headers import decision_metadata


class DecisionReader:
    """Adds to a decision what stands in it."""

    def __init__(self, *, tagger: EntityTagger | None = None, articles: Articles | None = None) -> None:
        """tagger: for persons, organisations and places; without one, rules alone. articles: what citations lead to."""
        self.tagger, self.articles = tagger, articles

    def read(self, decision: Segmented) -> Segmented:
        """The decision with entities, citations and outcome; its sections stay.

        Its day and its own numbers are those of its metadata, else what its text says. It does not cite itself.
        """
        text, told, said = decision.text, decision.metadata, decision_metadata(decision.text)
        date = told.get("date") or said.date
        case = told.get("case_number") or said.case_number
        own = {f"e{case}", f"b{case}", f"k{told.get('decision_number') or said.decision_number}"}
        citations = find_citations(text, date=date)
        others = [one for one in citations if one.kind != "decision" or not own >= _numbers(one)]
        spans = merge(find_by_rule(text, citations), self.tagger.find(text) if self.tagger else [])
        outcome = read_outcome(decision)
        return decision.model_copy(update={
            "entities": tuple(_entity(text, span) for span in spans),
            "citations": tuple(link(text, self.articles, date=date, citations=others)),
            "outcome": outcome,
            "outcome_confidence": None if outcome is None else 1.0,
        })  # fmt: skip


def _numbers(cited: Citation) -> set[str]:
    """Case and decision number of a cited decision, as its key has them: e2021/100, k2022/7."""
    parts = cited.normalised[0].split(":")
    return {part for part in parts if part[:1] in "ebk" and part[1:2].isdigit()}  # "22hd" is a chamber


def _entity(text: str, span: Span) -> Entity:
    return Entity(
        kind=span.kind, start=span.start, end=span.end, text=text[span.start : span.end], confidence=span.confidence
    )
