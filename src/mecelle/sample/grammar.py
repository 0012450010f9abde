"""Turkish suffixes: vowel harmony, consonant softening, buffer letters, apostrophes.

Rules of the written language (TDK spelling guide); words that break them stand in `data/irregular.json`.
"""

from functools import cache
from typing import Final, Literal

from mecelle.sample.bank import load_json
from mecelle.text.casing import lower, upper

Case = Literal["acc", "dat", "loc", "abl", "gen", "ins", "poss", "pl", "pacc", "pdat", "ploc", "pabl", "pgen", "pins"]

_FRONT: Final = "eiöüîê"
_ROUND: Final = "ouöüû"
_VOWELS: Final = "aeıioöuüâîû"
_HARD: Final = "fstkçşhp"
_PRONOMINAL: Final = ("acc", "dat", "loc", "abl")
_SOFT: Final = {"p": "b", "ç": "c", "t": "d", "k": "ğ"}
_DIGITS: Final = ("sıfır", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz")
_TENS: Final = ("", "on", "yirmi", "otuz", "kırk", "elli", "altmış", "yetmiş", "seksen", "doksan")
# Suffix per case for a stem that ends in a consonant and in a vowel. A: a/e, I: ı/i/u/ü, D: d/t.
_SUFFIXES: Final[dict[str, tuple[str, str]]] = {
    "acc": ("I", "yI"),
    "dat": ("A", "yA"),
    "loc": ("DA", "DA"),
    "abl": ("DAn", "DAn"),
    "gen": ("In", "nIn"),
    "ins": ("lA", "ylA"),
    "poss": ("I", "sI"),
    "pl": ("lAr", "lAr"),
    # After the possessive of the third person (davası, ödediği) cases take the pronominal n.
    "pacc": ("nI", "nI"),
    "pdat": ("nA", "nA"),
    "ploc": ("ndA", "ndA"),
    "pabl": ("ndAn", "ndAn"),
    "pgen": ("nIn", "nIn"),
    "pins": ("ylA", "ylA"),
}


@cache
def _irregular() -> dict[str, dict[str, str]]:
    """Stems that change in their own way before a vowel (`stem`), and stems with front vowels after a back one."""
    data = load_json("irregular.json")
    return {key: value if isinstance(value, dict) else dict.fromkeys(value, "") for key, value in data.items()}


def inflect(phrase: str, case: str, *, proper: bool = False) -> str:
    """Return `phrase` with the suffix of `case` on its last word; `proper` puts an apostrophe before it.

    A proper name, an abbreviation or a number keeps its spelling; its suffix follows how it is read aloud.

    >>> inflect("kiracı", "gen"), inflect("İzmir", "loc", proper=True), inflect("ödediği", "pacc")
    ('kiracının', "İzmir'de", 'ödediğini')
    """
    head, space, word = phrase.rpartition(" ")
    spoken = read_aloud(word) if proper or word[-1:].isdigit() else lower(word)
    if case in _PRONOMINAL and spoken in _irregular()["possessive"]:
        case = f"p{case}"
    suffix = suffix_for(spoken, case)
    if proper or word[-1:].isdigit():
        return f"{phrase}'{suffix}"
    stem = _stem_before_vowel(word) if suffix[0] in _VOWELS else word
    return f"{head}{space}{stem}{suffix}"


def suffix_for(spoken: str, case: str) -> str:
    """The letters of the suffix of `case` after a lower-case word as it is spoken.

    Raises KeyError if the case is unknown.
    """
    after_consonant, after_vowel = _SUFFIXES[case]
    pattern = after_vowel if spoken[-1] in _VOWELS else after_consonant
    vowel = next((letter for letter in reversed(spoken) if letter in _VOWELS), "e")
    front = vowel in _FRONT or spoken in _irregular()["front"]
    rounded = vowel in _ROUND
    out: list[str] = []
    for letter in pattern:
        if letter == "A":
            out.append("e" if front else "a")
        elif letter == "I":
            out.append(("ü" if front else "u") if rounded else ("i" if front else "ı"))
        elif letter == "D":
            out.append("t" if spoken[-1] in _HARD else "d")
        else:
            out.append(letter)
    return "".join(out)


def _stem_before_vowel(word: str) -> str:
    """`word` as it stands before a suffix that starts with a vowel: hak -> hakk, kayıt -> kayd, talep -> taleb."""
    low, rules = lower(word), _irregular()
    if low in rules["stem"]:
        changed = rules["stem"][low]
        return upper(changed[0]) + changed[1:] if word[0] != low[0] else changed
    syllables = sum(letter in _VOWELS for letter in low)
    # Final t softens only in listed words (senet), the other three soften in words of two syllables and more.
    if low[-1] not in "pçk" or syllables < 2 or low in rules["hard"]:
        return word
    return word[:-1] + ("g" if low.endswith("nk") else _SOFT[low[-1]])


def read_aloud(word: str) -> str:
    """The last spoken part of a name, an abbreviation (A.Y., TL) or a number, in lower case.

    >>> read_aloud("2019"), read_aloud("TL"), read_aloud("Bursa")
    ('dokuz', 'le', 'bursa')
    """
    bare = word.rstrip(".)'%")
    if bare[-1:].isdigit():
        return _read_number(bare)
    last = lower(bare[-1:])
    if "." in word or (len(bare) <= 5 and bare == upper(bare)):
        return last if last in _VOWELS else f"{last}e"
    return lower(bare)


def _read_number(number: str) -> str:
    """The last spoken word of a number, of which a fraction after ',' or '/' is read alone."""
    tail = number.replace(".", "").replace("/", ",").rpartition(",")[2]
    value = int(tail)
    if value % 10 or value == 0:
        return _DIGITS[value % 10]
    if value % 100:
        return _TENS[value % 100 // 10]
    if value % 1_000:
        return "yüz"
    return "bin" if value % 1_000_000 else "milyon"


def ordinal(number: int) -> str:
    """A number as law texts write its rank: 12 nci, 3 üncü, 6 ncı, 10 uncu."""
    spoken = _read_number(str(number))
    vowel = suffix_for(spoken, "acc")[-1]
    return f"{number} nc{vowel}" if spoken[-1] in _VOWELS else f"{number} {vowel}nc{vowel}"


def capital(sentence: str) -> str:
    """`sentence` with a capital first letter, by Turkish rules."""
    return upper(sentence[:1]) + sentence[1:]
