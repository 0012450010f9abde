"""Which characters get a token of their own. A word with any other character is unknown as a whole."""

from collections.abc import Mapping, Sequence

import numpy as np

from mecelle.tokenizer.patterns import Pattern

ALWAYS = frozenset(
    "abcçdefgğhıijklmnoöpqrsştuüvwxyzâîû"
    "ABCÇDEFGĞHIİJKLMNOÖPQRSŞTUÜVWXYZÂÎÛ"
    "0123456789!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~§°–—…•₺€"
)
"""In every tokenizer, also if the corpus is too small to show them."""


def count_characters(words: Mapping[str, int]) -> dict[str, int]:
    """How often each character stands in the counted words."""
    lengths = np.fromiter(map(len, words), dtype=np.int64)
    codes = np.frombuffer("".join(words).encode("utf-32-le"), dtype=np.uint32)
    totals = np.bincount(codes, weights=np.repeat(np.fromiter(words.values(), dtype=np.float64), lengths))
    return {chr(code): int(totals[code]) for code in np.flatnonzero(totals)}


def choose_alphabet(characters: Mapping[str, int], *, coverage: float) -> list[str]:
    """ALWAYS and the most frequent characters that together make up `coverage` of the corpus, sorted.

    characters: how often each character stands in the normalized corpus; white space is left out.
    coverage: share of running characters, 0..1. Source: the `character_coverage` of Kudo and Richardson 2018.
    """
    counted = sorted(((count, c) for c, count in characters.items() if not c.isspace()), key=lambda x: (-x[0], x[1]))
    needed = coverage * sum(count for count, _ in counted)
    chosen, covered = set(ALWAYS), 0
    for count, character in counted:
        if covered >= needed:
            break
        covered += count
        chosen.add(character)
    return sorted(chosen)


def inner_characters(alphabet: Sequence[str], pattern: Pattern) -> list[str]:
    """The characters that can stand inside a word of `pattern`, behind a letter or a digit: for most, no mark."""
    return [c for c in alphabet if len(pattern.find("a" + c)) == 1 or len(pattern.find("1" + c)) == 1]
