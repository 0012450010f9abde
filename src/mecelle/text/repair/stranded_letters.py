"""Letters beyond ASCII with a space on either side: `Bakanl ığı n y ü r ü t ü lmesi`, as some PDF fonts come out."""

import re
from itertools import pairwise

from mecelle.text.repair.segmentation import segment

_BEYOND = "çğıöşüâîûÇĞİÖŞÜÂÎÛ"
_MAYBE = re.compile(f" [{_BEYOND}] ")
_LEAST = 3  # single stranded letters of a text; one or two may be a suffix typed apart (`Club ı anlamak`)
_OFTEN = 6  # in a text with so many, stranded pairs such as `ığ` are damage too
_WORD = r"[^\W\d_]+"
_CHAIN = re.compile(rf"{_WORD}(?: {_WORD})+")
_SINGLE = re.compile(f"[{_BEYOND}]")
_STRANDED = re.compile(f"[{_BEYOND}]{{1,4}}")
_SPREAD = re.compile(r"(?<!\S)[A-Za-z] (?=[A-Za-z](?!\S))")  # the other damage: all letters stand apart
_BEFORE_SIGN = re.compile(f"(?<=[{_BEYOND}]) (?=[.,;:)])")
_LEAST_KNOWN = 0.6  # share of the letters of a stretch


def join_stranded_letters(text: str) -> str:
    """The text with stranded Turkish letters back in their words.

    Only spaces beside a stranded letter are in doubt; `mecelle.text.repair.segmentation` says which of them part words.
    `üç kişi` stays, as does a stretch that gives no known words. Idempotent.
    Source: Mecellem §3.2.2 ("scattered text"); this form of it is ours, met in statutes.
    """
    stranded = len(_MAYBE.findall(text))
    if stranded < _LEAST or len(_SPREAD.findall(text)) > stranded:
        return text
    often = stranded >= _OFTEN
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if often or _MAYBE.search(line):
            joined = _CHAIN.sub(lambda match: _joined(match.group().split(" "), often), line)
            lines[at] = _BEFORE_SIGN.sub("", joined) if often and joined != line else joined
    return "\n".join(lines)


def _joined(tokens: list[str], often: bool) -> str:
    out: list[str] = []
    stretch = tokens[:1]
    for before, token in pairwise(tokens):
        if _in_doubt(before, token):
            stretch.append(token)
        else:
            out += _words(stretch, often)
            stretch = [token]
    return " ".join(out + _words(stretch, often))


def _in_doubt(before: str, after: str) -> bool:
    """Whether the space between two tokens may be damage: at the border of a stranded letter, never inside ASCII."""
    border = (before[-1] in _BEYOND) != (after[0] in _BEYOND)
    return border and bool(_STRANDED.fullmatch(before) or _STRANDED.fullmatch(after))


def _words(stretch: list[str], often: bool) -> list[str]:
    if len(stretch) < 2 or not (often or any(map(_SINGLE.fullmatch, stretch))):
        return stretch
    words, known = segment(stretch)
    return words if known >= _LEAST_KNOWN else stretch
