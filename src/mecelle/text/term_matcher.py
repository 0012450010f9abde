"""Terms of a list found in running text at every inflection, in time that grows with the text alone.

The words before a term's last one stand as the list has them, the last one is inflected: "tazminat davası" is found
in "tazminat davalarından", "Yargıtay" in "Yargıtay'ın". See `inflection` for what counts as such.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final, NamedTuple

from mecelle.text.inflection import bases, compound_bases, key, verb_stem
from mecelle.text.stemming import stop_words
from mecelle.text.tables import table
from mecelle.text.words import word_spans, words

LEAST_LETTERS: Final = 3
"""Of a term of one word: shorter ones are abbreviations and endings more often than terms."""
MOST_FORMS: Final = 500_000
"""Written words that are remembered, about 100 MB; then the memory starts anew."""

_GAP = re.compile(r"[^\S\n]*[-\n]?[^\S\n]*")  # between the words of a term: spaces, one hyphen or line end at most

Span = tuple[int, int]
"""Half-open character offsets in the text."""


class TermMatcher:
    """Finds the terms of one list. Each word of a text costs one look-up; only words of terms cost more."""

    def __init__(self, terms: Iterable[str]) -> None:
        """terms: as a dictionary has them, in any case. Empty ones, stop words, numbers and single words of under
        LEAST_LETTERS are left out; `terms` holds the others, in small letters, each once.
        """
        split = {tuple(map(key, words(term))) for term in terms}
        self.terms: frozenset[tuple[str, ...]] = frozenset(filter(_is_useful, split))
        self._root = _Node()
        self._memory = _Memory()
        for term in self.terms:
            self._root.add(term)
            self._memory.know(term)

    def find(self, text: str) -> list[Span]:
        """The occurrences in order: the longest term that begins at a word, none within another."""
        spans = word_spans(text)
        read = [self._memory[text[start:end]] for start, end in spans]
        found: list[Span] = []
        free = 0
        for first, word in enumerate(read):
            if word is not None and first >= free:
                last = self._longest(text, spans, read, first)
                if last is not None:
                    found.append((spans[first][0], spans[last][1]))
                    free = last + 1
        return found

    def _longest(self, text: str, spans: Sequence[Span], read: Sequence["_Word | None"], first: int) -> int | None:
        """Number of the last word of the longest term that begins at word `first`."""
        node, last = self._root, None
        for number in range(first, len(read)):
            word = read[number]
            if word is None or (number > first and not _GAP.fullmatch(text, spans[number - 1][1], spans[number][0])):
                break
            if not node.ends.isdisjoint(word.endings):
                last = number
            if word.form not in node.following:
                break
            node = node.following[word.form]
        return last


class _Node:
    """Where a term stands after some of its words."""

    __slots__ = ("ends", "following")

    def __init__(self) -> None:
        self.following: dict[str, _Node] = {}
        self.ends: set[str] = set()

    def add(self, term: tuple[str, ...]) -> None:
        node = self
        for word in term[:-1]:
            node = node.following.setdefault(word, _Node())
        node.ends |= _endings(term)


class _Word(NamedTuple):
    """A word of the text that may belong to a term."""

    form: str
    endings: frozenset[str]
    """Last words of terms that it may be an inflection of."""


class _Memory(dict[str, _Word | None]):
    """Words as written, read when first met; None for those that stand in no term."""

    def __init__(self) -> None:
        super().__init__()
        self._inner: set[str] = set()
        self._endings: set[str] = set()
        self._beginnings: set[str] = set()

    def know(self, term: tuple[str, ...]) -> None:
        self._inner.update(term[:-1])
        self._endings |= _endings(term)
        self._beginnings.update(one[: max(len(one) - 2, min(2, len(one) - 1))] for one in _endings(term))

    def __missing__(self, written: str) -> _Word | None:
        if len(self) >= MOST_FORMS:
            self.clear()
        form = key(written)
        read: tuple[str, ...] = (form,)
        # Suffixes change the last two letters of a stem at most (hüküm, hükmü): the others need no analysis.
        if form not in _frozen() and any(form[:end] in self._beginnings for end in range(1, len(form))):
            read = bases(written)
        endings = self._endings.intersection(read)
        found = self[written] = _Word(form, frozenset(endings)) if endings or form in self._inner else None
        return found


@cache
def _frozen() -> frozenset[str]:
    """Function words that look like inflected nouns: "hakkında" (about) is no form of "hak"."""
    return frozenset(map(key, (*stop_words(), *table("postpositions"))))


def _is_useful(term: tuple[str, ...]) -> bool:
    if len(term) != 1:
        return bool(term)
    return len(term[0]) >= LEAST_LETTERS and term[0] not in stop_words() and any(map(str.isalpha, term[0]))


def _endings(term: tuple[str, ...]) -> set[str]:
    """How `bases` may give the last word: as listed, of a verb its stem, of a compound also without its -(s)I."""
    last = term[-1]
    stem = verb_stem(last)
    return {last, *([stem] if stem else []), *(compound_bases(last) if len(term) > 1 else ())}
