"""How rich the morphology of a Turkish text is: suffix entropy and lemma diversity (Mecellem §3.2.3, eq. 1 to 3)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import log
from typing import NamedTuple

from mecelle.text.morphology import Readings


class Richness(NamedTuple):
    """The two indicators of one text, and how many words stand behind them."""

    suffix_entropy: float
    """Normalised, 0..1."""
    lemma_diversity: float
    """0..1."""
    analysed_words: int
    """Words with a lemma."""


def suffix_entropy(cases: Mapping[str, int]) -> tuple[float, float]:
    """Entropy of case tags in nats, and the same normalised to 0..1. Mecellem eq. 1 and 2.

    H = -sum(p_i log p_i), H_norm = H / log(n): p_i is the share of tag i, n the number of distinct tags observed. With
    one tag or none, where eq. 2 is 0/0, both are 0. cases: how often each case was seen.
    """
    counts = [count for count in cases.values() if count]
    if len(counts) < 2:
        return 0.0, 0.0
    total = sum(counts)
    entropy = -sum(count / total * log(count / total) for count in counts)
    return entropy, min(1.0, entropy / log(len(counts)))


def lemma_diversity(distinct: int, words: int) -> float:
    """Distinct lemmas per word that has a lemma, 0..1. Mecellem eq. 3; 0 for a text without lemmas."""
    return distinct / words if words else 0.0


def richness(forms: Mapping[str, int], readings: Readings) -> Richness:
    """Both indicators of a whole text. forms: how often each folded form stands in it."""
    cases: Counter[str] = Counter()
    lemmas, words = set[str](), 0
    for form, count in forms.items():
        reading = readings[form]
        if reading:
            lemmas.add(reading.lemma)
            words += count
            if reading.case:
                cases[reading.case] += count
    return Richness(suffix_entropy(cases)[1], lemma_diversity(len(lemmas), words), words)


def segmental_lemma_diversity(folded: Sequence[str], readings: Readings, *, words: int) -> float:
    """Mean of eq. 3 over stretches of `words` words, for texts of different lengths.

    Eq. 3 falls with length, since words come again: this is the mean segmental type-token ratio (Johnson 1944) of
    lemmas. folded: the folded words of a text in order. Words without a lemma do not count; a last stretch that is
    shorter is left out unless it is the only one.
    """
    lemmas = [reading.lemma for form in folded if (reading := readings[form])]
    starts = range(0, max(len(lemmas) - words, 0) + 1, words)
    stretches = [lemmas[start : start + words] for start in starts]
    return sum(lemma_diversity(len(set(one)), len(one)) for one in stretches) / len(stretches)
