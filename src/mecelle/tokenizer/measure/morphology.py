"""The bridge from a tokenizer to the morphological measures: where it cuts words, what its tokens say."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from mecelle.base.errors import InputError
from mecelle.base.seeds import generator
from mecelle.tokenizer.measure.boundaries import BoundaryScores, Cut, GoldWord, read_gold, score_boundaries
from mecelle.tokenizer.measure.counts import Counts
from mecelle.tokenizer.measure.subwords import SubwordTokenizer
from mecelle.tokenizer.measure.vocabulary import VocabularyScores, score_vocabulary

_BEFORE = "Bu "
"""What a word stands behind when its cuts are looked at: byte-level tokenizers cut words after a space otherwise."""


def tokens(tokenizer: SubwordTokenizer, counts: Counts, *, analyser: str) -> VocabularyScores:
    """Turkish, pure and unique tokens of the vocabulary, and of the text that was counted."""
    texts = tokenizer.texts()
    used: Counter[str] = Counter()
    for text, times in zip(texts, counts.used.tolist(), strict=False):
        if text is not None and times:
            used[text] += times
    return score_vocabulary(texts, used, analyser=analyser)


def draw_gold(path: Path, *, most: int, seed: int) -> list[GoldWord]:
    """At most `most` gold words of a treebank, sorted. Raises InputError if it is absent or no word of it is gold."""
    if not path.is_file():
        raise InputError(f"{path}: no such treebank; expected JSON Lines with form, lemma, upos, feats")
    words = read_gold(path).words
    if not words:
        raise InputError(f"{path}: no word whose split follows from lemma and features; is it a Turkish treebank?")
    chosen = generator(seed, "tokenizer", "measure", "gold").permutation(len(words))[:most]
    return [words[place] for place in sorted(chosen)]


def cuts_of(tokenizer: SubwordTokenizer) -> Cut:
    """Where `tokenizer` cuts inside a word that stands behind a space."""
    begin = len(_BEFORE)

    def cut(word: str) -> Sequence[int]:
        (encoded,) = tokenizer.encode([_BEFORE + word])
        return sorted({low - begin for low, _ in encoded.offsets if begin < low < begin + len(word)})

    return cut


def boundaries(tokenizer: SubwordTokenizer, gold: Sequence[GoldWord], *, seed: int) -> BoundaryScores:
    """Boundary precision, recall and F1."""
    return score_boundaries(gold, cuts_of(tokenizer), seed=seed)
