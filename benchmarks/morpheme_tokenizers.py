"""Tokenizers on morphemes: HukukBERT Table 4, "zem" against "no-zem", boundary F1, and the token counts of Mecellem.

Run: python benchmarks/morpheme_tokenizers.py [--seed 1] (about six minutes on one core).

42,020 tokens without seeds, trained on decisions, measured on every tenth one, which training does not see. "No piece
crosses morphemes": learned from segmented words (`segment_words`), runs alone. "Text cut": an analyser cuts whatever is
encoded, too, and morphemes are words; this corpus has too few of them to fill 42,020, so that a vocabulary of whole
words as small as theirs stands beside it. Boundary F1: distinct gold words of the test parts of UD.
"""

import argparse
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
from measuring import machine, write_results
from morpheme_segments import TREEBANK, decisions
from tokenizers import Tokenizer, pre_tokenizers

from mecelle.tokenizer.alphabet import choose_alphabet
from mecelle.tokenizer.families import get_family
from mecelle.tokenizer.measure.boundaries import Cut, GoldWord, read_gold, score_boundaries
from mecelle.tokenizer.measure.intervals import estimate, quotient, resampled_sums
from mecelle.tokenizer.measure.subwords import FastTokenizer
from mecelle.tokenizer.measure.vocabulary import score_vocabulary
from mecelle.tokenizer.morphemes import segment_text
from mecelle.tokenizer.patterns import BOUNDARY, Pattern, get_pattern
from mecelle.tokenizer.train import ALGORITHMS

TRAINED, MEASURED, VOCABULARY = 8_000, 500, 42_020
ENDING = re.compile(rf"{BOUNDARY}[^\W\d_]+(?:{BOUNDARY}['’]?[^\W\d_]+)*")
SMALL = ", with as few tokens as there are of morphemes"
Sums = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def stem_and_ending(segmented: str) -> str:
    """Only the first BOUNDARY of each word stays."""
    return ENDING.sub(lambda found: BOUNDARY + found.group().replace(BOUNDARY, ""), segmented)


def as_words(words: Mapping[str, int]) -> dict[str, int]:
    """Morphemes counted as words of their own."""
    found: Counter[str] = Counter()
    for word, count in words.items():
        for piece in word.split(BOUNDARY):
            found[piece] += count
    return dict(sorted(found.items()))


def trained(algorithm: str, words: Mapping[str, int], pattern: Pattern, size: int) -> Tokenizer:
    """A tokenizer of ours without seeds, that also ends words at BOUNDARY; of at most `size` tokens."""
    characters: Counter[str] = Counter()
    for word, count in words.items():
        for character in word.replace(BOUNDARY, ""):
            characters[character] += count
    one = ALGORITHMS.get(algorithm)(
        words,
        vocab_size=size,
        seeds=(),
        alphabet=choose_alphabet(characters, coverage=0.9999),
        pattern=pattern,
        family=get_family("modernbert"),
        least_pair_count=2,
    )
    one.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(BOUNDARY, "removed"), pattern.pre_tokenizer()])
    return one


def inner_cuts(tokenizer: Tokenizer, segment: Callable[[str], str]) -> Cut:
    """Where a tokenizer cuts a word behind a space, when `segment` has put BOUNDARY into the text."""

    def cut(form: str) -> list[int]:
        text = f" {segment(form)}"
        ends = [end for _, end in tokenizer.encode(text, add_special_tokens=False).offsets]
        return sorted({end - 1 - text.count(BOUNDARY, 0, end) for end in ends} - {0, len(form)})

    return cut


