"""Kinds of pairs, one file each, found by listing this folder."""

from collections.abc import Iterator
from typing import Protocol

from mecelle.base.document import Document
from mecelle.base.registry import Registry
from mecelle.documents.passages import Passage
from mecelle.embedding.pairs.record import Draft


class PairKind(Protocol):
    """Proposes pairs from one document.

    passages: the pieces of the document, cut as the index cuts them, without overlap. seed: for kinds that draw; they
    derive a generator from it and the id of the document.
    """

    def __call__(self, document: Document, passages: list[Passage], *, seed: int) -> Iterator[Draft]: ...


KINDS: Registry[PairKind] = Registry(__name__, kind="kind of pair")
