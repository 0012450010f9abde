"""Production efficiency in Qdrant, in process: recall, latency, memory, disk, build time of all ways to store vectors.

    python benchmarks/efficiency.py use=VECTORS house=VECTORS --cuts 256 128 64

Each VECTORS is a folder with documents.npy and queries.npy (unit vectors, one row per text). The clock of a search runs
from the vector of the query to the numbers of the results, one query after another, one thread; that of the ingest from
rows of an array to the engine's log, 100 at a time; that of the graph over building and quantising together. Memory is
the growth of a fresh process that opens the collection and searches it.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from measuring import machine, write_results

from mecelle.base.config import dump
from mecelle.evaluation.efficiency.config import EfficiencyConfig
from mecelle.evaluation.efficiency.report import points, rows
from mecelle.evaluation.efficiency.suite import evaluate

COLUMNS = ("recall", "p50_ms", "p95_ms", "p99_ms", "bytes_per_vector", "resident_mib", "disk_mib", "graph_seconds")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vectors", nargs="+", help="NAME=FOLDER")
    parser.add_argument("--cuts", type=int, nargs="*", default=[256, 128, 64])
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    config = EfficiencyConfig(dimensions=tuple(arguments.cuts), passes=arguments.passes)
    named = dict(argument.split("=", 1) for argument in arguments.vectors)
    with tempfile.TemporaryDirectory() as out:
        models = {name: Path(folder) for name, folder in named.items()}
        records = evaluate(models, Path(out), config, seed=arguments.seed)
    found = rows(points(records))
    print("| model | variant | " + " | ".join(COLUMNS) + " | ms per 100 | front |")
    print("|---" * (len(COLUMNS) + 4) + "|")
    for point in found:
        figures = " | ".join(f"{point[column]:.3f}" for column in COLUMNS)
        ingest = 100_000 * point["seconds_per_batch"] / config.batch
        mark = "yes" if point["on_front"] else ""
        print(f"| {point['model']} | {point['variant']} | {figures} | {ingest:.2f} | {mark} |")
    figures_of = {record.model: record.scores for record in records}
    sizes = {model: [scores["documents"], scores["dimension"]] for model, scores in figures_of.items()}
    facts = {"parameters": dump(config), "seed": arguments.seed, "sizes": sizes, "queries": records[0].n}
    write_results("efficiency", facts | {"points": found, "machine": machine("qdrant-edge-py", "numpy")})
    sys.stdout.write(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main()
