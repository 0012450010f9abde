"""Unigram language model: Kudo 2018 (arXiv 1804.10959), the algorithm of HukukBERT's 42,102 tokens (Table 4).

Each piece has a probability; a word is cut into the pieces of greatest product (Viterbi). SentencePiece learns them
from counted words: from candidates, it by turns fits the probabilities (EM) and drops the pieces that are missed least.
The candidates are ours: SentencePiece and `tokenizers` take the substrings that two distinct words share, however
frequent the words are, and so never a whole word that begins no other; docs/results/tokenizers.md has what that costs.
The result is an ordinary tokenizer of `tokenizers`, which needs no SentencePiece.

A seed gets the smallest probability with which it is cut as one: that of its best cut without it, and a little
(MARGIN). So another word gains nothing by the seed but where its own best cut passes both ends of it, and is then only
shorter.
"""

import io
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from tempfile import NamedTemporaryFile

import sentencepiece
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

from mecelle.base.errors import ConfigError
from mecelle.tokenizer.alphabet import inner_characters
from mecelle.tokenizer.families import TAG_TOKENS, Family
from mecelle.tokenizer.patterns import Pattern
from mecelle.tokenizer.substrings import frequent_substrings
from mecelle.tokenizer.train import ALGORITHMS

SPACE = "▁"
"""Stands for the space before a word, as in SentencePiece; before every word, if the pattern loses spaces."""

LONGEST_PIECE = 16
"""Characters of a learned piece, as in SentencePiece."""

SUBSTRINGS = 200_000
"""Candidates, the greatest by count x length. SentencePiece has a million, which takes half as much time again."""

MARGIN = 1e-3
"""Of the log probability of a seed over its best cut without it: far above rounding, far below any other difference."""

_THREADS = 2  # of SentencePiece: its sums, and so the bytes, depend on them; two serve two cores and harm no single one
_BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))
_OTHER_SPACES = ("\t", "\n", "\r", "\xa0")  # in words of patterns that keep spaces


def train(
    words: Mapping[str, int],
    *,
    vocab_size: int,
    seeds: Sequence[str],
    alphabet: Sequence[str],
    pattern: Pattern,
    family: Family,
    least_pair_count: int,  # nothing is joined here
    byte_fallback: bool,
) -> Tokenizer:
    """A Unigram tokenizer with at most `vocab_size` tokens, special tokens and tags included.

    byte_fallback: 256 tokens write the characters outside the alphabet in bytes, instead of the unknown token; always
    so for families without one.
    Raises ConfigError if alphabet and seeds alone do not fit.
    """
    bytes_ = _BYTES if byte_fallback or not family.unknown else ()
    inner, marks = _letters(alphabet, pattern)
    whole = [SPACE + seed for seed in seeds] + [seed for seed in seeds if pattern.keeps_spaces]
    specials = len(family.specials) + len(TAG_TOKENS) + len(bytes_)
    letters = len(inner) + len(marks)
    least = specials + letters + len({*whole} - {*inner})
    if vocab_size <= least:
        raise ConfigError(
            f"vocabulary of {vocab_size:,} tokens: the alphabet of this corpus takes {letters:,}, special tokens and "
            f"bytes {specials:,}, the seeds {least - letters - specials:,}; allowed is more than {least:,}"
        )
    room = vocab_size - specials - len(marks)
    parts = _parts(words, inner, pattern)
    learned = _learn(parts, inner, size=room) if parts else {}
    scores = _with_seeds(learned, inner, whole, room)
    least_score = min(scores.values())
    for mark in marks:  # a digit is also a letter inside a number: its piece with the space must win over the two apart
        scores[mark] = max(least_score, scores[SPACE] + scores.get(mark[1:], -math.inf) + MARGIN)
    return _assemble(scores, bytes_, pattern, family, size=vocab_size)


ALGORITHMS.register("unigram.v1")(partial(train, byte_fallback=False))
ALGORITHMS.register("unigram_bytes.v1")(partial(train, byte_fallback=True))


