"""Search terms: content words cut to a stem or to their first letters, for lexical search (BM25).

Stems are keys, not lemmas: the Snowball stemmer finds the dictionary form of about 57% of running words (UD BOUN).
Use a morphology where the form itself is shown.
"""

import threading
from collections.abc import Sequence
from functools import cache
from typing import Literal

import Stemmer

from mecelle.base.errors import ConfigError
from mecelle.text.casing import lower
from mecelle.text.tables import table
from mecelle.text.words import split_suffix, words

Method = Literal["snowball", "first5"]

_local = threading.local()  # a PyStemmer object keeps state and must not be shared between threads


def _stemmer() -> Stemmer.Stemmer:
    stemmer: Stemmer.Stemmer | None = getattr(_local, "stemmer", None)
    if stemmer is None:
        stemmer = _local.stemmer = Stemmer.Stemmer("turkish")
    return stemmer


@cache
def stop_words() -> frozenset[str]:
    """The function words of data/stop_words.txt, in lower case."""
    return frozenset(map(lower, table("stop_words")))


def stems(words: Sequence[str]) -> list[str]:
    """Snowball (PyStemmer ``turkish``) stem of each word, after Turkish lower-casing.

    Words with a digit are lower-cased only.

    >>> stems(["MAHKEMENİN", "mahkemesince", "2019/1234"])
    ['mahkeme', 'mahkeme', '2019/1234']
    """
    lowered = [lower(word) for word in words]
    cut: list[str] = _stemmer().stemWords(lowered)
    return [word if _has_digit(word) else stem for word, stem in zip(lowered, cut, strict=True)]


def prefix(words: Sequence[str], n: int = 5) -> list[str]:
    """The first `n` characters of each word, after Turkish lower-casing.

    Words with a digit stay whole, since half a number is another number. A strong baseline for Turkish: five letters
    hold most roots and drop most suffixes. Raises ConfigError if `n` is under 1.
    """
    if n < 1:
        raise ConfigError(f"prefix length is {n}; it must be 1 or more")
    return [word if _has_digit(word) else word[:n] for word in map(lower, words)]


def content_words(s: str) -> list[str]:
    """Words of the text in lower case, in order, without apostrophe suffixes and stop words.

    >>> content_words("Kiracı, TBK'nın 315. maddesine göre ne yapar?")
    ['kiracı', 'tbk', '315', 'maddesine', 'yapar']
    """
    stop = stop_words()
    plain = (lower(split_suffix(word)[0]) for word in words(s))
    return [word for word in plain if word not in stop]


def search_terms(s: str, *, method: Method = "snowball") -> list[str]:
    """Terms to index or to ask for: `content_words` cut by `method`, ``snowball`` (`stems`) or ``first5`` (`prefix`).

    Raises ConfigError for another method. A text of stop words alone gives no terms.
    """
    if method == "snowball":
        return stems(content_words(s))
    if method == "first5":
        return prefix(content_words(s))
    raise ConfigError(f"search term method {method!r} is unknown; use 'snowball' or 'first5'")


def _has_digit(word: str) -> bool:
    return not word.isalpha() and any(character.isdigit() for character in word)
