"""Questions typed without Turkish letters ("kiraci kirayi odemezse"): the terms of an index that each word may mean.

Nothing is added to an index for this: each word is asked for in all its spellings that the index has a term for. So
right spellings are stemmed by Turkish rules, which fail on ASCII ("isciye" and "işçiye" differ by two letters, their
stems "isci" and "işçi" as well), and indexes of before are searched alike.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from mecelle.text.casing import ascii_fold
from mecelle.text.stemming import Method, content_words, prefix, stems, stop_words


@dataclass(frozen=True, slots=True)
class AskedWord:
    """A content word of a question."""

    typed: str
    """As it was typed, in lower case."""
    meant: tuple[str, ...]
    """Its spellings that the index knows; as it was typed if there is none."""
    terms: tuple[str, ...]
    """The search terms of these, each once."""


_TURKISH_ONLY = frozenset("çğıöşüÇĞİÖŞÜ")
"""Who types one of these has the others too."""
_SPELLINGS = {"c": "cç", "g": "gğ", "i": "iı", "o": "oö", "s": "sş", "u": "uü"}
_MOST_LETTERS = 12
"""Letters of a word that are tried both ways, so that there are 4,096 spellings at most. What follows in so long a
word are suffixes, most of which the stem lacks."""


def asked_words(question: str, *, method: Method, is_known: Callable[[str], bool]) -> list[AskedWord]:
    """The content words of a question, in order, with what each may mean.

    method: how words become terms; is_known: whether the index has a term.
    A word of a question with Turkish letters means itself if the index knows it. All others mean whichever of their
    spellings the index knows.

    >>> asked_words("isci", method="snowball", is_known={"işçi"}.__contains__)
    [AskedWord(typed='isci', meant=('işçi',), terms=('işçi',))]
    """
    is_typed_right = not _TURKISH_ONLY.isdisjoint(question)
    found: list[AskedWord] = []
    for word in content_words(question):
        [own] = _cut((word,), method)
        is_right = is_known(own)
        if is_right and is_typed_right:
            found.append(AskedWord(word, (word,), (own,)))
        elif is_right or ascii_fold(word) not in _folded_stop_words():  # "icin" is "için", but "su" is water, not "şu"
            found.append(_restored(word, own, method, is_known))
    return found


def _restored(word: str, own: str, method: Method, is_known: Callable[[str], bool]) -> AskedWord:
    written = spellings(word)
    known = [(spelt, term) for spelt, term in zip(written, _cut(written, method), strict=True) if is_known(term)]
    meant, terms = zip(*known, strict=True) if known else ((word,), (own,))
    return AskedWord(word, meant, tuple(dict.fromkeys(terms)))


def spellings(word: str) -> tuple[str, ...]:
    """What a word of lower case can be with Turkish letters, itself among it; stop words are left out.

    A word with a digit has one spelling.

    >>> spellings("gun")
    ('gun', 'gün', 'ğun', 'ğün')
    """
    if any(character.isdigit() for character in word):
        return (word,)
    plain = ascii_fold(word)
    open_letters = [place for place, letter in enumerate(plain) if letter in _SPELLINGS][:_MOST_LETTERS]
    choices = [_SPELLINGS[letter] if place in open_letters else letter for place, letter in enumerate(plain)]
    written = map("".join, itertools.product(*choices))
    return tuple(one for one in written if one not in stop_words())


def _cut(words: tuple[str, ...], method: Method) -> list[str]:
    return stems(words) if method == "snowball" else prefix(words)


@cache
def _folded_stop_words() -> frozenset[str]:
    return frozenset(map(ascii_fold, stop_words()))
