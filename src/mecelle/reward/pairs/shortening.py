"""Answers of a bounded length, of whole sentences; references of a bounded number of words."""

from mecelle.text.sentences import sentences
from mecelle.text.words import word_spans, words


def first_sentences(text: str, most_words: int) -> str:
    """As many whole sentences from the beginning as have `most_words` words, "" if the first has more."""
    return " ".join(_within(sentences(text), most_words))


def last_sentences(text: str, most_words: int) -> str:
    """The same from the end."""
    return " ".join(reversed(_within(list(reversed(sentences(text))), most_words)))


def first_words(text: str, number: int) -> str:
    """The text up to the end of its word of that number, from the beginning; all of a shorter one, "" for 0."""
    spans = word_spans(text)[:number]
    return text[: spans[-1][1]] if spans else ""


def _within(pieces: list[str], most_words: int) -> list[str]:
    kept, room = [], most_words
    for piece in pieces:
        room -= len(words(piece))
        if room < 0:
            break
        kept.append(" ".join(piece.split()))
    return kept
