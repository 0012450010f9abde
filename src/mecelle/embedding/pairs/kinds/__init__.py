"""Kinds of pairs, one file each, found by listing this folder."""

from collections.abc import Callable, Iterator

from mecelle.base.registry import Registry
from mecelle.embedding.pairs.record import Draft

PairKind = Callable[..., Iterator[Draft]]
"""`kind(document, passages, *, seed)`: proposes pairs from one document.

passages: the pieces of the document, cut as the index cuts them, without overlap. seed: for kinds that draw; they
derive a generator from it and the id of the document. A kind that looks beyond its document says so by the keyword
`articles`: it is given the `CitedArticles` of the whole collection.
"""

KINDS: Registry[PairKind] = Registry(__name__, kind="kind of pair")
