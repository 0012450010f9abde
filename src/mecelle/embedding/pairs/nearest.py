"""Which passage of a document a short text speaks of."""

from collections import Counter

from mecelle.documents.passages import Passage
from mecelle.text.casing import fold
from mecelle.text.stemming import search_terms
from mecelle.text.words import words

COPIED_WORDS = 5
"""Fewer words are a term of art, which a text about the matter cannot avoid."""


def nearest_passage(query: str, passages: list[Passage]) -> str:
    """Text of the passage that shares the largest part of the query's stems, the first of equals; "" if none does.

    Passages that hold a query of COPIED_WORDS and more word for word are passed over: they would teach to copy.
    """
    wanted = Counter(search_terms(query))
    key = flat(query) if len(words(query)) >= COPIED_WORDS else None
    best, most = "", 0
    for passage in passages:
        shared = (wanted & Counter(search_terms(passage.text))).total()
        if shared > most and (key is None or key not in flat(passage.text)):
            best, most = passage.text, shared
    return best


def flat(text: str) -> str:
    """Key for "word for word": caseless, white space as single spaces."""
    return " ".join(fold(text).split())
