"""How well one tokenizer fits a text, in a few figures: what the stage "tokenizer" records of its result.

Compare tokenizers on the same lines only: subwords per line grow with the length of the lines, bytes per token do not.
"""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict
from tokenizers import Tokenizer

from mecelle.base.errors import InputError
from mecelle.tokenizer.measure.counts import count
from mecelle.tokenizer.measure.subwords import FastTokenizer
from mecelle.tokenizer.measure.texts import lines_of


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
    one = FastTokenizer(tokenizer)
    counts = count(one, [found for text in texts if (found := lines_of(text)).lines])
    lines, words, tokens, unknown, size = map(counts.total, ("lines", "words", "tokens", "unknown", "bytes"))
    if not tokens:
        raise InputError("nothing to measure a tokenizer on: no line with a word in it; give other texts")
    return Measurement(
        vocabulary=one.vocabulary,
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
