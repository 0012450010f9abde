"""Patterns of pre-tokenisation compared: the same words, algorithm and size, on shards that training did not see.

    python benchmarks/tokenizer_patterns.py ~/.cache/mecelle/full/corpus --held-out 3 --vocab-size 32000 --seed 7

Byte-level BPE with the patterns that keep spaces, WordPiece with those that do not; lines are compared only within the
legal documents of the last shards and intervals are bootstraps over documents (1,000 draws), paired to the first.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from measuring import machine, write_results

from mecelle.base.collection import read_documents, shards
from mecelle.corpus.statistics.categories import category
from mecelle.tokenizer.folder import load
from mecelle.tokenizer.stage import TokenizerConfig, train_tokenizer

RUNS = (("bpe.v1", "llama.v1"), ("bpe.v1", "gpt2.v1"), ("bpe.v1", "legal.v1"), ("wordpiece.v1", "digits.v1"),
        ("wordpiece.v1", "whitespace.v1"))  # fmt: skip
DRAWS = 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--held-out", type=int, default=3, help="every eighth shard, at most so many, is measured on")
    parser.add_argument("--shards", type=int, help="train on the first so many only")
    parser.add_argument("--vocab-size", type=int, default=32_000)
    parser.add_argument("--seed", type=int, required=True)
    arguments = parser.parse_args()
    places = shards(arguments.corpus)
    held_out = places[::8][: arguments.held_out]
    documents = [one for place in held_out for one in read_documents(place) if "DIŞI" not in category(one)]
    lines = [[line for line in one.text.splitlines() if line.strip()] for one in documents]
    counts = np.array([len(one) for one in lines])
    draws = np.random.default_rng(arguments.seed).integers(len(lines), size=(DRAWS, len(lines)))
    rows: list[dict[str, Any]] = []
    base: Any = None
    with tempfile.TemporaryDirectory() as work:
        part = Path(work) / "documents"
        part.mkdir()
        for place in [one for one in places if one not in held_out][: arguments.shards]:
            (part / place.name).symlink_to(place.resolve())
        for algorithm, pattern in RUNS:
            out = Path(work) / pattern
            config = TokenizerConfig(algorithm=algorithm, pattern=pattern, vocab_size=arguments.vocab_size)
            train_tokenizer(part, out, config, seed=arguments.seed)
            tokenizer = load(out)
            tokens, unknown = np.zeros(len(lines)), 0
            for number, one in enumerate(lines):
                for encoding in tokenizer.encode_batch(one, add_special_tokens=False):
                    tokens[number] += len(encoding)
                    unknown += encoding.tokens.count("[UNK]")
            base = tokens if base is None else base
            ratios = tokens[draws].sum(axis=1) / base[draws].sum(axis=1)
            rows.append({
                "algorithm": algorithm, "pattern": pattern, "subwords_per_line": tokens.sum() / counts.sum(),
                "ratio": tokens.sum() / base.sum(), "interval_95": np.quantile(ratios, [0.025, 0.975]).tolist(),
                "unknown_share": unknown / tokens.sum(),
            })  # fmt: skip
            print("{algorithm:13} {pattern:14} {subwords_per_line:7.2f} ratio {ratio:.4f} {interval_95} unknown "
                  "{unknown_share:.4%}".format(**rows[-1]), flush=True)  # fmt: skip
    write_results(
        "tokenizer_patterns",
        {"machine": machine("tokenizers"), "seed": arguments.seed, "vocab_size": arguments.vocab_size,
         "documents": len(lines), "lines": int(counts.sum()), "rows": rows},
    )  # fmt: skip


if __name__ == "__main__":
    main()
