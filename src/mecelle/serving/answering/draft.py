"""What the model wrote, as sentences that name their passages."""

import re
from dataclasses import dataclass

from mecelle.text.sentences import sentence_spans
from mecelle.text.unicode import clean

_MARKER = re.compile(r"\s*\[\s*\d{1,3}(?:\s*[,;]\s*\d{1,3})*\s*\]")
_NUMBER = re.compile(r"\d+")
_STOP = re.compile(r"(?P<stop>[.!?…]+)(?P<markers>(?:\s*\[[\d\s,;]+\])+)\s*\.?")
_LIST_MARK = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+")
_EMPHASIS = re.compile(r"\*{1,3}|_{2,3}|`+|^#+\s*", re.MULTILINE)
# Templates of some models open the thinking in the prompt: of their text only the end of it is seen.
_THINKING = re.compile(r"\A(?:(?!<think>).)*?</think>|<think>.*?(?:</think>|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence without its markers."""

    text: str
    sources: tuple[int, ...]
    """Numbers of passages that it names, each once."""


def without_thinking(written: str) -> str:
    """What a model wrote without what it says to itself in `<think>`.

    >>> without_thinking("Belki kırk gün.</think>Süre otuz gündür.")
    'Süre otuz gündür.'
    """
    return _THINKING.sub("", written)


def sentences_of(written: str) -> list[Sentence]:
    """The sentences of an answer. Marks of Markdown are left out.

    >>> sentences_of("Süre otuz gündür. [1] Dava açılır [2, 3].")
    [Sentence(text='Süre otuz gündür.', sources=(1,)), Sentence(text='Dava açılır.', sources=(2, 3))]
    """
    plain = _EMPHASIS.sub("", clean(written))
    # A marker behind the full stop goes before it, where the sentence still is.
    moved = _STOP.sub(lambda match: match["markers"] + match["stop"] + " ", plain)
    found = []
    for start, end in sentence_spans(moved):
        sentence = _LIST_MARK.sub("", moved[start:end])
        markers = "".join(_MARKER.findall(sentence))
        text = _MARKER.sub("", sentence).strip()
        if any(character.isalnum() for character in text):
            numbers = tuple(dict.fromkeys(int(number) for number in _NUMBER.findall(markers)))
            found.append(Sentence(text, numbers))
    return found
