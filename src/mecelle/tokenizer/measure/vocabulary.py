"""Turkish, pure and unique tokens: Mecellem §3.3.3 and Fig. 6, after Bayram et al. 2025 (arXiv:2502.07057).

The definitions, as far as the papers give them, and what was decided where they do not:

Turkish   an entry of the vocabulary, without marks and spaces, that is a Turkish word by the analyser or a written form
          of a suffix. Mecellem validates with ITU's pipeline, here with an analyser of `mecelle.text.morphology`.
          Abbreviations are no words, names only with a capital: or "kr" and "merk" would be words.
pure      of these, what is one complete unit: a suffix, or a word that is its own lemma (a verb's stem is). Inflected
          words are not: Mecellem's "root, suffix, or complete word" would make every Turkish token pure, but in its
          Fig. 6 half of them are, and Bayram's method calls a token pure if it cannot be divided further.
unique    different tokens that the tokenizer uses on a text. Mecellem does not define it; Bayram's published counts
          are of this kind, and their Turkish and pure counts are among the unique tokens, not in the vocabulary.
          Mecellem's text says vocabulary, the size of its figures (14,000 to 20,000 Turkish) fits Bayram's way too:
          both are given here.

An entry is judged alone: the ça and lı that Mecellem finds impure in ça-lı-şı-yor-lar are written like suffixes.
Entries that are written alike (`##lar` and `lar`) are one; case counts (`Karar` and `karar` are two).
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from pydantic import BaseModel, ConfigDict

from mecelle.text.casing import fold, without_circumflex
from mecelle.text.morphology import DEFAULT, MOST_FORMS, analyse, is_word
from mecelle.text.morphology.suffixes import forms


class TokenCounts(BaseModel):
    """How many different tokens there are, and what they are."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    unique: int
    turkish: int
    pure: int


class VocabularyScores(BaseModel):
    """What the tokens of a tokenizer are."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    vocabulary: TokenCounts
    """Of all entries, special tokens and parts of characters left out."""
    used: TokenCounts
    """Of the tokens that the text took, as Bayram et al. count."""
    turkish_share: float
    """Of the running tokens of the text, 0..1; numbers and marks are in the denominator."""
    pure_share: float


def score_vocabulary(
    entries: Iterable[str | None], used: Mapping[str, int], *, analyser: str = DEFAULT
) -> VocabularyScores:
    """Count the entries of a vocabulary and the tokens of a text.

    entries: decoded, with or without spaces; None for what is no text. used: how often the text took each, written
    likewise. Raises ConfigError for an unknown analyser.
    """
    running: dict[str, int] = {}
    for entry, count in used.items():
        running[entry.strip()] = running.get(entry.strip(), 0) + count
    tokens = sum(running.values())
    turkish = sum(count for entry, count in running.items() if is_turkish(entry, analyser=analyser))
    pure = sum(count for entry, count in running.items() if is_pure(entry, analyser=analyser))
    return VocabularyScores(
        vocabulary=_count((entry for entry in entries if entry is not None), analyser),
        used=_count((entry for entry, count in running.items() if count), analyser),
        turkish_share=turkish / tokens if tokens else 0.0,
        pure_share=pure / tokens if tokens else 0.0,
    )


@lru_cache(maxsize=MOST_FORMS)
def is_turkish(entry: str, *, analyser: str = DEFAULT) -> bool:
    """Whether a token is a Turkish word or a suffix.

    >>> [token for token in ("Karar", "kararı", "ların", "ndan", "lerdeki", "tih", "2019") if is_turkish(token)]
    ['Karar', 'kararı', 'ndan']
    """
    return fold(entry) in forms() or is_word(entry, analyser=analyser)


def is_pure(entry: str, *, analyser: str = DEFAULT) -> bool:
    """Whether a token is a Turkish word or suffix that cannot be divided further.

    >>> [token for token in ("çalış", "ıyor", "lar", "çalışıyor", "şı", "kararı", "Karar") if is_pure(token)]
    ['çalış', 'ıyor', 'lar', 'Karar']
    """
    form = fold(entry)
    if form in forms():
        return True
    if not is_turkish(entry, analyser=analyser):
        return False
    (reading,) = analyse([form], analyser=analyser)
    return reading is not None and without_circumflex(reading.lemma) == without_circumflex(form)


def _count(entries: Iterable[str], analyser: str) -> TokenCounts:
    different = {entry.strip() for entry in entries} - {""}
    return TokenCounts(
        unique=len(different),
        turkish=sum(is_turkish(entry, analyser=analyser) for entry in different),
        pure=sum(is_pure(entry, analyser=analyser) for entry in different),
    )