def tokenizers_table(seed: int) -> dict[str, Any]:
    """Subwords per line and boundary F1 of the variants; ratios are to the first of each algorithm."""
    texts = list(islice(decisions(measured=False), TRAINED))
    lines = [
        [line for line in text.splitlines() if line.strip()] for text in islice(decisions(measured=True), MEASURED)
    ]
    gold = read_gold(TREEBANK, splits=["test"]).words
    segment: dict[str, Callable[[str], str]] = {
        "nothing": str,
        "morphemes": lambda text: segment_text(text, between=BOUNDARY),
        "stem and ending": lambda text: stem_and_ending(segment_text(text, between=BOUNDARY)),
    }
    table: dict[str, Any] = {"trained_characters": sum(map(len, texts)), "lines": sum(map(len, lines))}
    print(f"{table['trained_characters']:,} characters trained on; {table['lines']:,} lines of {MEASURED} decisions")
    for algorithm, pattern in (("wordpiece.v1", get_pattern("digits.v1")), ("bpe.v1", get_pattern("llama.v1"))):
        words = dict(sorted(Counter(word for text in texts for word in pattern.find(pattern.clean(text))).items()))
        in_pieces = {name: {cut(word): count for word, count in words.items()} for name, cut in segment.items()}
        variants = {
            "": (words, "nothing"),
            ", no piece crosses morphemes": (in_pieces["morphemes"], "nothing"),
            ", text cut into morphemes": (as_words(in_pieces["morphemes"]), "morphemes"),
            ", text cut into stem and ending": (as_words(in_pieces["stem and ending"]), "stem and ending"),
            SMALL: (words, "nothing"),
        }
        base, size = None, VOCABULARY
        for name, (counted, cut) in variants.items():
            if name == SMALL:
                size = table[f"{algorithm}, text cut into morphemes"]["vocabulary"]
            tokenizer = trained(algorithm, counted, pattern, size)
            figures, sums = measured(tokenizer, lines, gold, segment[cut], base, seed)
            base = sums if base is None else base
            table[algorithm + name] = figures
            line, ratio, scores = figures["subwords_per_line"], figures["ratio"], figures["boundaries"]
            print(
                f"{algorithm + name:59} {figures['vocabulary']} {line['value']:6.2f} a line, "
                f"ratio {ratio['value']:.3f} [{ratio['low']:.3f}, {ratio['high']:.3f}]; "
                f"P {scores['precision']['value']:.3f} "
                f"R {scores['recall']['value']:.3f} F1 {scores['f1']['value']:.3f} [{scores['f1']['low']:.3f}, "
                f"{scores['f1']['high']:.3f}]; unique, Turkish, pure of vocabulary, of used: "
                + ", ".join(str(count) for part in ("vocabulary", "used") for count in figures["tokens"][part].values())
            )
    return table


def measured(
    tokenizer: Tokenizer,
    documents: Sequence[Sequence[str]],
    gold: Sequence[GoldWord],
    segment: Callable[[str], str],
    base: Sums | None,
    seed: int,
) -> tuple[dict[str, Any], Sums]:
    """Figures of one variant; and tokens and lines of each document."""
    encoded = [tokenizer.encode_batch_fast(list(map(segment, lines)), add_special_tokens=False) for lines in documents]
    sums = np.array([[sum(map(len, lines)), len(lines)] for lines in encoded], dtype=np.float64)
    view = FastTokenizer(tokenizer)
    spelt = view.texts()
    used = Counter(spelt[identity] for lines in encoded for line in lines for identity in line.ids)
    tokens = score_vocabulary(spelt, {text: count for text, count in used.items() if text is not None})
    return {
        "vocabulary": tokenizer.get_vocab_size(),
        "subwords_per_line": per_line(sums, None, seed),
        "ratio": per_line(sums, sums if base is None else base, seed),
        "boundaries": score_boundaries(gold, inner_cuts(tokenizer, segment), seed=seed).model_dump(),
        "tokens": tokens.model_dump(),
    }, sums


def per_line(sums: Sums, base: Sums | None, seed: int) -> dict[str, float | None]:
    """Tokens per line, or their ratio to those of `base`, with an interval over documents."""
    below = sums[:, 1] if base is None else base[:, 0]
    drawn = resampled_sums(np.stack([sums[:, 0], below], axis=1), seed=seed)
    value = float(sums[:, 0].sum() / below.sum())
    return estimate(value, quotient(drawn[:, 0], drawn[:, 1]), documents=len(sums)).model_dump()


def main() -> None:
    """Measure, print, write results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    seed = parser.parse_args().seed
    write_results(
        "morpheme_tokenizers",
        {"machine": machine("akana", "simplemma", "tokenizers"), "seed": seed, "tokenizers": tokenizers_table(seed)},
    )


if __name__ == "__main__":
    main()
