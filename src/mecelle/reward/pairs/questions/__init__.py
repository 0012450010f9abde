"""Kinds of questions, one file each, found by listing this folder: from a document to questions with true answers."""

from collections.abc import Iterator
from typing import Protocol

from mecelle.base.document import Document
from mecelle.base.registry import Registry
from mecelle.reward.pairs.record import Asked


class QuestionKind(Protocol):
    """Asks what one document answers. most_words: of an answer, which is shortened by whole sentences.

    A kind that draws derives a generator from the seed and the id of the document.
    """

    def __call__(self, document: Document, *, most_words: int, seed: int) -> Iterator[Asked]: ...


KINDS: Registry[QuestionKind] = Registry(__name__, kind="kind of question")
