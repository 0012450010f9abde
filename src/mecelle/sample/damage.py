"""Damage as poor scans and careless conversion leave it, with the clean text beside it."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from mecelle.sample.records import Damage, DamageKind, Decision

_LINE_WIDTH: Final = 78
_PAGE_LINES: Final = 24
_CONFUSED: Final = (
    ("rn", "m"),
    ("m", "rn"),
    ("ı", "l"),
    ("l", "1"),
    ("I", "l"),
    ("ğ", "g"),
    ("ş", "s"),
    ("İ", "I"),
    ("ö", "o"),
)
_CONFUSED_SHARE: Final = 0.03  # words hit
_SPACED_SHARE: Final = 0.06


def damage_decisions(
    originals: Sequence[Decision], *, count: int, seed: int
) -> tuple[list[Decision], tuple[Damage, ...]]:
    """`count` damaged copies of originals as decisions of their own, and the clean text of each.

    Offsets do not survive damage: these decisions carry no sections, citations or identifiers.
    """
    rng = random.Random(f"{seed}:damage")
    damaged: list[Decision] = []
    truth: list[Damage] = []
    for source in rng.sample(list(originals), count):
        kinds = tuple(sorted(rng.sample(list(_DAMAGES), rng.randint(1, 3)), key=list(_DAMAGES).index))
        text = source.text
        for kind in kinds:
            text = _DAMAGES[kind](text, source, rng)
        identity = f"{source.id}-ocr"
        damaged.append(replace(source, id=identity, text=text, sections=(), citations=(), identifiers=()))
        truth.append(Damage(id=identity, clean=source.text, kinds=kinds))
    return damaged, tuple(truth)


def _confused_letters(text: str, source: Decision, rng: random.Random) -> str:
    words = text.split(" ")
    for at, word in enumerate(words):
        usable = [(good, bad) for good, bad in _CONFUSED if good in word]
        if usable and rng.random() < _CONFUSED_SHARE:
            good, bad = rng.choice(usable)
            words[at] = word.replace(good, bad, 1)
    return " ".join(words)


def _spaced_letters(text: str, source: Decision, rng: random.Random) -> str:
    lines = text.split("\n")
    for at, line in enumerate(lines):
        words = line.split(" ")
        for index, word in enumerate(words):
            emphasised = word.isalpha() and word.isupper() and len(word) > 3
            if (emphasised and rng.random() < 0.7) or (
                len(word) > 6 and word.isalpha() and rng.random() < _SPACED_SHARE / 4
            ):
                words[index] = " ".join(word)
        lines[at] = " ".join(words)
    return "\n".join(lines)


def _hyphenated_line_ends(text: str, source: Decision, rng: random.Random) -> str:
    return "\n".join("\n".join(_wrapped(line)) for line in text.split("\n"))


def _wrapped(line: str) -> list[str]:
    """`line` in lines of a page's width; long words at the end of a line are broken with a hyphen."""
    out, current = [], ""
    for word in line.split(" "):
        if len(current) + 1 + len(word) <= _LINE_WIDTH:
            current = f"{current} {word}" if current else word
            continue
        room = _LINE_WIDTH - len(current) - 2
        cut = _break(word, room)
        if cut:
            out.append(f"{current} {word[:cut]}-")
            current = word[cut:]
        else:
            out.append(current)
            current = word
    return [*out, current]


def _break(word: str, room: int) -> int:
    """Where to break `word` within `room` characters, before a consonant and vowel; 0 if nowhere."""
    vowels = "aeıioöuü"
    if not word.isalpha():
        return 0
    for cut in range(min(room, len(word) - 3), 2, -1):
        if word[cut] not in vowels and word[cut + 1] in vowels:
            return cut
    return 0


def _running_header(text: str, source: Decision, rng: random.Random) -> str:
    head = f"{source.court} {source.chamber}    E. {source.case_number}"
    return _between_pages(text, lambda page: head)


def _page_number(text: str, source: Decision, rng: random.Random) -> str:
    style = rng.choice(("- {} -", "{}", "Sayfa {}", "{}/9"))
    return _between_pages(text, lambda page: style.format(page))


def _between_pages(text: str, line_for: Callable[[int], str]) -> str:
    lines = "\n".join("\n".join(_wrapped_plain(line)) for line in text.split("\n")).split("\n")
    out: list[str] = []
    for at, line in enumerate(lines):
        if at and at % _PAGE_LINES == 0:
            out.append(line_for(at // _PAGE_LINES))
        out.append(line)
    if len(lines) <= _PAGE_LINES:
        out.append(line_for(1))
    return "\n".join(out)


def _wrapped_plain(line: str) -> list[str]:
    out, current = [], ""
    for word in line.split(" "):
        if current and len(current) + 1 + len(word) > _LINE_WIDTH:
            out.append(current)
            current = word
        else:
            current = f"{current} {word}" if current else word
    return [*out, current]


_DAMAGES: Final[dict[DamageKind, Callable[[str, Decision, random.Random], str]]] = {
    # In the order of a scanner's life: letters first, then lines, then what the page adds.
    "confused_letters": _confused_letters,
    "spaced_letters": _spaced_letters,
    "hyphenated_line_ends": _hyphenated_line_ends,
    "running_header": _running_header,
    "page_number": _page_number,
}
