"""Texts to ids for whole corpora: what comes again is cut once.

Nearly all of a corpus is words that were seen before, so a dictionary from cells (`Pattern.find_cells`) to ids does
the work of the tokenizer. The ids are those of `Tokenizer.encode`, which cuts each new cell; there are no offsets.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from tokenizers import Tokenizer, models

from mecelle.tokenizer.patterns import PATTERNS, Pattern

Ids = NDArray[np.int32]

MOST_CELLS = 4_000_000
"""Cells that are remembered, about 700 MB; the memory is emptied when it is full."""

_TEXTS_AT_ONCE = 256


def encode_corpus(tokenizer: Tokenizer, texts: Iterable[str], *, most_cells: int = MOST_CELLS) -> Iterator[Ids]:
    """The ids of each text without special tokens, as `tokenizer.encode` gives them.

    A tokenizer of another making than ours, Unigram, or one that truncates or pads, encodes text by text.
    """
    pattern = pattern_of(tokenizer)
    remembered = None if pattern is None or tokenizer.truncation or tokenizer.padding else pattern
    memory: dict[str, bytes] = {}
    # Such tokens stand outside the words, and a mask takes the space before it.
    added = re.compile("|".join(re.escape(one.content) for one in tokenizer.get_added_tokens_decoder().values()))
    stream = iter(texts)
    while batch := list(islice(stream, _TEXTS_AT_ONCE)):
        cells = [remembered.find_cells(remembered.normalize(text)) if remembered and not added.search(text) else None
                 for text in batch]  # fmt: skip
        new = list(dict.fromkeys(cell for found in cells if found for cell in found if cell not in memory))
        memory.update(zip(new, _encode(tokenizer, new), strict=True))
        whole = iter(_encode(tokenizer, [text for text, found in zip(batch, cells, strict=True) if found is None]))
        for found in cells:
            ids = next(whole) if found is None else b"".join([memory[cell] for cell in found])
            yield np.frombuffer(ids, dtype=np.int32)
        if len(memory) > most_cells:
            memory.clear()


def pattern_of(tokenizer: Tokenizer) -> Pattern | None:
    """The pattern of ours by which a tokenizer cuts and normalizes; None if it is not ours, or cuts more (Unigram)."""
    steps = _steps(tokenizer)
    for pattern in PATTERNS.values():
        ours = Tokenizer(models.BPE())
        ours.pre_tokenizer, ours.normalizer = pattern.pre_tokenizer(), pattern.normalizer()
        if _steps(ours) == steps:
            return pattern
    return None


def _steps(tokenizer: Tokenizer) -> tuple[Any, Any]:
    # Not str(): it shortens long expressions and lists.
    described = orjson.loads(tokenizer.to_str())
    return described["normalizer"], described["pre_tokenizer"]


def _encode(tokenizer: Tokenizer, texts: Sequence[str]) -> list[bytes]:
    """The ids of each text as the bytes of their array."""
    encodings = tokenizer.encode_batch_fast(texts, add_special_tokens=False) if texts else []
    return [np.array(one.ids, dtype=np.int32).tobytes() for one in encodings]
