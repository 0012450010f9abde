"""Encoding and decoding speed of tokenizers on one core, and what the steps of Mecelle's own cost.

    python benchmarks/tokenizer_encoding.py ours=artifacts/tokenizer e5=package:e5 --sample 1000

Every tokenizer of the list is timed in turns on the same lines (median of --passes; the first is not counted). Of those
that are Hugging Face's own, two variants are timed too: with offsets (`encode_batch`), and without the normaliser. The
clock covers lines in, lists of ids out. Ratios are to the first tokenizer as it is. `encode_corpus`, which remembers
words and so gains with the size of the corpus, is timed on --corpus-megabytes of whole texts; `encode_batch_fast` too.
"""

import argparse
import os
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"  # one core, also while the library warms up

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from measuring import DATA, MEGABYTE, machine, real_documents, write_results
from tokenizers import Tokenizer

from mecelle.tokenizer.encoding import encode_corpus
from mecelle.tokenizer.measure.places import load, parse_places
from mecelle.tokenizer.measure.speed import speeds
from mecelle.tokenizer.measure.subwords import FastTokenizer, SubwordTokenizer
from mecelle.tokenizer.measure.texts import draw_sample


class WithOffsets(FastTokenizer):
    """`encode_batch` instead of `encode_batch_fast`."""

    def encode_ids(self, texts: Sequence[str]) -> list[list[int]]:
        return [one.ids for one in self.encode(texts)]


def variants(name: str, tokenizer: SubwordTokenizer) -> dict[str, SubwordTokenizer]:
    """The tokenizer as it is, and its variants."""
    if not isinstance(tokenizer, FastTokenizer):
        return {name: tokenizer}
    bare = Tokenizer.from_str(tokenizer.tokenizer.to_str())
    bare.normalizer = None
    return {
        name: tokenizer,
        f"{name}, with offsets": WithOffsets(tokenizer.tokenizer),
        f"{name}, no normaliser": FastTokenizer(bare),
    }


def corpus_speeds(tokenizer: Tokenizer, megabytes: float) -> dict[str, float]:
    """MB/s of `encode_corpus` and of `encode_batch_fast` on the same whole texts, one after the other."""
    texts: list[str] = []
    size = 0
    for document in real_documents():
        texts.append(document.text)
        size += len(document.text.encode())
        if size >= megabytes * MEGABYTE:
            break
    began = time.perf_counter()
    remembered = sum(len(ids) for ids in encode_corpus(tokenizer, texts))
    between = time.perf_counter()
    batches = [texts[start : start + 256] for start in range(0, len(texts), 256)]
    plain = sum(
        len(one.ids) for batch in batches for one in tokenizer.encode_batch_fast(batch, add_special_tokens=False)
    )
    ended = time.perf_counter()
    if remembered != plain:
        raise SystemExit(f"encode_corpus gives {remembered:,} ids, the tokenizer {plain:,}")
    return {
        "megabytes": size / MEGABYTE,
        "encode_corpus": size / MEGABYTE / (between - began),
        "encode_batch_fast": size / MEGABYTE / (ended - between),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tokenizers", nargs="+", metavar="NAME=PLACE")
    parser.add_argument("--texts", type=Path, nargs="+", default=[DATA / "legal" / "decisions.jsonl.gz"])
    parser.add_argument("--sample", type=int, default=1_000)
    parser.add_argument("--passes", type=int, default=5)
    parser.add_argument("--corpus-megabytes", type=float, default=40)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    sample = draw_sample(arguments.texts, most=arguments.sample, seed=arguments.seed)
    all_of_them: dict[str, SubwordTokenizer] = {}
    corpus: dict[str, dict[str, float]] = {}
    for place in parse_places(arguments.tokenizers):
        tokenizer = load(place)[0]
        all_of_them |= variants(place.name, tokenizer)
        if isinstance(tokenizer, FastTokenizer):
            corpus[place.name] = corpus_speeds(tokenizer.tokenizer, arguments.corpus_megabytes)
    found = speeds(all_of_them, sample.texts, baseline=next(iter(all_of_them)), passes=arguments.passes)
    figures: dict[str, Any] = {
        "machine": machine("mecelle", "tokenizers"),
        "texts": [path.name for path in arguments.texts],
        "documents": len(sample.texts),
        "passes": arguments.passes,
        "seed": arguments.seed,
        "corpus": corpus,
        "speeds": {name: one.model_dump() for name, one in found.items()},
    }
    write_results("tokenizer_encoding", figures)
    print(f"{'tokenizer':<36}{'encode MB/s':>12}{'ratio':>8}{'decode MB/s':>12}")
    for name, one in found.items():
        ratio = "" if one.encode_ratio is None else f"{one.encode_ratio:.2f}"
        print(f"{name:<36}{one.encode_mb_per_s:>12.2f}{ratio:>8}{one.decode_mb_per_s:>12.1f}")
    for name, rates in corpus.items():
        print(name, ", ".join(f"{key} {value:.2f}" for key, value in rates.items()))


if __name__ == "__main__":
    main()
