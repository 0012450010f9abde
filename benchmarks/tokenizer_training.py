"""Training WordPiece and byte-level BPE: ours against the trainers of `tokenizers` on the same documents.

    python benchmarks/tokenizer_training.py ~/.cache/mecelle/full/corpus --runs 2

Each training is a process of its own, in turns; the clock covers its start, the reading of the shards and the written
tokenizer.json. The peer gets our pattern and normalizer, so that both learn from the same words; ours counts the words
by category, draws a sample and measures on it, too. "Same bytes" compares tokenizer.json over the runs. No seeds.
"""

import argparse
import hashlib
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measuring import machine, watched, write_results
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from mecelle.base.collection import read_documents, shards
from mecelle.tokenizer.patterns import get_pattern
from mecelle.tokenizer.stage import TokenizerConfig, train_tokenizer

SIZES = {"wordpiece": 48_000, "bpe": 59_008}
PATTERNS = {"wordpiece": "digits.v1", "bpe": "llama.v1"}


def train_ours(algorithm: str, corpus: Path, out: Path) -> None:
    config = TokenizerConfig(algorithm=f"{algorithm}.v1", pattern=PATTERNS[algorithm], vocab_size=SIZES[algorithm])
    train_tokenizer(corpus, out, config, seed=7)


def train_peer(algorithm: str, corpus: Path, out: Path) -> None:
    """The library as its documentation has it."""
    if algorithm == "wordpiece":
        tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        trainer: Any = trainers.WordPieceTrainer(
            vocab_size=SIZES[algorithm], min_frequency=2, special_tokens=["[UNK]"], show_progress=False
        )
    else:
        tokenizer = Tokenizer(models.BPE())
        trainer = trainers.BpeTrainer(
            vocab_size=SIZES[algorithm], min_frequency=2, show_progress=False,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        )  # fmt: skip
    pattern = get_pattern(PATTERNS[algorithm])
    tokenizer.normalizer, tokenizer.pre_tokenizer = pattern.normalizer(), pattern.pre_tokenizer()
    tokenizer.train_from_iterator((document.text for document in read_documents(corpus)), trainer)
    out.mkdir()
    tokenizer.save(str(out / "tokenizer.json"))


def compared(corpus: Path, runs: int) -> Iterator[dict[str, Any]]:
    """One row per algorithm and maker."""
    for algorithm in SIZES:
        found: dict[str, list[dict[str, Any]]] = {"ours": [], "peer": []}
        for _ in range(runs):
            for who, results in found.items():
                with tempfile.TemporaryDirectory() as work:
                    out = Path(work) / "out"
                    seen = watched([__file__, str(corpus), "--train", who, algorithm, str(out)])
                    digest = hashlib.sha256((out / "tokenizer.json").read_bytes()).hexdigest()
                    results.append(seen | {"sha256": digest[:16]})
        for who, results in found.items():
            medians = {name: statistics.median(one[name] for one in results) for name in ("seconds", "cpu_seconds")}
            yield {
                "algorithm": algorithm, "tokens": SIZES[algorithm], "who": who, **medians,
                "peak_gib": max(one["peak_gib"] for one in results),
                "same_bytes": len({one["sha256"] for one in results}) == 1, "runs": results,
            }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--shards", type=int, help="only the first so many, for a try")
    parser.add_argument("--train", nargs=3, metavar=("WHO", "ALGORITHM", "OUT"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.train:
        who, algorithm, out = arguments.train
        {"ours": train_ours, "peer": train_peer}[who](algorithm, arguments.corpus, Path(out))
        return
    with tempfile.TemporaryDirectory() as work:
        part = Path(work) / "documents"
        part.mkdir()
        for place in shards(arguments.corpus)[: arguments.shards]:
            (part / place.name).symlink_to(place.resolve())
        characters = sum(len(document.text) for document in read_documents(part))
        rows = list(compared(part, arguments.runs))
    print(f"{characters:,} characters\n{'algorithm':10} {'who':5} {'s':>7} {'CPU s':>7} {'GiB':>6} same bytes")
    for row in rows:
        print("{algorithm:10} {who:5} {seconds:7.1f} {cpu_seconds:7.1f} {peak_gib:6.2f} {same_bytes}".format(**row))
    write_results(
        "tokenizer_training",
        {"machine": machine("tokenizers", "numba", "numpy"), "characters": characters, "rows": rows},
    )


if __name__ == "__main__":
    main()
