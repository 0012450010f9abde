"""Citations: precision and recall on the passages labelled by hand, and speed on whole decisions and acts.

    python benchmarks/citations.py --megabytes 5 --seed 7

A citation is right if its kind, both offsets and all its keys are. What the parts are, and what was measured before the
grammar was mended, stands in tests/text/test_citations_gold.py.
"""

import argparse
import gzip
import json
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

from measuring import DATA, MEGABYTE, machine, write_results
from scipy.stats import binomtest

from mecelle.text.citations import find_citations

GOLD = Path(__file__).parents[1] / "tests" / "text" / "data" / "citations_gold.jsonl"


def texts(name: str) -> dict[str, str]:
    """Texts of data/legal by id."""
    with gzip.open(DATA / "legal" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return {row["id"]: row["text"] for row in map(json.loads, lines)}


def scores(decisions: dict[str, str]) -> list[dict[str, Any]]:
    """One row per part of the gold and kind of citation, and per part over all kinds."""
    right: Counter[tuple[str, str]] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    labelled: Counter[tuple[str, str]] = Counter()
    for row in map(json.loads, GOLD.read_text(encoding="utf-8").splitlines()):
        passage = decisions[row["source_id"]][row["start"] : row["end"]]
        ours = {(c.start, c.end, c.kind, c.normalised) for c in find_citations(passage)}
        gold = {(start, end, kind, tuple(keys)) for start, end, kind, keys in row["citations"]}
        for counter, citations in ((right, ours & gold), (found, ours), (labelled, gold)):
            for _, _, kind, _ in citations:
                counter.update([(row["part"], kind), (row["part"], "all")])
    return [
        {"part": part, "kind": kind, "precision": rate(right[part, kind], found[part, kind]),
         "recall": rate(right[part, kind], count)}
        for (part, kind), count in sorted(labelled.items())
    ]  # fmt: skip


def rate(count: int, of: int) -> dict[str, Any]:
    """A share with its 95% Wilson interval."""
    interval = binomtest(count, of).proportion_ci(method="wilson")
    return {"count": count, "of": of, "share": count / of, "interval_95": [float(interval.low), float(interval.high)]}


def speed(collection: dict[str, str], megabytes: float, seed: int) -> dict[str, float]:
    """Processor time over whole texts, drawn by seed until they are `megabytes` of UTF-8."""
    order = sorted(collection)
    random.Random(seed).shuffle(order)
    sample, size = [], 0
    for identity in order:
        if size >= megabytes * MEGABYTE:
            break
        sample.append(collection[identity])
        size += len(collection[identity].encode())
    began = time.process_time()
    num_citations = sum(len(find_citations(text)) for text in sample)
    seconds = time.process_time() - began
    return {"megabytes": size / MEGABYTE, "citations": num_citations, "megabytes_per_s": size / MEGABYTE / seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    decisions = texts("decisions")
    figures: dict[str, Any] = {"machine": machine("mecelle"), "seed": arguments.seed, "scores": scores(decisions)}
    for row in figures["scores"]:
        cells = (f"{r['count']}/{r['of']} {r['share']:.3f} [{r['interval_95'][0]:.3f}, {r['interval_95'][1]:.3f}]"
                 for r in (row["precision"], row["recall"]))  # fmt: skip
        print(f"{row['part']:<12} {row['kind']:<9} precision {next(cells)}  recall {next(cells)}")
    figures["speed"] = {
        name: speed(collection, arguments.megabytes, arguments.seed)
        for name, collection in (("decisions", decisions), ("statutes", texts("statutes")))
    }
    for name, row in figures["speed"].items():
        print(
            f"{name:<12} {row['megabytes_per_s']:.1f} MB/s, {row['citations'] / row['megabytes']:,.0f} citations a MB"
        )
    write_results("citations", figures)


if __name__ == "__main__":
    main()
