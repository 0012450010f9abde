"""What is counted of each document under a tokenizer; all rates are quotients of these sums."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mecelle.text.unicode import nfc
from mecelle.tokenizer.measure.subwords import Encoded, SubwordTokenizer
from mecelle.tokenizer.measure.texts import Text

LIMITS = (512, 1_024)
"""Lengths after which models cut a document, in tokens."""

COLUMNS = (
    "documents", "lines", "words", "letter_words", "characters", "bytes", "tokens", "unknown", "unknown_characters",
    "continued", "exact", "folded", "spaceless", *(f"over_{limit}" for limit in LIMITS),
)  # fmt: skip
"""words stand between white space; letter_words are runs of letters, the same for every tokenizer; continued: letter
words that took two tokens or more; exact, folded, spaceless: lines that decoding gives back (see `round_trips`)."""

_LETTERS = re.compile(r"[^\W\d_]+")

Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Counts:
    """Of all documents under one tokenizer."""

    table: NDArray[np.float64]
    """Shape (documents, len(COLUMNS))."""
    used: NDArray[np.int64]
    """How often each id came, shape (vocabulary,)."""

    def total(self, column: str) -> int:
        """The sum of one column."""
        return int(self.table[:, COLUMNS.index(column)].sum())


def count(tokenizer: SubwordTokenizer, texts: Sequence[Text]) -> Counts:
    """Tokenize `texts` line by line and count."""
    table = np.zeros((len(texts), len(COLUMNS)))
    used = np.zeros(tokenizer.vocabulary, dtype=np.int64)
    for row, text in zip(table, texts, strict=True):
        encoded = tokenizer.encode(text.lines)
        ids = np.array([identity for one in encoded for identity in one.ids], dtype=np.int64)
        used = _added(used, ids)
        found = _of_text(text) | _of_tokens(text, encoded, ids, tokenizer.unknown)
        found |= round_trips(text.lines, tokenizer.decode([one.ids for one in encoded]))
        row[:] = [found[name] for name in COLUMNS]
    return Counts(table, used)


def round_trips(lines: Sequence[str], decoded: Sequence[str]) -> dict[str, int]:
    """How many lines, in NFC, came back: exact; folded: runs of white space as one; spaceless: but for white space."""
    pairs = [(nfc(line), back) for line, back in zip(lines, decoded, strict=True)]
    return {
        "exact": sum(line == back for line, back in pairs),
        "folded": sum(line.split() == back.split() for line, back in pairs),
        "spaceless": sum("".join(line.split()) == "".join(back.split()) for line, back in pairs),
    }


def pieces(begins: Positions, ends: Positions, spans: Positions) -> Positions:
    """How many tokens have a part in each of `spans`, shape (spans, 2). begins, ends: of the tokens, in order."""
    return np.searchsorted(begins, spans[:, 1], "left") - np.searchsorted(ends, spans[:, 0], "right")


def _of_text(text: Text) -> dict[str, int]:
    return {
        "documents": 1,
        "lines": len(text.lines),
        "words": sum(len(line.split()) for line in text.lines),
        "characters": sum(map(len, text.lines)),
        "bytes": sum(len(line.encode(errors="surrogatepass")) for line in text.lines),
    }


def _of_tokens(text: Text, encoded: Sequence[Encoded], ids: Positions, unknown: int | None) -> dict[str, int]:
    begins, ends = _offsets(text, encoded)
    is_unknown = ids == (-1 if unknown is None else unknown)
    words = np.array([found.span() for found in _LETTERS.finditer(text.joined)], dtype=np.int64).reshape(-1, 2)
    return {
        "tokens": len(ids),
        "unknown": int(is_unknown.sum()),
        "unknown_characters": int((ends - begins)[is_unknown].sum()),
        "letter_words": len(words),
        "continued": int((pieces(begins, ends, words) > 1).sum()),
        **{f"over_{limit}": int(len(ids) > limit) for limit in LIMITS},
    }


def _offsets(text: Text, encoded: Sequence[Encoded]) -> tuple[Positions, Positions]:
    """Begins and ends of all tokens as positions in `text.joined`."""
    lengths = [len(one.ids) for one in encoded]
    bases = np.cumsum([0, *(len(line) + 1 for line in text.lines)])[:-1]
    flat = np.array([span for one in encoded for span in one.offsets], dtype=np.int64).reshape(-1, 2)
    moved = flat + np.repeat(bases, lengths)[:, None]
    return moved[:, 0], moved[:, 1]


def _added(used: Positions, ids: Positions) -> Positions:
    # An added token may have an id beyond the number of entries.
    found = np.bincount(ids, minlength=len(used))
    found[: len(used)] += used
    return found
