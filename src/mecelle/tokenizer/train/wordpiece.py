"""WordPiece with a seeded vocabulary: HukukBERT §3.3.

Pieces are learned by joining the most frequent pairs, as the WordPiece trainer of `tokenizers` does; texts are cut by
the longest piece that fits, from the left (Devlin et al. 2019). Seeds are words of the vocabulary from the start: the
longest piece that fits a seed is the seed itself, so it is one token wherever it stands as a word.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from tokenizers import Tokenizer, decoders, models

from mecelle.base.errors import ConfigError
from mecelle.tokenizer.alphabet import inner_characters
from mecelle.tokenizer.families import TAG_TOKENS, Family
from mecelle.tokenizer.pairs import learn_pairs
from mecelle.tokenizer.patterns import BOUNDARY, Pattern
from mecelle.tokenizer.train import ALGORITHMS

PREFIX = "##"
"""Before a piece that does not begin a word."""

LONGEST_WORD = 100
"""Characters; a longer word is unknown as a whole. Source: Devlin et al. 2019, code."""


@ALGORITHMS.register("wordpiece.v1")
def train(
    words: Mapping[str, int],
    *,
    vocab_size: int,
    seeds: Sequence[str],
    alphabet: Sequence[str],
    pattern: Pattern,
    family: Family,
    least_pair_count: int,
) -> Tokenizer:
    """A cased WordPiece tokenizer with at most `vocab_size` tokens, special tokens and tags included.

    It is smaller if the corpus has too few pairs of pieces that stand together `least_pair_count` times. Words with a
    character outside the alphabet, unknown as a whole, teach nothing.
    Raises ConfigError if alphabet and seeds alone do not fit, if the pattern keeps spaces, or if the family has no
    unknown token.
    """
    _check(pattern, family)
    inner = inner_characters(alphabet, pattern)
    fixed = _fixed_pieces(alphabet, inner, seeds, family, vocab_size)
    learned = _learn(words, inner, pattern, most=vocab_size, least_pair_count=least_pair_count)
    vocabulary = family.order([*fixed, *learned], size=vocab_size)
    tokenizer = Tokenizer(
        models.WordPiece(
            vocabulary,
            unk_token=family.unknown,
            continuing_subword_prefix=PREFIX,
            max_input_chars_per_word=LONGEST_WORD,
        )
    )
    tokenizer.normalizer = pattern.normalizer()
    tokenizer.pre_tokenizer = pattern.pre_tokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix=PREFIX, cleanup=False)
    family.dress(tokenizer)
    return tokenizer


def _check(pattern: Pattern, family: Family) -> None:
    if pattern.keeps_spaces:
        raise ConfigError(f"pattern {pattern.name} keeps spaces, which WordPiece cannot write: take digits.v1")
    if not family.unknown:
        raise ConfigError(f"family {family.name} has no token for unknown words, which WordPiece needs: take bpe.v1")


def _fixed_pieces(
    alphabet: Sequence[str], inner: Sequence[str], seeds: Sequence[str], family: Family, vocab_size: int
) -> list[str]:
    letters = list(dict.fromkeys((*alphabet, *(PREFIX + character for character in inner))))
    fixed = list(dict.fromkeys((*letters, *seeds)))
    specials = len(family.specials) + len(TAG_TOKENS)
    if vocab_size <= specials + len(fixed):
        raise ConfigError(
            f"vocabulary of {vocab_size:,} tokens: the alphabet of this corpus takes {len(letters):,} "
            f"({len(alphabet):,} characters, at the beginning of a word and inside), the seeds "
            f"{len(fixed) - len(letters):,}, special tokens {specials:,}; allowed is more than "
            f"{specials + len(fixed):,}"
        )
    return fixed


def _learn(
    words: Mapping[str, int], inner: Sequence[str], pattern: Pattern, *, most: int, least_pair_count: int
) -> list[str]:
    """Pieces of two characters and more, most useful first. inner: the characters that words are made of."""
    known = frozenset(inner) | {BOUNDARY}
    parts: list[str] = []
    begin_words: list[bool] = []
    counts: list[int] = []
    for word, count in words.items():
        if len(word) > 1 and pattern.teaches(word) and known.issuperset(word):
            first, *others = word.split(BOUNDARY)
            parts += (first, *others)
            begin_words += (True, *(False for _ in others))
            counts += [count] * (1 + len(others))
    if not parts:
        return []
    # Symbols: the characters as they begin a word, then as they stand inside, each sorted.
    letters = np.array(sorted(map(ord, inner)))
    symbols = len(letters) + np.searchsorted(letters, np.frombuffer("".join(parts).encode("utf-32-le"), np.uint32))
    lengths = np.fromiter(map(len, parts), dtype=np.int64)
    symbols[(np.cumsum(lengths) - lengths)[np.array(begin_words)]] -= len(letters)
    pairs = learn_pairs(
        symbols.astype(np.int32), lengths, np.array(counts), first_new=2 * len(letters), most=most,
        least_count=least_pair_count,
    )  # fmt: skip
    pieces = [chr(letter) for letter in letters] + [PREFIX + chr(letter) for letter in letters]
    for left, right in pairs:
        pieces.append(pieces[left] + pieces[right].removeprefix(PREFIX))
    return pieces[2 * len(letters) :]
