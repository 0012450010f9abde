"""The same words in another form: as people type them, as scanners read them, as lawyers shorten or inflect them.

For asking a model the same thing again: every function keeps the meaning for a Turkish reader.
"""

import random
import re
from collections.abc import Callable, Mapping
from functools import cache

from mecelle.text.casing import ascii_fold, fold, upper
from mecelle.text.citations.laws import laws
from mecelle.text.tables import table

_CONFUSED = (
    ("rn", "m"), ("m", "rn"), ("ı", "i"), ("ı", "l"), ("i", "ı"), ("l", "1"), ("ğ", "g"), ("ş", "s"), ("ç", "c"),
    ("ö", "o"), ("ü", "u"), ("İ", "I"), ("e", "c"), ("0", "O"), ("cl", "d"),
)  # fmt: skip
"""What scanners take for what; the Turkish letters are the most usual."""
SCANNED_SHARE = 0.15
"""Share of words with one wrong character: a character error rate of about 2%, that of a fair scan."""

_WORD = re.compile(r"[^\W\d_]+")
_BACK = "aıouâû"
_VOWELS = _BACK + "eiöüî"
_ENDING = r"(?:['’]?[nN](?:[ıiuüIİUÜ][nN]?|[aeAE]|[dD][aeAE][nN]?))?"
"""Case of a compound: Kanunu-nun, -nu, -na, -nda, -ndan."""
_SHORT_WORDS = (
    (re.compile(r"\b[Mm]adde(?:si)?\b(?=\s*\d)|(?<=\d\.\s)[Mm]adde(?:si)?\b"), "m."),
    (re.compile(r"\b[Ff]ıkrası\b|(?<=\d\.\s)[Ff]ıkra\b"), "f."),  # without a number a "fıkra" is a joke, too
    (re.compile(r"\b[Hh]ukuk [Dd]airesi\b"), "HD"),
    (re.compile(r"\b[Cc]eza [Dd]airesi\b"), "CD"),
    (re.compile(r"\b[Aa]nayasa [Mm]ahkemesi\b"), "AYM"),
    (re.compile(r"\b[Ss]ayılı [Kk]anun\b"), "s. K."),
)


def scanned(text: str, *, seed: int, share: float = SCANNED_SHARE) -> str:
    """The text as a scanner might read it: about `share` of the words with one character taken for another."""
    rng = random.Random(f"{seed}\x1f{text}")
    words = text.split(" ")
    for place, word in enumerate(words):
        usable = [(good, bad) for good, bad in _CONFUSED if good in word]
        if usable and rng.random() < share:
            good, bad = rng.choice(usable)
            words[place] = word.replace(good, bad, 1)
    return " ".join(words)


def abbreviated(text: str) -> str:
    """Acts, chambers and the words around articles as lawyers shorten them.

    >>> abbreviated("Türk Borçlar Kanunu madde 49 uyarınca")
    'TBK m. 49 uyarınca'
    """
    for pattern, short in _names_of_acts():
        text = pattern.sub(short, text)
    for pattern, short in _SHORT_WORDS:
        text = pattern.sub(short, text)
    return text


def inflected(text: str) -> str:
    """Legal terms that stand in their dictionary form, in the plural genitive: `kiracı` becomes `kiracıların`.

    The plural keeps every noun as it is and its genitive follows from the last vowel, so that the form is always right.
    """
    terms = frozenset(table("inflected_terms"))

    def inflect(match: re.Match[str]) -> str:
        word = match.group()
        return word + _plural_genitive(word) if fold(word) in terms else word

    return _WORD.sub(inflect, text)


def _plural_genitive(word: str) -> str:
    last = next((letter for letter in reversed(fold(word)) if letter in _VOWELS), "e")
    ending = "ların" if last in _BACK else "lerin"
    return upper(ending) if len(word) > 1 and word.isupper() else ending


@cache
def _names_of_acts() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns of the names of acts in force, longest first, and the abbreviation of each."""
    pairs = {name: law.abbreviations[0] for law in laws() if not law.until and law.abbreviations for name in law.names}
    return tuple((_any_case(name), pairs[name]) for name in sorted(pairs, key=lambda name: (-len(name), name)))


def _any_case(name: str) -> re.Pattern[str]:
    """The name in small or capital letters by Turkish rules, with a possessive or case ending of its last word."""
    letters = "".join(f"[{re.escape(c)}{re.escape(upper(c))}]" if c.isalpha() else re.escape(c) for c in fold(name))
    return re.compile(rf"(?<!\w){letters}{_ENDING}(?!\w)")


PERTURBATIONS: Mapping[str, Callable[[str, int], str]] = {
    "upper": lambda text, seed: upper(text),
    "ascii": lambda text, seed: ascii_fold(text),
    "scanned": lambda text, seed: scanned(text, seed=seed),
    "abbreviated": lambda text, seed: abbreviated(text),
    "inflected": lambda text, seed: inflected(text),
}
"""Name -> the text in that form, by text and seed."""
