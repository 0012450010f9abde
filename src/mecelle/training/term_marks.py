"""Where legal terms stand, token by token: found once in the text, kept beside the tokens."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mecelle.base.collection import read_documents
from mecelle.base.errors import InputError
from mecelle.text.term_matcher import Span, TermMatcher
from mecelle.tokenizer.seeding import clean_terms, document_term, read_terms

BEGINS: Final = 1
INSIDE: Final = 2


def make_matcher(training: Path, lists: Sequence[Path]) -> TermMatcher:
    """A matcher for the terms of `lists` (see `read_terms`) and of the collection's own dictionary documents.

    Raises InputError if there are none.
    """
    rows = [row for path in lists for row in read_terms(path)]
    matcher = TermMatcher(clean_terms([*rows, *_dictionary_terms(training)]))
    if not matcher.terms:
        raise InputError(
            f"{training}: terms are to be masked and there are none: no list was given, and no document is of kind "
            "'dictionary'. Give a list (--terms), or leave keyword.v1 out of `masking`"
        )
    return matcher


def mark_terms(
    spans: Sequence[Span], offsets: Sequence[tuple[int, int]], word_starts: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """BEGINS at the first token of an occurrence, INSIDE at its others, 0 elsewhere; shape (tokens,).

    spans: occurrences, in order and apart; offsets: half-open characters of each token; word_starts: 1 where a token
    begins a word. An occurrence takes in the whole of every word it touches, so that no word is a term in part; one in
    a word of an earlier one belongs to that.
    """
    marks = np.zeros(len(word_starts), np.uint8)
    if not spans:
        return marks
    starts, ends = np.asarray(offsets).T
    from_S, to_S = np.asarray(spans).T
    edges = np.append(np.flatnonzero(word_starts), len(word_starts))
    first_S, last_S = np.searchsorted(ends, from_S, side="right"), np.searchsorted(starts, to_S, side="left")
    there = last_S > first_S  # others are characters that the tokenizer's normalizer dropped
    begin_S = edges[np.searchsorted(edges, first_S[there], side="right") - 1]
    end_S = edges[np.searchsorted(edges, last_S[there], side="left")]
    done = 0
    for begin, end in zip(begin_S.tolist(), end_S.tolist(), strict=True):
        begin, done = max(done, begin), max(done, end)
        marks[begin:done] = INSIDE
        marks[begin : begin + (done > begin)] = BEGINS
    return marks


def _dictionary_terms(training: Path) -> Iterator[str]:
    for document in read_documents(training):
        term = document_term(document)
        if term:
            yield term
