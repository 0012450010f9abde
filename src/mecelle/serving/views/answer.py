"""An answer with its passages."""

from mecelle.serving.answering.answer import Outcome
from mecelle.serving.answering.checks import FaultKind
from mecelle.serving.views.base import View
from mecelle.serving.views.search import HitView, Question


class SourceView(View):
    """A passage that an answer may rest on, under its number."""

    number: int
    """From 1; sentences name it."""
    hit: HitView


class SentenceView(View):
    """A sentence of an answer that passed every check."""

    text: str
    sources: tuple[int, ...]
    """Numbers of the passages that it rests on."""


class WithheldView(View):
    """A sentence that is not shown, and why."""

    fault: FaultKind
    found: str
    """The citation or number that no passage holds, if that is the fault."""


class AnswerResult(View):
    """What `answer` answers. Where there are no sentences, `outcome` says why, and the passages are the answer."""

    query: str
    outcome: Outcome
    sentences: list[SentenceView]
    withheld: list[WithheldView]
    missing: list[str]
    """What the question names and the collection lacks."""
    sources: list[SourceView]
    model: str | None
    """Name of the language model that was asked."""
    milliseconds: float


class AnswerRequest(Question):
    """What `answer` is asked."""
