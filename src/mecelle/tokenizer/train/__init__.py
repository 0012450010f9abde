"""Algorithms that make a subword vocabulary from counted words, one file each, called by their registered names."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from tokenizers import Tokenizer

from mecelle.base.registry import Registry
from mecelle.tokenizer.families import Family
from mecelle.tokenizer.patterns import Pattern


class Algorithm(Protocol):
    """Trains a tokenizer."""

    def __call__(
        self,
        words: Mapping[str, int],
        *,
        vocab_size: int,
        seeds: Sequence[str],
        alphabet: Sequence[str],
        pattern: Pattern,
        family: Family,
        least_pair_count: int,
    ) -> Tokenizer:
        """A tokenizer with at most `vocab_size` tokens, in which each of `seeds` is one token. Same input, same bytes.

        words: (weighted) count of each distinct word that `pattern` finds, sorted by code point; a word may hold
        BOUNDARY between its morphemes, and then no learned piece crosses it. seeds: words without space, digit or mark.
        alphabet: the characters that get a token, sorted (byte-level algorithms know every byte and pass it over).
        family: gives the special tokens. least_pair_count: how often two pieces must stand together to be joined.
        Raises ConfigError if alphabet and seeds alone do not fit, or if pattern or family cannot be used.
        """


ALGORITHMS: Registry[Algorithm] = Registry(__name__, kind="tokenizer algorithm")
