"""What a scanner saw in dust, rules and stamps: lines without a word, and signs inside words."""

import re

from mecelle.text.casing import fold
from mecelle.text.repair.segmentation import is_word

_STRANGE = "|~^¬¦\\¢¥®™¤`´¨¸■□▪▫●◆◇►◄★☆†‡¶<>{}=_*#@"
_MAYBE_LINE = re.compile("[" + re.escape(_STRANGE) + "]")
_NO_NOISE = re.compile(r"(?s)\s*(?:(.)(?:\s*\1)*|[\s.…()\[\]\"'“”’–—*_-]*)\s*")  # rules, blanks, `* * *`, `(...)`
_CONTENT = re.compile(r"\d|[^\W\d_]{3}|(?<![^\W_])[A-ZÇĞİÖŞÜ][.)]")
_MOST_NOISE_CHARS = 60
_LEAST_STRANGE = 2

_INSIDE = re.compile(r"(?<=[^\W\d_])[|~¬¦](?=[^\W\d_])")
_BROKEN_WORD = re.compile(r"(?<![^\W\d_])[^\W\d_]++(?:[|~¬¦][^\W\d_]+)+")


def remove_noise(text: str) -> str:
    """The text without lines of noise, and without the signs `| ~ ¬ ¦` inside words.

    A line is noise if it has no word of three letters, no digit and no initial, but two or more signs that a sentence
    does not have. Rules (`-----`, `* * *`) and places left blank (`(...)`, `....`) stay. A sign inside a word goes if
    that makes a word (`dava|cı`). Digits are never touched. Idempotent. Source: Mecellem §3.2.2 ("noise").
    """
    if _MAYBE_LINE.search(text):
        lines = text.split("\n")
        kept = [line for line in lines if not _is_noise(line)]
        text = "\n".join(kept) if len(kept) < len(lines) else text
    return _BROKEN_WORD.sub(_mended, text) if any(sign in text for sign in "|~¬¦") else text


def _is_noise(line: str) -> bool:
    if not 0 < len(line) <= _MOST_NOISE_CHARS or _CONTENT.search(line):
        return False
    return sum(map(line.count, _STRANGE)) >= _LEAST_STRANGE and not _NO_NOISE.fullmatch(line)


def _mended(match: re.Match[str]) -> str:
    word = _INSIDE.sub("", match.group())
    return word if is_word(fold(word)) else match.group()
