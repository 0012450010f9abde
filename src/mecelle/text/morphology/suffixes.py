"""The written forms of Turkish suffixes: data/suffixes.txt, spelt out by the rules of harmony and hiatus."""

from collections.abc import Mapping
from functools import cache
from itertools import accumulate
from typing import Final, NamedTuple

from mecelle.text.tables import table

VOWELS: Final = "aeıioöuü"
_BACK = "aıou"
_HIGH_AFTER = {"a": "ı", "ı": "ı", "e": "i", "i": "i", "o": "u", "u": "u", "ö": "ü", "ü": "ü"}
_CONSONANTS = {"D": "dt", "C": "cç", "G": "gk", "K": "kğ"}
_FORMLESS, _NARROWED = "0", "_"
_SIGNS = str.maketrans("", "", _FORMLESS + _NARROWED)


class Written(NamedTuple):
    """One way to write a morpheme."""

    text: str
    """Its letters, none if it is not written."""
    starts: tuple[int, ...]
    """Where in `text` a suffix begins: (0,) mostly, (0, 3) for the two of "ları"."""
    after: str
    """What it follows: "vowel", "consonant" or "" for both."""
    narrowed: bool
    """Whether it has lost its vowel to the -Iyor that must follow."""


def spell(pattern: str) -> tuple[str, ...]:
    """All forms of a pattern of suffixes.txt, its vowels in harmony with each other; sorted, plus signs kept.

    >>> spell("lAr+I")
    ('lar+ı', 'ler+i')
    >>> spell("DI")
    ('di', 'du', 'dü', 'dı', 'ti', 'tu', 'tü', 'tı')
    """
    spelt = [""]
    for letter in pattern.translate(_SIGNS):
        spelt = [head + choice for head in spelt for choice in _choices(letter, head)]
    return tuple(sorted(spelt))


@cache
def written(name: str) -> Mapping[str, tuple[Written, ...]]:
    """The ways to write the morpheme of that name by their first letter, longest first; "" holds what has no letters,
    which stands at the end of all others too. Raises KeyError for a name that is not listed.
    """
    patterns = _patterns()[name]
    every = {
        _written(form, _after(pattern, patterns), _NARROWED in pattern)
        for pattern in patterns
        for form in spell(pattern)
    }
    ordered = sorted(every, key=lambda one: (-len(one.text), one))
    letters = {one.text[:1] for one in ordered} | {""}
    return {letter: tuple(one for one in ordered if one.text[:1] in (letter, "")) for letter in sorted(letters)}


@cache
def forms() -> frozenset[str]:
    """Every written form of every single suffix: "nda" is one, "ında" is not, since it is two suffixes."""
    spelt = (form for patterns in _patterns().values() for pattern in patterns for form in spell(pattern))
    return frozenset(piece for form in spelt for piece in form.split("+")) - {""}


def is_listed(name: str) -> bool:
    """Whether data/suffixes.txt has the morpheme of that name."""
    return name in _patterns()


@cache
def _patterns() -> dict[str, tuple[str, ...]]:
    entries = (entry.split() for entry in table("suffixes"))
    return {name: tuple(patterns) for name, *patterns in entries}


def _choices(letter: str, head: str) -> str:
    last = next((known for known in reversed(head) if known in VOWELS), None)
    if letter == "A":
        return "ae" if last is None else "a" if last in _BACK else "e"
    if letter == "I":
        return VOWELS[2:4] + VOWELS[6:] if last is None else _HIGH_AFTER[last]
    return _CONSONANTS.get(letter, letter)


def _after(pattern: str, patterns: tuple[str, ...]) -> str:
    """Vowels never meet; a form that has a twin with a buffer y leaves the stems in a vowel to it."""
    if pattern[0] in "AI" or f"y{pattern}" in patterns:
        return "consonant"
    return "vowel" if pattern[0] == "y" else ""


def _written(form: str, after: str, narrowed: bool) -> Written:
    *starts, end = accumulate(map(len, form.split("+")), initial=0)
    return Written(form.replace("+", ""), tuple(starts) if end else (), after, narrowed)
