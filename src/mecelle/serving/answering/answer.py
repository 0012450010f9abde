"""A checked answer: evidence, a draft by the language model, and what of it may be shown."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mecelle.models.endpoint import Chat, EndpointError
from mecelle.serving.answering.checks import Fault, find_fault
from mecelle.serving.answering.draft import Sentence, sentences_of, without_thinking
from mecelle.serving.answering.evidence import Evidence, Source
from mecelle.serving.answering.prompt import NO_ANSWER, messages
from mecelle.serving.answering.settings import AnswerSettings
from mecelle.text.casing import fold

Outcome = Literal[
    "answered", "no_model", "thin_evidence", "not_in_collection", "model_declined", "not_proved", "failed"
]
"""answered: checked sentences are there; no_model: no endpoint is set; thin_evidence: the passages hold too little of
the question; not_in_collection: the question names a decision or an article that the collection lacks; model_declined:
the model found no answer in the passages; not_proved: too much of its answer did not pass; failed: the endpoint was
down, too slow, or gave nothing. In all cases the passages are there."""

# How a Turkish sentence goes on from the one before: "Bu süre ...", "Ancak ...", "Aksi hâlde ...".
_GOES_ON = re.compile(
    r"(?:bu(?:nun|na|nu|ndan|nlar|radaki|na göre)?|söz konusu|anılan|aynı|ancak|fakat|ama|aksi|böyle\w*|dolayısıyla"
    r"|ayrıca|yine|o|onun|bunun\w*|şu kadar ki|ne var ki|oysa|çünkü|zira|aksine|öyle\w*)(?!\w)"
)


@dataclass(frozen=True, slots=True)
class Withheld:
    """A sentence that is not shown."""

    sentence: Sentence
    fault: Fault


@dataclass(frozen=True, slots=True)
class Answered:
    """What a question got."""

    outcome: Outcome
    sources: tuple[Source, ...]
    sentences: tuple[Sentence, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    missing: tuple[str, ...] = ()


class Answerer:
    """Asks the language model, and believes nothing."""

    def __init__(self, chat: Chat | None, settings: AnswerSettings, *, seconds: float) -> None:
        """chat: None where no endpoint is set. seconds: the longest time of the model, retries included."""
        self._chat, self._settings, self._seconds = chat, settings, seconds

    async def answer(self, question: str, evidence: Evidence) -> Answered:
        """The checked answer, or why there is none. Never raises for what the endpoint does."""
        sources = evidence.sources
        if evidence.missing:
            return Answered("not_in_collection", sources, missing=evidence.missing)
        if not sources or evidence.known_share < self._settings.least_known_share:
            return Answered("thin_evidence", sources)
        if self._chat is None:
            return Answered("no_model", sources)
        try:
            async with asyncio.timeout(self._seconds):
                written = await self._write(self._chat, question, sources)
        except (EndpointError, TimeoutError):
            return Answered("failed", sources)
        return await asyncio.to_thread(check, written, sources, self._settings)

    async def _write(self, chat: Chat, question: str, sources: Sequence[Source]) -> str:
        payload = {
            "messages": messages(question, sources),
            "temperature": self._settings.temperature,
            "max_tokens": self._settings.output_tokens,
        }
        answer = await chat.post_chat(payload)
        # Cut off at the limit, the last sentence is half a sentence.
        return answer.text if answer.finish_reason != "length" else _whole_sentences(answer.text)


def check(written: str, sources: Sequence[Source], settings: AnswerSettings) -> Answered:
    """What of a model's text may be shown."""
    written = without_thinking(written)
    if fold(NO_ANSWER) in fold(written):
        return Answered("model_declined", tuple(sources))
    shown: list[Sentence] = []
    withheld: list[Withheld] = []
    leans = False
    for sentence in sentences_of(written):
        fault = find_fault(sentence, sources, least_support=settings.least_support)
        if fault is None and leans and _GOES_ON.match(fold(sentence.text)):
            fault = Fault("leans_on_withheld")
        leans = fault is not None
        if fault is None:
            shown.append(sentence)
        else:
            withheld.append(Withheld(sentence, fault))
    if not shown and not withheld:
        return Answered("failed", tuple(sources))
    if not shown or len(withheld) / (len(shown) + len(withheld)) >= settings.most_withheld_share:
        return Answered("not_proved", tuple(sources), withheld=tuple(withheld))
    return Answered("answered", tuple(sources), tuple(shown), tuple(withheld))


def _whole_sentences(text: str) -> str:
    end = max(text.rfind(mark) for mark in ".!?]")
    return text[: end + 1]
