"""How well a tokenizer fits a text: subwords per line (HukukBERT Table 4) and what goes with it.

Compare tokenizers on the same lines only: subwords per line grow with the length of the lines, bytes per token do not.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from pydantic import BaseModel, ConfigDict
from tokenizers import Tokenizer

from mecelle.base.errors import InputError
from mecelle.tokenizer.splitting import UNKNOWN

_LINES_AT_A_TIME = 1_000


class Measurement(BaseModel):
    """What a tokenizer makes of some texts. Special tokens are not counted."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    vocabulary: int
    """Number of tokens it knows, special tokens included."""
    lines: int
    """Lines with something in them."""
    words: int
    """Stretches between white space, the usual base of fertility."""
    tokens: int
    unknown: int
    """Tokens that stand for a word that could not be written in pieces."""
    bytes: int
    """Of the lines in UTF-8, without line ends."""
    subwords_per_line: float
    """HukukBERT Table 4: mean number of subwords in a line."""
    tokens_per_word: float
    """Fertility."""
    unknown_share: float
    """Of tokens, 0..1."""
    bytes_per_token: float


def measure(tokenizer: Tokenizer, texts: Iterable[str]) -> Measurement:
    """Measure `tokenizer` on the lines of `texts`. Raises InputError if no line has anything in it."""
    lines = words = tokens = unknown = size = 0
    stream = _lines(texts)
    while batch := list(islice(stream, _LINES_AT_A_TIME)):
        lines += len(batch)
        words += sum(len(line.split()) for line in batch)
        size += sum(len(line.encode()) for line in batch)
        for encoding in tokenizer.encode_batch(batch, add_special_tokens=False):
            tokens += len(encoding.ids)
            unknown += encoding.tokens.count(UNKNOWN)
    if not tokens:
        raise InputError("nothing to measure a tokenizer on: no line with a word in it; give other texts")
    return Measurement(
        vocabulary=tokenizer.get_vocab_size(),
        lines=lines,
        words=words,
        tokens=tokens,
        unknown=unknown,
        bytes=size,
        subwords_per_line=tokens / lines,
        tokens_per_word=tokens / words,
        unknown_share=unknown / tokens,
        bytes_per_token=size / tokens,
    )


def _lines(texts: Iterable[str]) -> Iterator[str]:
    return (line for text in texts for line in text.splitlines() if line.strip())
