"""Algorithms that make a subword vocabulary, one file each, called by their registered names."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from tokenizers import Tokenizer

from mecelle.base.registry import Registry


class Algorithm(Protocol):
    """Trains a tokenizer."""

    def __call__(
        self,
        texts: Iterable[str],
        *,
        vocab_size: int,
        seeds: Sequence[str],
        alphabet: Sequence[str],
        least_pair_count: int,
    ) -> Tokenizer:
        """A tokenizer with at most `vocab_size` tokens, in which each of `seeds` is one token. Same input, same bytes.

        texts: the corpus, read once; alphabet: the characters that get a token; least_pair_count: how often two pieces
        must stand together to be joined.
        """


ALGORITHMS: Registry[Algorithm] = Registry(__name__, kind="tokenizer algorithm")
