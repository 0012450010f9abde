"""A Turkish sentence and its opposite: the predicate is negated, or loses its negation, and stays whole and correct.

The endings stand in data/negation.txt, the verbs that no rule covers in data/verbs.txt, predicates without a verb in
data/predicates.txt. A change is made only if the ending, put on the stem again by the rules, gives the word that was
there, and the stem with -mAk is a verb for the analyser: a guess is never written.
"""

import re
from collections.abc import Iterator
from functools import cache

from mecelle.reward.tables import table
from mecelle.text.casing import fold
from mecelle.text.morphology import is_word

_BACK, _VOWELS, _VOICELESS = "aıou", "aeıioöuü", "fstkçşhp"
_HIGH = {"a": "ı", "ı": "ı", "e": "i", "i": "i", "o": "u", "u": "u", "ö": "ü", "ü": "ü"}
_PREDICATE = re.compile(
    r"(?P<word>[^\W\d_]+)(?P<rest>(?:\s*[(\[][^()\[\]]*[)\]])?\s*[.;!…]+(?:\s*[(\[][^()\[\]]*[)\]]\.?)?)$"
)
"""The last word of a sentence; its sources may stand in brackets before or behind the full stop."""
_NOT = "değildir"


def opposite(sentence: str) -> str | None:
    """The sentence with the opposite predicate, None where the predicate is not understood or there is no full stop.

    >>> opposite("Dava bir yıl içinde açılır."), opposite("Süre kesin değildir.")
    ('Dava bir yıl içinde açılmaz.', 'Süre kesindir.')
    """
    found = _PREDICATE.search(sentence)
    if not found or found["word"] != fold(found["word"]):
        return None
    before, word = sentence[: found.start()], found["word"]
    if word == _NOT:
        return _without_not(before, found["rest"])
    if word in _verbs("noun"):
        return None
    turned = next(_turned(word), None)
    return before + turned + found["rest"] if turned else None


def _without_not(before: str, rest: str) -> str | None:
    stripped = before.rstrip()
    last = re.search(r"[^\W\d_]+$", stripped)
    if not last or not is_word(last[0]):
        return None
    return attach(stripped, "DIr") + rest


def _turned(word: str) -> Iterator[str]:
    """Opposites of a predicate, the likeliest first."""
    for one, other in _pairs("predicates"):
        if word in (one, other):
            yield other if word == one else one
    for affirmative, negative in _pairs("negation"):
        # The negative first: "açılmaz" is no affirmative of another verb.
        for pattern, new in ((negative, affirmative), (affirmative, negative)):
            for stem in _stems(word, pattern):
                yield attach(stem, new)
    base = word[:-3]
    if len(base) > 1 and attach(base, "DIr") == word and is_word(base):
        yield f"{base} {_NOT}"


def _stems(word: str, pattern: str) -> Iterator[str]:
    """Verb stems that with the pattern make the word, the longest first."""
    for end in range(len(word) - 1, 1, -1):
        for stem in (word[:end], word[: end - 1] + "t" if word[end - 1] == "d" else ""):
            if stem and attach(stem, pattern) == word and _is_verb(stem):
                yield stem


@cache
def _is_verb(stem: str) -> bool:
    softened = stem.endswith("d") and stem[:-1] + "t" in _verbs("soft")
    return (
        not softened and stem != "değil" and any(letter in _VOWELS for letter in stem) and is_word(attach(stem, "mAk"))
    )


def attach(stem: str, pattern: str) -> str:
    """The stem with an ending of data/negation.txt, spelt by vowel harmony, voicing and hiatus.

    >>> attach("et", "(y)Abilir"), attach("oku", "(y)AmAz"), attach("ol", "mIştIr"), attach("başla", "R")
    ('edebilir', 'okuyamaz', 'olmuştur', 'başlar')
    """
    if pattern.startswith("R"):
        stem, pattern = _aorist(stem), pattern[1:]
    elif pattern.startswith("(y)"):
        buffer = "y" if stem[-1] in _VOWELS else ""
        stem, pattern = (stem if buffer else _soft(stem)) + buffer, pattern[3:]
    for letter in pattern:
        last = next((known for known in reversed(fold(stem)) if known in _VOWELS), "e")
        if letter == "A":
            stem += "a" if last in _BACK else "e"
        elif letter == "I":
            stem += _HIGH[last]
        elif letter == "D":
            stem += "t" if fold(stem)[-1] in _VOICELESS else "d"
        else:
            stem += letter
    return stem


def _aorist(stem: str) -> str:
    """açıl-ır, yap-ar, al-ır, ed-er, başla-r."""
    if stem[-1] in _VOWELS:
        return stem + "r"
    syllables = sum(letter in _VOWELS for letter in stem)
    high = stem not in _verbs("soft") and (syllables > 1 or stem in _verbs("high"))
    return attach(_soft(stem), "Ir" if high else "Ar")


def _soft(stem: str) -> str:
    return stem[:-1] + "d" if stem in _verbs("soft") else stem


@cache
def _verbs(name: str) -> frozenset[str]:
    lines = (line.split() for line in table("verbs"))
    return frozenset(verb for kind, *verbs in lines if kind == name for verb in verbs)


@cache
def _pairs(name: str) -> tuple[tuple[str, str], ...]:
    halves = (line.split("|") for line in table(name))
    return tuple((one.strip(), other.strip()) for one, other in halves)
