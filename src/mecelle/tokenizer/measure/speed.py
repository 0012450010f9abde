"""Encoding and decoding speed on one core, all tokenizers in turns, so that a busy machine slows them alike."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from mecelle.tokenizer.measure.intervals import median
from mecelle.tokenizer.measure.subwords import SubwordTokenizer
from mecelle.tokenizer.measure.texts import Text

PASSES = 5
MEGABYTE = 1_000_000
MOST_BYTES = MEGABYTE
_PARALLEL = "TOKENIZERS_PARALLELISM"

T = TypeVar("T")


class Speed(BaseModel):
    """Medians over the passes. MB are 1,000,000 bytes of the text in UTF-8, for decoding too."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    encode_mb_per_s: float
    """From lines to lists of ids."""
    decode_mb_per_s: float
    encode_ratio: float | None = None
    """To the baseline, median over the passes; above 1 is faster."""
    decode_ratio: float | None = None


def speeds(
    tokenizers: Mapping[str, SubwordTokenizer], texts: Sequence[Text], *, baseline: str, passes: int = PASSES
) -> dict[str, Speed]:
    """Time every tokenizer on the first lines of `texts`, MOST_BYTES of them, after one pass that is not counted."""
    lines, size = _first_lines(texts)
    ids = {name: tokenizer.encode_ids(lines) for name, tokenizer in tokenizers.items()}
    encode: dict[str, list[float]] = {name: [] for name in tokenizers}
    decode: dict[str, list[float]] = {name: [] for name in tokenizers}
    with _one_thread():
        for _ in range(passes):
            for name, tokenizer in tokenizers.items():
                encode[name].append(_seconds(tokenizer.encode_ids, lines))
                decode[name].append(_seconds(tokenizer.decode, ids[name]))
    return {
        name: Speed(
            encode_mb_per_s=size / MEGABYTE / median(encode[name]),
            decode_mb_per_s=size / MEGABYTE / median(decode[name]),
            encode_ratio=None if name == baseline else _ratio(encode[baseline], encode[name]),
            decode_ratio=None if name == baseline else _ratio(decode[baseline], decode[name]),
        )
        for name in tokenizers
    }


def _first_lines(texts: Sequence[Text]) -> tuple[list[str], int]:
    lines: list[str] = []
    size = 0
    for line in (line for text in texts for line in text.lines):
        lines.append(line)
        size += len(line.encode(errors="surrogatepass"))
        if size >= MOST_BYTES:
            break
    return lines, size


def _seconds(work: Callable[[Sequence[T]], object], given: Sequence[T]) -> float:
    began = time.perf_counter()
    work(given)
    return time.perf_counter() - began


def _ratio(theirs: Sequence[float], ours: Sequence[float]) -> float:
    return median([a / b for a, b in zip(theirs, ours, strict=True)])


@contextmanager
def _one_thread() -> Iterator[None]:
    """`tokenizers` asks the environment at every batch whether it may use all cores."""
    before = os.environ.get(_PARALLEL)
    os.environ[_PARALLEL] = "false"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_PARALLEL]
        else:
            os.environ[_PARALLEL] = before
