"""Whether a sentence says the opposite of its source: the same predicate, negated on one side alone."""

import re
from dataclasses import dataclass

from mecelle.text.casing import fold
from mecelle.text.morphology import readings
from mecelle.text.words import words

_NEGATIVE = re.compile(
    r"m[ae](?:z(?:$|l[ae]|s|d[ıi]|k[ei])|m[ae](?:kt|s[ıi]|l[ıi]|k)|m[ıi]ş|d[ıi][^sr]?|y[ae]c[ae]|y[ae]n|y[ıi]p|ks[ıi]z)"
    r"|m[ıiuü]yor"
)
"""Verbs in the negative, folded: verilmez, verilmemesi, verilmemiştir, verilmedi, verilmeyecek, verilmiyor."""
_LIGHT = frozenset(("et", "ol", "ver", "yap", "bulun", "kıl", "eyle", "al", "gel", "olun"))
"""Verbs that say little alone: karar ver-, kabul et-. With these the word before counts, too."""


@dataclass(frozen=True, slots=True)
class Said:
    """A word that may be a predicate."""

    key: tuple[str, ...]
    """Its lemma; of a light verb also the lemma before."""
    is_negated: bool


def opposite_predicate(sentence: str, source: str) -> str | None:
    """The predicate of `sentence`, if `source` has it only the other way round, or nothing negated at all."""
    said, known = _said(sentence), _said(source)
    if not said:
        return None
    last = said[-1]
    kin = {one.is_negated for one in known if one.key == last.key}
    contradicts = last.is_negated not in kin if kin else last.is_negated and not any(one.is_negated for one in known)
    return " ".join(last.key) if contradicts else None


def _said(sentence: str) -> list[Said]:
    """All words in order; değil and yok are told of the word that they negate."""
    found: list[Said] = []
    lemma_before = ""
    for word in map(fold, words(sentence)):
        reading = readings()[word]
        lemma = fold(reading.lemma) if reading else word
        if lemma == "değil":
            if found:
                found[-1] = Said(found[-1].key, not found[-1].is_negated)
            continue
        key: tuple[str, ...]
        if lemma in ("yok", "var"):
            key, is_negated = (lemma_before, "var"), lemma == "yok"
        else:
            key = (lemma_before, lemma) if lemma in _LIGHT else (lemma,)
            is_negated = lemma == "yasak" or bool(_NEGATIVE.search(word))
        found.append(Said(key, is_negated))
        lemma_before = lemma
    return found
