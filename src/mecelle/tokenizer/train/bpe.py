"""Byte-level byte-pair encoding: Mecellem §3.3.3 (59,008 tokens, the pattern of Llama 3).

Words are cut into bytes and joined by the learned pairs, in the order in which they were learned (Sennrich et al. 2016;
bytes: Radford et al. 2019). No text is unknown, and each decodes to itself (in NFC).

A seed is a token of the vocabulary with and without a space before it, and a word that is a token is never cut
(`ignore_merges`): so a seed that is a word of the pattern is one token. Where a pattern lets a mark begin a word, as
Llama's does with "(davacı", the seed must also come about inside a word: then no learned piece joins a mark to a
letter, and the pieces of the seed are joined by pairs of its own that come after all learned ones.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np
from tokenizers import Tokenizer, decoders, models

from mecelle.base.errors import ConfigError
from mecelle.tokenizer.families import TAG_TOKENS, Family
from mecelle.tokenizer.pairs import learn_pairs
from mecelle.tokenizer.patterns import BOUNDARY, Pattern
from mecelle.tokenizer.train import ALGORITHMS

Pair = tuple[str, str]

_BETWEEN_MARK_AND_LETTER = re.compile(r"(?<=[^\w\s])(?=[^\W\d_])")


def _byte_characters() -> dict[int, str]:
    """How each byte is written in a vocabulary: visible characters for themselves (Radford et al. 2019, code)."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in set(visible)]
    return {byte: chr(byte) for byte in visible} | {byte: chr(256 + n) for n, byte in enumerate(others)}


BYTE_CHARACTERS = _byte_characters()
_BYTES = sorted(BYTE_CHARACTERS, key=lambda byte: BYTE_CHARACTERS[byte])  # by number of their symbol


@ALGORITHMS.register("bpe.v1")
def train(
    words: Mapping[str, int],
    *,
    vocab_size: int,
    seeds: Sequence[str],
    alphabet: Sequence[str],  # every byte is known
    pattern: Pattern,
    family: Family,
    least_pair_count: int,
) -> Tokenizer:
    """A byte-level tokenizer with at most `vocab_size` tokens, special tokens and tags included.

    Raises ConfigError if bytes and seeds alone do not fit, or if the pattern loses spaces.
    """
    if not pattern.keeps_spaces:
        raise ConfigError(
            f"pattern {pattern.name} loses spaces, which bpe.v1 keeps: take llama.v1, gpt2.v1 or legal.v1"
        )
    inside = [written(seed) for seed in seeds if len(pattern.find("(" + seed)) == 1]
    if inside:
        words = _parted(words)
    room = vocab_size - len(family.specials) - len(TAG_TOKENS) - len(_BYTES)
    whole = [written(form) for seed in seeds for form in (seed, " " + seed)]
    pairs = _learn(words, most=room, least_pair_count=least_pair_count) if room > 0 else []
    pairs, tokens = _fitting(pairs, whole, inside, room, vocab_size)
    model = models.BPE(family.order(tokens, size=vocab_size), pairs, ignore_merges=True)
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = pattern.normalizer()
    tokenizer.pre_tokenizer = pattern.pre_tokenizer()
    tokenizer.decoder = decoders.ByteLevel()
    family.dress(tokenizer)
    return tokenizer


def written(text: str) -> str:
    """A text as byte-level vocabularies write it.

    >>> written(" ıslah")
    'ĠÄ±slah'
    """
    return "".join(BYTE_CHARACTERS[byte] for byte in text.encode())


def _parted(words: Mapping[str, int]) -> dict[str, int]:
    return {_BETWEEN_MARK_AND_LETTER.sub(BOUNDARY, word): count for word, count in words.items()}


def _learn(words: Mapping[str, int], *, most: int, least_pair_count: int) -> list[Pair]:
    parts = [(part.encode(), count) for word, count in words.items() for part in word.split(BOUNDARY)]
    if not parts:
        return []
    symbol_of = np.empty(256, dtype=np.int32)
    symbol_of[_BYTES] = np.arange(256)
    pairs = learn_pairs(
        symbol_of[np.frombuffer(b"".join(part for part, _ in parts), dtype=np.uint8)],
        np.array([len(part) for part, _ in parts]),
        np.array([count for _, count in parts]),
        first_new=256,
        most=most,
        least_count=least_pair_count,
    )
    names = [BYTE_CHARACTERS[byte] for byte in _BYTES]
    named = []
    for left, right in pairs:
        named.append((names[left], names[right]))
        names.append(names[left] + names[right])
    return list(dict.fromkeys(named))


def _fitting(
    pairs: list[Pair], whole: Sequence[str], inside: Sequence[str], room: int, vocab_size: int
) -> tuple[list[Pair], list[str]]:
    """The learned pairs that leave room for the seeds, with the seeds' own pairs; and all tokens but the special."""
    kept = len(pairs)
    while True:
        all_pairs = pairs[:kept] + _seed_pairs(inside, pairs[:kept])
        made = dict.fromkeys((*(left + right for left, right in all_pairs), *whole))
        if len(made) <= room:
            return all_pairs, [*(BYTE_CHARACTERS[byte] for byte in _BYTES), *made]
        if not kept:
            raise ConfigError(
                f"vocabulary of {vocab_size:,} tokens: the 256 bytes, special tokens and tags take "
                f"{vocab_size - room:,} and the seeds {len(made):,}; allowed is {vocab_size - room + len(made):,} or "
                "more"
            )
        kept = max(0, kept - (len(made) - room))


def _seed_pairs(seeds: Iterable[str], pairs: Sequence[Pair]) -> list[Pair]:
    """Pairs that make each seed one piece when they follow `pairs`: what is left of it is joined from the left."""
    ranks = {pair: rank for rank, pair in enumerate(pairs)}
    added: list[Pair] = []
    for seed in seeds:
        # Anew after each pair, which may join other pieces of the seed, too ("peyderpey").
        while len(pieces := _pieces(seed, ranks)) > 1:
            pair = pieces[0], pieces[1]
            ranks[pair] = len(ranks)
            added.append(pair)
    return added


def _pieces(word: str, ranks: Mapping[Pair, int]) -> list[str]:
    """The pieces that a word is joined to."""
    pieces = list(word)
    while len(pieces) > 1:
        rank, place = min((ranks.get(pair, len(ranks)), n) for n, pair in enumerate(pairwise(pieces)))
        if rank == len(ranks):
            break
        pieces[place : place + 2] = [pieces[place] + pieces[place + 1]]
    return pieces
