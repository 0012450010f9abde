"""What makes two nearly equal texts two decisions: their numbers and their outcome."""

import re
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any

_NUMBER = re.compile(r"\d+")
_LETTER_LIKE = frozenset("015")  # what poor scans read for l, O and S

OFFICIAL_FIELDS = ("case_number", "decision_number", "law_number")
"""Metadata that a court or lawmaker gave: esas no, karar no, kanun no."""


def decisive_tokens(folded: Iterable[str]) -> list[str]:
    """Runs of digits, number words and words of outcome, sorted, each as often as it stands.

    folded: words in lower case. `10.02.2019` and `10/02/2019` are the same three numbers.
    """
    listed = decisive_words()
    found: list[str] = []
    for word in folded:
        if word in listed:
            found.append(word)
        elif not word.isalpha():
            found += _numbers(word)
    return sorted(found)


def _numbers(word: str) -> list[str]:
    """Runs of digits; a lone 0, 1 or 5 in a word of letters (`karar1`, `o1arak`) is a scan's slip, no number."""
    runs = _NUMBER.findall(word)
    is_word = word[0].isalpha() and sum(map(str.isalpha, word)) > 1
    return [run for run in runs if run not in _LETTER_LIKE] if is_word else runs


def decisive_key(folded: Iterable[str]) -> int:
    """A 64-bit number, equal for two texts with the same decisive tokens."""
    return _key(decisive_tokens(folded))


def official_key(metadata: dict[str, Any]) -> int:
    """A 64-bit number of the official numbers of a document; 0 when it has none, which agrees with any."""
    values = [str(metadata.get(field) or "") for field in OFFICIAL_FIELDS]
    return _key(values) or 1 if any(values) else 0


@cache
def decisive_words() -> frozenset[str]:
    """Words of data/outcome_words.txt and data/number_words.txt."""
    return frozenset(_read("outcome_words") + _read("number_words"))


def _key(parts: Iterable[str]) -> int:
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(joined, digest_size=8).digest(), "little")


def _read(name: str) -> list[str]:
    lines = files("mecelle.corpus.dedup").joinpath("data", f"{name}.txt").read_text(encoding="utf-8").splitlines()
    entries = (line.partition("#")[0].strip() for line in lines)
    return [entry for entry in entries if entry]
