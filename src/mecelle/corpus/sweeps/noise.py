"""Texts that a quality filter should drop, made from texts that it should keep."""

import random
from collections.abc import Callable, Mapping
from types import MappingProxyType

_MENU_WORDS = 2
_LIST_CHARACTERS = 60


def _as_menu(text: str, rng: random.Random) -> str:
    """A navigation menu: two words a line, without punctuation."""
    words = [word.strip(".,;:!?\"'()") for word in text.split()[:400]]
    return "\n".join(" ".join(words[at : at + _MENU_WORDS]) for at in range(0, len(words), _MENU_WORDS))


def _as_link_list(text: str, rng: random.Random) -> str:
    """A list of links or headlines: beginnings of sentences, each cut off without a mark."""
    parts = [part.strip() for part in text.replace("\n", " ").split(". ") if part.strip()]
    return "\n".join(part[:_LIST_CHARACTERS].rstrip(" .,;:!?\"'") for part in parts[:200])


def _with_boilerplate(text: str, rng: random.Random) -> str:
    """A forum page: every few lines the same lines come again, a quarter of what the page says."""
    lines = text.split("\n")
    boilerplate = [line for line in rng.sample(lines, min(2, len(lines))) if line.strip()] or ["Devamını oku."]
    out: list[str] = []
    repeated = total = 0
    for line in lines:
        out.append(line)
        total += len(line)
        while repeated < total / 3:
            again = rng.choice(boilerplate)
            out.append(again)
            repeated += len(again)
    return "\n".join(out)


NOISES: Mapping[str, Callable[[str, random.Random], str]] = MappingProxyType(
    {"menu": _as_menu, "link_list": _as_link_list, "boilerplate": _with_boilerplate}
)
"""Name -> how a text is spoilt; drawn from `rng`, so that equal seeds give equal texts."""
