"""Masking of real rows: rows/s of each strategy, what it masks, how many terms there are; and how full rows are.

    python benchmarks/masking.py ~/.cache/mecelle/full/training ~/.cache/mecelle/tokenizers/legal-32k --seed 7

Every `--every`-th document is packed at 512 and at 1,024 tokens, terms of the two lists of the shared data marked.
Seconds are of the processor, one thread; a row's reading from disk is told apart.
"""

import argparse
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from measuring import machine, write_results
from term_matching import listed_terms

from mecelle.base.artifacts import read_record
from mecelle.base.collection import read_documents, write_documents
from mecelle.base.seeds import generator
from mecelle.encoder.masking import MASKINGS
from mecelle.encoder.mixture import HUKUKBERT, Mixture, term_shortage
from mecelle.training.packing import PackConfig, Rows, pack

RATE = 0.25


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collection", type=Path)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("--every", type=int, default=60)
    parser.add_argument("--rows", type=int, default=400)
    parser.add_argument("--seed", type=int, required=True)
    arguments = parser.parse_args()
    packs, rates = [], []
    with tempfile.TemporaryDirectory() as work:
        write_documents(
            islice(read_documents(arguments.collection), 0, None, arguments.every), Path(work) / "documents"
        )
        (Path(work) / "terms.txt").write_text("\n".join(listed_terms()), encoding="utf-8")
        for length in (512, 1_024):
            folder = Path(work) / str(length)
            config = PackConfig(sequence_length=length, evaluation_rows=16, mark_terms=length == 512)
            terms = [Path(work) / "terms.txt"]
            pack(Path(work) / "documents", arguments.tokenizer, folder, config, seed=arguments.seed, terms=terms)
            record = read_record(folder)
            assert record is not None
            packs.append({"length": length, **record.figures})
            print(orjson.dumps(packs[-1]).decode(), flush=True)
            if length == 512:
                rows = Rows(folder, "training", cls=0, sep=1, pad=2)
                rates = measure(rows, arguments.rows, seed=arguments.seed)
                shortage = term_shortage(HUKUKBERT, ((0.0, RATE),), rows.term_tokens(), length=length)
                share = float(rows.term_tokens().sum() / rows.used().sum())
                print(f"terms: {share:.1%} of the tokens; {shortage} of {len(rows):,} rows", flush=True)
    write_results(
        "masking",
        {
            "machine": machine("numpy"),
            "seed": arguments.seed,
            "every": arguments.every,
            "packs": packs,
            "rates": rates,
            "term_share": share,
            "shortage": shortage,
        },
    )


def measure(rows: Rows, number: int, *, seed: int) -> list[dict[str, Any]]:
    """Rows/s of reading and of each strategy, over the first `number` rows."""
    begin = time.process_time()
    read = [rows[place] for place in range(min(number, len(rows)))]
    found: list[dict[str, Any]] = [
        {"strategy": "(reading)", "rows_per_second": len(read) / (time.process_time() - begin)}
    ]
    strategies = {name: MASKINGS.get(name) for name in MASKINGS.names()} | {"HukukBERT's mixture": Mixture(HUKUKBERT)}
    for name, strategy in strategies.items():
        rng = generator(seed, name)
        counts = [round(RATE * int(row["maskable"].sum())) for row in read]
        begin = time.process_time()
        masks = [
            strategy(row["ids"], row["words"], row["maskable"], row["terms"], count=count, rng=rng)
            for row, count in zip(read, counts, strict=True)
        ]
        seconds = time.process_time() - begin
        masked = sum(int(mask.sum()) for mask in masks)
        in_terms = sum(int((mask & (row["terms"] >= 0)).sum()) for mask, row in zip(masks, read, strict=True))
        exact = sum(int(mask.sum()) == count for mask, count in zip(masks, counts, strict=True))
        in_part = sum(words_in_part(mask, row) for mask, row in zip(masks, read, strict=True))
        found.append(
            {
                "strategy": name,
                "rows_per_second": len(read) / seconds,
                "rows": len(read),
                "exact_rows": exact,
                "rate": masked / sum(int(row["maskable"].sum()) for row in read),
                "in_terms": in_terms / masked,
                "words_in_part": in_part,
            }
        )
        print(orjson.dumps(found[-1]).decode(), flush=True)
    return found


def words_in_part(mask: Any, row: dict[str, Any]) -> int:
    """Words of which some tokens are masked and others are not."""
    inside = row["maskable"]
    _, owner, sizes = np.unique(row["words"][inside], return_inverse=True, return_counts=True)
    masked = np.bincount(owner, weights=mask[inside])
    return int(((masked > 0) & (masked < sizes)).sum())


if __name__ == "__main__":
    main()