def _letters(alphabet: Sequence[str], pattern: Pattern) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The characters that words are made of, and the marks and digits that are words: with a SPACE, if spaces go."""
    if pattern.keeps_spaces:
        return tuple(sorted({SPACE, *alphabet, *_OTHER_SPACES})), ()
    inner = inner_characters(alphabet, pattern)
    alone = [character for character in alphabet if character not in inner or not pattern.teaches(character)]
    return tuple(sorted({SPACE, *inner})), tuple(SPACE + character for character in sorted(alone))


def _parts(words: Mapping[str, int], letters: Sequence[str], pattern: Pattern) -> tuple[tuple[str, int], ...]:
    """What SentencePiece learns from, sorted: words cut at morphemes and at characters outside the alphabet.

    White space but SPACE teaches nothing: tabs and line ends would break its input, and stay pieces of their own.
    """
    known = re.compile(f"[{re.escape(''.join(letter for letter in letters if not letter.isspace()))}]+")
    counted: Counter[str] = Counter()
    for word, count in words.items():
        if not pattern.teaches(word):
            continue
        for part in known.findall(_spaced(word, pattern)):
            counted[part] += count
    return tuple(sorted((part, count) for part, count in counted.items() if len(part) > 1 or part != SPACE))


def _spaced(word: str, pattern: Pattern) -> str:
    if not pattern.keeps_spaces:
        return SPACE + word
    return SPACE + word[1:] if word[0] == " " else word


@lru_cache(maxsize=1)  # the same training with and without seeds learns once
def _learn(parts: tuple[tuple[str, int], ...], letters: tuple[str, ...], *, size: int) -> dict[str, float]:
    """Pieces with their log probabilities, the most probable first; `letters` are among them."""
    model = io.BytesIO()
    with NamedTemporaryFile("w", encoding="utf-8", suffix=".tsv") as file:
        words, counts = zip(*parts, strict=True)
        candidates = frequent_substrings(words, counts, longest=LONGEST_PIECE, most=SUBSTRINGS)
        file.writelines(f"{piece}\t{count}\n" for piece, count in candidates)
        file.flush()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=(f"{part}\t{count}" for part, count in parts),
            input_format="tsv",
            model_writer=model,
            model_type="unigram",
            vocab_size=size + 1,  # <unk>
            hard_vocab_limit=False,
            required_chars="".join(letters),
            character_coverage=1.0,
            seed_sentencepieces_file=file.name,
            max_sentencepiece_length=LONGEST_PIECE,
            num_threads=_THREADS,
            # The pattern alone decides what a word is.
            normalization_rule_name="identity",
            add_dummy_prefix=False,
            remove_extra_whitespaces=False,
            split_by_unicode_script=False,
            split_by_number=False,
            bos_id=-1,
            eos_id=-1,
            minloglevel=2,
        )
    learned = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    pieces = range(1, learned.get_piece_size())
    return {learned.id_to_piece(number): learned.get_score(number) for number in pieces}


def _with_seeds(
    learned: Mapping[str, float], letters: Sequence[str], seeds: Sequence[str], room: int
) -> dict[str, float]:
    """The letters, the most probable learned pieces that leave room for the seeds, and the seeds, each cut as one."""
    least = min(learned.values(), default=0.0)
    scores = {letter: learned.get(letter, least) for letter in letters}
    fixed = {*letters, *seeds}
    pieces = sorted((piece for piece in learned if piece not in fixed), key=lambda piece: (-learned[piece], piece))
    scores.update((piece, learned[piece]) for piece in pieces[: room - len(fixed)])
    unknown = least - 10.0  # as SentencePiece and `tokenizers` have it
    longest = max(map(len, (*scores, *seeds)))
    for seed in sorted(set(seeds), key=lambda seed: (len(seed), seed)):  # a seed may be a piece of a longer one
        best = _best_score(seed, scores, unknown=unknown, longest=longest) + MARGIN
        scores[seed] = max(best, learned.get(seed, best))
    return dict(sorted(scores.items(), key=lambda item: (-item[1], item[0])))


def _best_score(word: str, scores: Mapping[str, float], *, unknown: float, longest: int) -> float:
    """Log probability of the best cut of a word. unknown: of a character outside the alphabet; longest: piece."""
    best = [0.0] + [float("-inf")] * len(word)
    for end in range(1, len(word) + 1):
        best[end] = best[end - 1] + scores.get(word[end - 1], unknown)
        for start in range(max(0, end - longest), end - 1):
            if (score := scores.get(word[start:end])) is not None:
                best[end] = max(best[end], best[start] + score)
    return best[-1]


def _assemble(
    scores: Mapping[str, float], bytes_: Sequence[str], pattern: Pattern, family: Family, *, size: int
) -> Tokenizer:
    order = family.order([*bytes_, *scores], size=size)
    least = min(scores.values())
    vocabulary = [(piece, scores.get(piece, least if piece in bytes_ else 0.0)) for piece in order]
    unknown = order[family.unknown or _BYTES[0]]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=unknown, byte_fallback=bool(bytes_)))
    tokenizer.normalizer = pattern.normalizer()
    cut = pre_tokenizers.Split(Regex(pattern.words), "isolated") if pattern.keeps_spaces else pattern.pre_tokenizer()
    scheme = "never" if pattern.keeps_spaces else "always"
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([cut, pre_tokenizers.Metaspace(SPACE, scheme, split=False)])
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace(SPACE, scheme, split=False)])
    family.dress(tokenizer)
    return tokenizer
