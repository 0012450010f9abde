"""Words of a text, numbers kept whole, and the suffix behind an apostrophe."""

import re
from functools import cache

from mecelle.text.casing import fold
from mecelle.text.tables import table

# One combining mark at a time: with marks in runs, the ways to part a run double with each mark.
_SUFFIX = r"['’‘`´ʼ][^\W\d_]+(?:[\u0300-\u036f][^\W_]*)*"
_WORD = re.compile(
    rf"""
      [^\W\d_]+ [^\W_]* (?:[\u0300-\u036f][^\W_]*)* (?:{_SUFFIX})*   # a combining mark (as in "i̇") is part of the word
    | \d+ (?:[.,/:\-]\d+)*                                           # 2019/1234, 10.02.2019, 1.250,75, 49/2
      (?:/[^\W\d_](?![^\W_]))? [^\W_]* (?:{_SUFFIX})*                # 10/A, 5inci, 49/2'nin
    """,
    re.VERBOSE,
)
_LAST_SUFFIX = re.compile(rf"(?<=\w)({_SUFFIX})$")


def words(s: str) -> list[str]:
    """Words and numbers in order, as written; punctuation and underscores are left out.

    A suffix stays on its word (``TBK'nın``; see `split_suffix`), a number with inner ``. , / - :`` is one word.

    >>> words("E. 2019/1234 sayılı, TBK'nın 49/2. maddesi")
    ['E', '2019/1234', 'sayılı', "TBK'nın", '49/2', 'maddesi']
    """
    return _WORD.findall(s)


def word_spans(s: str) -> list[tuple[int, int]]:
    """Half-open character offsets of `words`, sorted and disjoint."""
    return [match.span() for match in _WORD.finditer(s)]


@cache
def _apostrophe_words() -> tuple[str, ...]:
    return tuple(map(fold, table("apostrophe_words")))


def split_suffix(word: str) -> tuple[str, str]:
    """The word and the suffix behind its last apostrophe, apostrophe included; joined they are the word again.

    The suffix is empty when there is none, or when the apostrophe belongs to the word (``kat'i``, ``Kur'an``; listed in
    data/apostrophe_words.txt).

    >>> split_suffix("TBK'nın"), split_suffix("mer'i")
    (('TBK', "'nın"), ("mer'i", ''))
    """
    match = _LAST_SUFFIX.search(word)
    if match is None:
        return word, ""
    stem, suffix = word[: match.start()], match.group()
    if not any(c in stem for c in "'’‘`´ʼ") and fold(word).startswith(_apostrophe_words()):
        return word, ""
    return stem, suffix
