"""What the model sees of a sentence: numbers of its word pieces, and a few facts about its form and place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from mecelle.segmentation.units import Span, unit_spans
from mecelle.text.casing import fold
from mecelle.text.words import words

FACTS = 11
"""Numbers that `_facts` gives."""
_HEAD, _END = 4, 2
"""Words at both ends of a sentence that count by their place."""
_DIGIT = re.compile(r"\d")
_PREFIX, _SUFFIX = 5, 4
"""Letters: a Turkish stem, and the ending that says who speaks (-mıştır, -ması, -dığını)."""


@dataclass(frozen=True)
class Units:
    """The sentences of a document as numbers. Letters: T units, P pieces of all units, F facts."""

    spans: list[Span]
    pieces: NDArray[np.int64]
    """Numbers of word pieces, below the number of buckets."""
    offsets: NDArray[np.int64]
    """Where the pieces of each unit begin."""
    facts: NDArray[np.float32]
    vectors: NDArray[np.float32] | None = None
    """Of a frozen encoder, if there is one."""


def units(text: str, *, buckets: int) -> Units:
    """The units of a text; a text of white space has none."""
    spans = unit_spans(text)
    bags = [_pieces(text[start:end], buckets) for start, end in spans]
    offsets = np.cumsum([0, *map(len, bags)][:-1]) if bags else np.zeros(0)
    return Units(
        spans=spans,
        pieces=np.array([piece for bag in bags for piece in bag], dtype=np.int64),
        offsets=offsets.astype(np.int64),
        facts=np.array([_facts(text, spans, at) for at in range(len(spans))], dtype=np.float32).reshape(-1, FACTS),
    )


def _pieces(sentence: str, buckets: int) -> list[int]:
    """Words, their first and last letters, and pairs of words, hashed. A number counts by its form alone."""
    shaped = [_DIGIT.sub("0", word) for word in words(fold(sentence))]
    named = [f"w{word}" for word in shaped] + [f"p{word[:_PREFIX]}" for word in shaped]
    named += [f"s{word[-_SUFFIX:]}" for word in shaped]
    named += [f"b{a} {b}" for a, b in zip(["^", *shaped], [*shaped, "$"], strict=True)]
    # Who speaks stands at the head (Davalı vekili temyiz dilekçesinde), what is done at the end (istemiştir).
    named += [f"h{at}{word}" for at, word in enumerate(shaped[:_HEAD])] + [f"e{word}" for word in shaped[-_END:]]
    return [crc32(piece.encode()) % buckets for piece in named]


def _facts(text: str, spans: Sequence[Span], at: int) -> tuple[float, ...]:
    (start, end), count = spans[at], len(spans)
    sentence = text[start:end]
    letters = sum(c.isalpha() for c in sentence) or 1
    before = text[spans[at - 1][1] : start] if at else "\n"
    return (
        log1p(len(sentence)) / 8,
        sum(c.isupper() for c in sentence) / letters,
        sum(c.isdigit() for c in sentence) / len(sentence),
        float(sentence.endswith(":")),
        float(sentence.endswith(",")),
        float(sentence[0].isdigit()),
        float("\n" in before),
        float(" :" in sentence or ": " in sentence),
        at / count,
        log1p(at) / 8,
        log1p(count - 1 - at) / 8,
    )
