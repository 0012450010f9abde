"""Words whose letters stand apart: `K A R A R`, `d ü z e n l e n e n`, whole pages."""

import re
from itertools import groupby

from mecelle.text.casing import fold
from mecelle.text.repair.segmentation import segment

_GAP = r"[ \t\xa0]+"
_MAYBE = re.compile(r"[ \t\xa0][^\W\d_][ \t\xa0]+[^\W\d_](?=\s|$)")
_TOKEN = r"(?:[^\W\d_]{1,2}|\d|[\[\],.;:!?()\"'’“”…/–-])"
_RUN = re.compile(rf"(?<![^\s(\[“\"–-]){_TOKEN}(?:{_GAP}{_TOKEN})+(?![^\s)\]”\".,:;–-])")
_PART = re.compile(rf"(\S+)({_GAP})?")

_LEAST_LETTERS = 3  # single letters that make a run; `T. C.` and initials have dots and are no run
_LEAST_SINGLE = 0.6  # share of single letters among the tokens of letters
_LEAST_KNOWN = 0.8  # share of the letters that must come to stand in known words
_LEAST_NAME = 6  # letters of a run that is joined although it is no known word: `A Y K O N D O Ğ A N`
_LEAST_PAGE = 16  # tokens of a run that is running text and no heading: its digits and signs are spread too
_MOST_TOKENS = 30_000  # of a text: what is beyond stays as it is, so that no input takes longer than some seconds

_SPOKEN = re.compile("(?=.*[aeıioöuüâîû])(?!.*[^aeıioöuüâîû]{4})(?!.*[aeıioöuüâîû]{3})")
_ALPHABET = "abcçdefgğhıijklmnoöprsştuüvyzqwx"
_CLOSING = re.compile(r" ([\],.;!?)”…])")  # not the colon: forms print a space before it
_OPENING = re.compile(r"([\[(“]) ")
_INNER = re.compile(r"(?<=\w) (['’]) (?=\w)|(?<=\d) ([./]) (?=\d)")


def join_spread_letters(text: str) -> str:
    """The text with spread letters joined to words; what is no Turkish word, such as `A B C` or `D Y P`, stays.

    Where gaps between words are wider than between letters they part the words; else the words are found by
    `mecelle.text.repair.segmentation`. In long runs, spread digits and signs are joined too. Digits keep their order.
    Idempotent. Source: Mecellem §3.2.2 ("scattered text").
    """
    if not _MAYBE.search(text):
        return text
    left = _MOST_TOKENS

    def join(match: re.Match[str]) -> str:
        nonlocal left
        parts = [(token, len(gap)) for token, gap in _PART.findall(match.group())]
        left -= len(parts)
        return _joined(parts) or match.group() if left >= 0 else match.group()

    return "\n".join(_RUN.sub(join, line) if _MAYBE.search(line) else line for line in text.split("\n"))


def _joined(parts: list[tuple[str, int]]) -> str | None:
    """The words of a run of (token, width of the gap behind it); None if it should stay as it is."""
    letters = [token for token, _ in parts if token.isalpha()]
    single = sum(len(token) == 1 for token in letters)
    if single < max(_LEAST_LETTERS, _LEAST_SINGLE * len(letters)) or _is_list(fold("".join(letters))):
        return None
    page = len(parts) >= _LEAST_PAGE
    words: list[str] = []
    known = total = 0.0
    for chain, is_word in _chains(parts):
        if not chain[0].isalpha():
            words += ["".join(chain)] if page else chain
            continue
        found, share = (["".join(chain)], 1.0) if is_word else segment(chain)
        size = sum(map(len, found))
        total, known = total + size, known + share * size
        words += found
    if known < _LEAST_KNOWN * total and not (total >= _LEAST_NAME and all(_is_spoken(w) for w in words if w.isalpha())):
        return None
    if max(len(word) for word in words if word.isalpha()) < _LEAST_LETTERS:
        return None
    return _INNER.sub(r"\1\2", _OPENING.sub(r"\1", _CLOSING.sub(r"\1", " ".join(words)))) if page else " ".join(words)


def _chains(parts: list[tuple[str, int]]) -> list[tuple[list[str], bool]]:
    """Stretches of letters, of digits and of signs; with True if gaps say that a stretch of letters is one word."""
    narrow = _narrow([gap for _, gap in parts[:-1]])
    number = 0
    keyed: list[tuple[tuple[int, str], str]] = []
    for token, gap in parts:
        kind = "letters" if token.isalpha() else "digits" if token.isdigit() else token
        keyed.append(((number, kind), token))
        number += narrow is not None and gap > narrow
    return [([token for _, token in group], narrow is not None) for _, group in groupby(keyed, key=lambda one: one[0])]


def _narrow(gaps: list[int]) -> int | None:
    """Width of the gaps between letters, if most gaps have it and wider ones part words; None if all are alike."""
    narrow = min(gaps)
    return narrow if len(gaps) > gaps.count(narrow) >= len(gaps) / 2 else None


def _is_list(letters: str) -> bool:
    """Whether single letters count something off (`a b c`) or say yes and no (`E H E E H E`)."""
    return letters in _ALPHABET or (len(set(letters)) <= len(letters) / 3 and len(letters) < _LEAST_PAGE)


def _is_spoken(word: str) -> bool:
    return bool(_SPOKEN.match(fold(word)))
