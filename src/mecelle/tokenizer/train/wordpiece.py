"""WordPiece with a seeded vocabulary: HukukBERT §3.3.

Pieces are learned by joining the most frequent pairs, as the WordPiece trainer of `tokenizers` does; texts are cut by
the longest piece that fits, from the left (Devlin et al. 2019). Seeds are words of the vocabulary from the start: the
longest piece that fits a seed is the seed itself, so it is one token wherever it stands as a word.

The trainer of `tokenizers` numbers the pieces `##x` in the order of a hash map, which differs from run to run and
decides ties. Here the beginning of a word is a character of its own in training (MARK), no prefix is needed, all ids
follow from the sorted alphabet, and the same corpus gives the same bytes.
"""

import re
from collections.abc import Iterable, Sequence

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from mecelle.base.errors import ConfigError
from mecelle.tokenizer.alphabet import inner_characters
from mecelle.tokenizer.splitting import END, SPECIALS, START, TAG_TOKENS, UNKNOWN, clean, normalizer, pre_tokenizer
from mecelle.tokenizer.train import ALGORITHMS

PREFIX = "##"
"""Before a piece that does not begin a word."""

MARK = "\ue000"
"""Beginning of a word, in training only: a private-use character that no word of the texts keeps."""

LONGEST_WORD = 100
"""Characters; a longer word is unknown as a whole. Source: Devlin et al. 2019, code."""


@ALGORITHMS.register("wordpiece.v1")
def train(
    texts: Iterable[str], *, vocab_size: int, seeds: Sequence[str], alphabet: Sequence[str], least_pair_count: int
) -> Tokenizer:
    """A cased WordPiece tokenizer with at most `vocab_size` tokens, special tokens and tags included.

    It is smaller if the corpus has too few pairs of pieces that stand together `least_pair_count` times.
    Raises ConfigError if alphabet and seeds alone do not fit.
    """
    inner = [character for character in inner_characters(alphabet, pre_tokenizer()) if character != MARK]
    fixed = _fixed_pieces(alphabet, inner, seeds, vocab_size)
    learned = _learn(texts, inner, size=vocab_size, least_pair_count=least_pair_count)
    pieces = list(dict.fromkeys((*fixed, *learned)))[:vocab_size]
    return _assemble({piece: number for number, piece in enumerate(pieces)})


def _fixed_pieces(alphabet: Sequence[str], inner: Sequence[str], seeds: Sequence[str], vocab_size: int) -> list[str]:
    letters = list(dict.fromkeys((*SPECIALS, *TAG_TOKENS, *alphabet, *(PREFIX + character for character in inner))))
    fixed = list(dict.fromkeys((*letters, *seeds)))
    if vocab_size <= len(fixed):
        raise ConfigError(
            f"vocabulary of {vocab_size:,} tokens: the alphabet of this corpus takes {len(letters):,} "
            f"({len(alphabet):,} characters, at the beginning of a word and inside) and the seeds "
            f"{len(fixed) - len(letters):,}; allowed is more than {len(fixed):,}"
        )
    return fixed


def _learn(texts: Iterable[str], inner: Sequence[str], *, size: int, least_pair_count: int) -> list[str]:
    """Pieces of two characters and more, most useful first. inner: the characters that words are made of."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=MARK, prepend_scheme="always", split=True)
    trainer = trainers.BpeTrainer(
        # The letters and MARK take ids of their own here, and so does MARK joined with each letter.
        vocab_size=size + 2 * len(inner) + 1,
        min_frequency=least_pair_count,
        show_progress=False,
    )
    # Digits and punctuation marks are tokens already and join with nothing: only words are learned from.
    word = re.compile(f"[{re.escape(''.join(inner))}]+")
    tokenizer.train_from_iterator((" ".join(word.findall(clean(text))) for text in texts), trainer)
    joined = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    pieces = (piece[1:] if piece[0] == MARK else PREFIX + piece for piece, _ in joined)
    return [piece for piece in pieces if len(piece.removeprefix(PREFIX)) > 1]


def _assemble(vocabulary: dict[str, int]) -> Tokenizer:
    model = models.WordPiece(
        vocabulary, unk_token=UNKNOWN, continuing_subword_prefix=PREFIX, max_input_chars_per_word=LONGEST_WORD
    )
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizer()
    tokenizer.pre_tokenizer = pre_tokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix=PREFIX, cleanup=False)
    tokenizer.add_special_tokens(list(SPECIALS))
    tokenizer.add_tokens([AddedToken(tag, normalized=False, special=False) for tag in TAG_TOKENS])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{START} $A {END}",
        pair=f"{START} $A {END} $B:1 {END}:1",
        special_tokens=[(START, vocabulary[START]), (END, vocabulary[END])],
    )
    return tokenizer
