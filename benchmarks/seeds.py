"""Is seeding worth it? Algorithms trained with and without the terms of dictionary and legal_terms, on the same counts.

Prints what the seeds take, and paired subwords per line on held-out legal text; intervals over documents drawn again.
The folder of collections is that of tokenizer_comparison.py (legal, held-out).

    python benchmarks/seeds.py ~/.cache/mecelle/tokenizers --seed 7
"""

import argparse
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from measuring import DATA, machine, write_results
from tokenizers import Tokenizer

from mecelle.base.collection import read_documents
from mecelle.tokenizer import seeding
from mecelle.tokenizer.alphabet import choose_alphabet, count_characters
from mecelle.tokenizer.counting import count_words, weigh
from mecelle.tokenizer.families import get_family
from mecelle.tokenizer.measure.intervals import estimate, resampled_sums
from mecelle.tokenizer.patterns import get_pattern
from mecelle.tokenizer.train import ALGORITHMS

TERMS = [DATA / "legal" / name for name in ("dictionary.jsonl.gz", "legal_terms.jsonl.gz")]
WAYS = [
    (algorithm, pattern, size)
    for algorithm, pattern in (
        ("wordpiece.v1", "digits.v1"),
        ("bpe.v1", "legal.v1"),
        ("bpe.v1", "llama.v1"),
        ("unigram.v1", "digits.v1"),
    )
    for size in (32_000, 48_000)
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collections", type=Path)
    parser.add_argument("--corpus", default="legal", help="which of the collections to train on")
    parser.add_argument("--algorithms", nargs="*", default=None, help="only these")
    parser.add_argument("--least-occurrences", type=int, default=1)
    parser.add_argument("--name", default="seeds", help="of the results")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    rows = [term for path in TERMS for term in seeding.read_terms(path)]
    held_out = [document.text for document in read_documents(given.collections / "held-out")]
    results = []
    for algorithm, pattern, size in WAYS:
        if given.algorithms is None or algorithm in given.algorithms:
            found = compare(given, algorithm, pattern, size, rows, held_out)
            results.append(found)
            sys.stdout.write(line(found) + "\n")
            sys.stdout.flush()
    write_results(given.name, {"machine": machine("tokenizers", "sentencepiece"), "seed": given.seed, "ways": results})


def compare(
    given: argparse.Namespace, algorithm: str, pattern_name: str, size: int, rows: list[str], held_out: list[str]
) -> dict[str, Any]:
    """One algorithm at one size, with and without seeds."""
    pattern = get_pattern(pattern_name)
    counts = count_words(given.collections / given.corpus, pattern, sample=1, seed=given.seed)
    occurrences, words = counts.occurrences(), weigh(counts.words, {})
    alphabet = choose_alphabet(count_characters(words), coverage=0.9999)
    chosen = seeding.choose(
        rows + counts.terms, occurrences, least_occurrences=given.least_occurrences,
        room=size // (8 if pattern.keeps_spaces else 4),
    )  # fmt: skip
    seconds, trained = [], []
    for seeds in ([], chosen.tokens):
        start = time.perf_counter()
        trained.append(
            ALGORITHMS.get(algorithm)(
                words, vocab_size=size, seeds=seeds, alphabet=alphabet, pattern=pattern,
                family=get_family("modernbert"), least_pair_count=2,
            )
        )  # fmt: skip
        seconds.append(time.perf_counter() - start)
    without, seeded = trained
    start = time.perf_counter()
    cost = seeding.cost(chosen, without=without, seeded=seeded, words=words, occurrences=occurrences)
    seconds.append(time.perf_counter() - start)
    return {
        "algorithm": algorithm, "pattern": pattern_name, "vocabulary": size, "corpus": given.corpus,
        "rows": chosen.rows, "rows_kept": chosen.rows_kept, "terms": len(chosen.kept), "dropped": chosen.reasons,
        "seconds_without_with_cost": seconds,
        "violations": len(seeding.verify(seeded, chosen.tokens)),
        "violations_without": len({one.seed for one in seeding.verify(without, chosen.tokens)}),
        "cost": cost.model_dump(exclude={"terms", "displaced"}),
        "dearest_displaced": list(cost.displaced[:: max(1, len(cost.displaced) // 20)]),
        "best_terms": [(one.term, one.saved) for one in cost.terms[:15]],
        "held_out": paired(without, seeded, held_out, seed=given.seed),
    }  # fmt: skip


def paired(without: Tokenizer, seeded: Tokenizer, texts: list[str], *, seed: int) -> dict[str, Any]:
    """Subwords per line of both, their ratio with its interval."""
    table = np.array([_row(without, seeded, text) for text in texts], dtype=np.float64)
    sums, drawn = table.sum(axis=0), resampled_sums(table, seed=seed)
    return {
        "documents": len(table),
        "lines": int(sums[0]),
        "without": float(sums[1] / sums[0]),
        "with": float(sums[2] / sums[0]),
        "ratio": estimate(float(sums[2] / sums[1]), drawn[:, 2] / drawn[:, 1], documents=len(table)).model_dump(),
    }


def _row(without: Tokenizer, seeded: Tokenizer, text: str) -> tuple[int, int, int]:
    lines = [line for line in text.splitlines() if line.strip()]
    return len(lines), _subwords(without, lines), _subwords(seeded, lines)


def _subwords(tokenizer: Tokenizer, lines: list[str]) -> int:
    return sum(len(encoding) for encoding in tokenizer.encode_batch_fast(lines, add_special_tokens=False))


def line(found: Mapping[str, Any]) -> str:
    """A row of the table."""
    cost, held = found["cost"], found["held_out"]
    return (
        f"{found['algorithm']} {found['pattern']} {found['vocabulary']:,}: {found['terms']:,} terms, "
        f"{cost['tokens']:,} forms, {cost['free']:,} free, {cost['slots']:,} slots; "
        f"corpus saved {cost['saved']:,} lost {cost['lost']:,} "
        f"({cost['change']:+.3%}); violations {found['violations']} (without: {found['violations_without']:,} forms); "
        f"held out n={held['documents']} docs {held['lines']:,} lines {held['without']:.3f} -> {held['with']:.3f}, "
        f"ratio {held['ratio']['value']:.5f} [{held['ratio']['low']:.5f}, {held['ratio']['high']:.5f}]; "
        f"seconds {', '.join(f'{one:.1f}' for one in found['seconds_without_with_cost'])}"
    )


if __name__ == "__main__":
    main()
