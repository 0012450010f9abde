"""What makes two nearly equal texts two decisions: their numbers and their outcome.

Decisive are runs of digits, number words, words of outcome and negated words, in their order: `10.02.2019` and
`10/02/2019` are the same three numbers, `02.10.2019` is another date. `scanning.scan` collects them.
"""

from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any

LETTER_LIKE = frozenset("015")
"""What poor scans read for l, O and S: alone in a word of letters (`karar1`, `o1arak`) it is a slip, no number."""

OFFICIAL_FIELDS = ("case_number", "decision_number", "law_number")
"""Metadata that a court or lawmaker gave: esas no, karar no, kanun no."""


def official_key(metadata: dict[str, Any]) -> int:
    """A 64-bit number of the official numbers of a document; 0 when it has none, which agrees with any."""
    values = [str(metadata.get(field) or "") for field in OFFICIAL_FIELDS]
    if not any(values):
        return 0
    joined = "\x1f".join(values).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(joined, digest_size=8).digest(), "little") or 1


@cache
def decisive_words() -> frozenset[str]:
    """Words of data/outcome_words.txt and data/number_words.txt, in small letters."""
    return frozenset(_read("outcome_words") + _read("number_words"))


@cache
def negation_marks() -> tuple[str, ...]:
    """Four letters that make a word negative, of data/negation_marks.txt; `$` stands for the end of the word."""
    return _read("negation_marks")


def _read(name: str) -> tuple[str, ...]:
    lines = files("mecelle.corpus.dedup").joinpath("data", f"{name}.txt").read_text(encoding="utf-8").splitlines()
    entries = (line.partition("#")[0].strip() for line in lines)
    return tuple(entry for entry in entries if entry)
