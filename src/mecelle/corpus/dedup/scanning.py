"""One compiled pass over a text: its words as numbers, and the key of what is decisive in it.

A word here is a run of letters and digits in one case. `View.folded`, which the filters share, keeps apostrophes and
dates in one piece; n-grams and numbers do not need that, and a compiled pass of their own over the characters costs
less (0.02 s/MB with the n-grams) than to make numbers of the shared list of Python strings (0.08 s/MB).
"""

import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mecelle.corpus.dedup.decisive import LETTER_LIKE, decisive_words, negation_marks
from mecelle.corpus.dedup.shingles import Hashes
from mecelle.text.casing import fold

Codes = NDArray[np.uint32]
"""Unicode code points of a text."""

OTHER, LETTER, DIGIT, MARK = range(4)
"""What a character is; marks (U+0300 to U+036F, which NFC left standing alone) belong to the word they follow."""

_PLANE = 0x10000  # characters beyond it are kept as they are, and count as letters
_CASED_BELOW, _WIDE_FROM = 0x3000, 0xFF00  # between the two, scripts have no case

_A, _E, _I, _M, _S, _U, _Z, _DOT = (np.uint32(ord(letter)) for letter in "aeimsuz\u0307")
_BACK_I, _FRONT_U = np.uint32(ord("ı")), np.uint32(ord("ü"))

_WORD_START = np.uint64(0xCBF29CE484222325)  # FNV-1a, over code points
_WORD_PRIME = np.uint64(0x100000001B3)


class Tables(NamedTuple):
    """What the pass looks up."""

    folded: Codes
    """Of each character of the basic plane, the one that stands for it in one case."""
    kinds: NDArray[np.uint8]
    """Of each character of the basic plane, OTHER to MARK."""
    decisive: Hashes
    """Hashes of decisive words, sorted."""
    letter_like: Hashes
    """Hashes of the numbers that a scan reads for letters, sorted."""
    negations: Hashes
    """Negation marks, 16 bits a letter, sorted."""


def code_points(text: str) -> Codes:
    """The characters of a text as numbers, in NFC."""
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


@cache
def tables() -> Tables:
    """Tables for Turkish; digits and diacritics stay apart, as in `mecelle.text.casing.fold`."""
    folded, kinds = np.arange(_PLANE, dtype=np.uint32), np.zeros(_PLANE, dtype=np.uint8)
    for code, character in enumerate(map(chr, range(_PLANE))):
        if character.isalnum():
            kinds[code] = DIGIT if character.isdecimal() else LETTER
            if code < _CASED_BELOW or code >= _WIDE_FROM:
                alike = fold(character)
                folded[code] = ord(alike) if len(alike) == 1 else code
    kinds[0x300:0x370] = MARK
    none = np.empty(0, dtype=np.uint64)
    bare = Tables(folded, kinds, none, none, none)
    marks = [_packed(*(0 if letter == "$" else ord(letter) for letter in mark)) for mark in negation_marks()]
    return Tables(
        folded,
        kinds,
        decisive=_hashes(decisive_words(), bare),
        letter_like=_hashes(LETTER_LIKE, bare),
        negations=np.sort(np.array(marks, dtype=np.uint64)),
    )


def _hashes(words: Iterable[str], bare: Tables) -> Hashes:
    return np.sort(scan(code_points(" ".join(words)), bare)[0])


@njit(cache=True)
def mix(value):  # type: ignore[no-untyped-def]
    """Spread the bits of a 64-bit number (the finaliser of splitmix64)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@njit(cache=True)
def scan(codes, tables):  # type: ignore[no-untyped-def]
    """Hashes of the words in order, shape (words,), and the decisive key: the same for the same decisive words and
    numbers in the same order."""
    # Arrays, not the tuple of them, go into what is called for every word: a tuple costs ten times the work itself.
    known, letter_like, negations = tables.decisive, tables.letter_like, tables.negations
    letters, kinds = _plain(codes, tables.folded, tables.kinds)
    hashes = np.empty(len(codes) // 2 + 1, dtype=np.uint64)
    count, decisive = 0, np.uint64(0)
    at, end = 0, len(codes)
    while at < end:
        if kinds[at] == OTHER or kinds[at] == MARK:
            at += 1
            continue
        start, value, has_digit = at, _WORD_START, False
        while at < end and kinds[at] != OTHER:
            has_digit |= kinds[at] == DIGIT
            if not (letters[at] == _DOT and letters[at - 1] == _I):  # what a foreign lower-casing makes of "İ"
                value = (value ^ np.uint64(letters[at])) * _WORD_PRIME
            at += 1
        value = mix(value)
        hashes[count] = value
        count += 1
        if has_digit:
            decisive = _numbers(decisive, letters, kinds, start, at, letter_like)
        elif _holds(known, value) or _is_negative(letters, start, at, negations):
            decisive = _appended(decisive, value)
    return hashes[:count], mix(decisive)


@njit(cache=True)
def _plain(codes, folded, kinds):  # type: ignore[no-untyped-def]
    """The characters in one case, and what they are."""
    letters, found = codes.copy(), np.full(len(codes), LETTER, dtype=np.uint8)
    for at, code in enumerate(codes):
        if code < _PLANE:
            letters[at], found[at] = folded[code], kinds[code]
    return letters, found


@njit(cache=True)
def _appended(key, value):  # type: ignore[no-untyped-def]
    """The key with one more value behind it: a polynomial modulo 2**64, so that the order counts."""
    return key * _WORD_PRIME + mix(value)


@njit(cache=True)
def _numbers(key, letters, kinds, start, end, letter_like):  # type: ignore[no-untyped-def]
    """The key with the runs of digits of one word behind it."""
    is_word = kinds[start] == LETTER and (kinds[start:end] == LETTER).sum() > 1
    at = start
    while at < end:
        if kinds[at] != DIGIT:
            at += 1
            continue
        value = _WORD_START
        while at < end and kinds[at] == DIGIT:
            value = (value ^ np.uint64(letters[at])) * _WORD_PRIME
            at += 1
        value = mix(value)
        if not (is_word and _holds(letter_like, value)):
            key = _appended(key, value)
    return key


@njit(cache=True)
def _is_negative(letters, start, end, negations):  # type: ignore[no-untyped-def]
    """Whether a word has a negation mark; all of them begin with m and a vowel, or with s, a vowel and z."""
    for at in range(start + 1, end - 2):
        if letters[at] == _M or (letters[at] == _S and letters[at + 2] == _Z):
            if not _is_vowel(letters[at + 1]):
                continue
            last = letters[at + 3] if at + 3 < end else np.uint32(0)
            if _holds(negations, _packed(letters[at], letters[at + 1], letters[at + 2], last)):
                return True
    return False


@njit(cache=True)
def _is_vowel(letter):  # type: ignore[no-untyped-def]
    """Whether a negation mark may have it behind its first letter."""
    return letter in (_A, _E, _I, _BACK_I, _U, _FRONT_U)


@njit(cache=True)
def _packed(first, second, third, fourth):  # type: ignore[no-untyped-def]
    value = np.uint64(0)
    for code in (first, second, third, fourth):
        value = (value << np.uint64(16)) | (np.uint64(code) & np.uint64(0xFFFF))
    return value


@njit(cache=True)
def _holds(ordered, value):  # type: ignore[no-untyped-def]
    low, high = 0, len(ordered)
    while low < high:
        middle = (low + high) >> 1
        if ordered[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low < len(ordered) and ordered[low] == value
