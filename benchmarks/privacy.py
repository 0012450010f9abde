"""Identifiers and names: precision and recall by kind, masks on real decisions, and speed.

    python benchmarks/privacy.py --seeds 7 8 9 --decisions 3000 --megabytes 10 --before OLD.py --show 50

--before: a file with another `find_identifiers`, timed on the same texts in the same run, its finds compared. --show:
what was found in real decisions, to be judged by eye.
"""

import argparse
import gzip
import importlib.util
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from measuring import DATA, MEGABYTE, machine, write_results
from scipy.stats import binomtest

from mecelle.sample.generate import generate
from mecelle.sample.records import SampleSize
from mecelle.text.identifiers import Identifier, find_identifiers
from mecelle.text.names import find_names

LABELS = Path(__file__).parents[1] / "tests" / "corpus" / "data" / "name_headers.jsonl"
Finder = Callable[[str], list[Identifier]]


def rows(name: str) -> list[dict[str, Any]]:
    """A file of data/legal."""
    with gzip.open(DATA / "legal" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def rate(count: int, of: int) -> dict[str, Any]:
    """A share with its 95% Wilson interval; no share of nothing."""
    if not of:
        return {"count": 0, "of": 0}
    interval = binomtest(count, of).proportion_ci(method="wilson")
    return {"count": count, "of": of, "share": count / of, "interval_95": [float(interval.low), float(interval.high)]}


def of_sample(seeds: Iterable[int], *, scale: int) -> list[dict[str, Any]]:
    """By kind, offsets exact; look-alikes that were found count as wrong. scale: times the tiny sample."""
    found, planted, right = Counter[str](), Counter[str](), Counter[str]()
    tiny = SampleSize.tiny()
    size = replace(tiny, num_decisions=tiny.num_decisions * scale, num_contracts=tiny.num_contracts * scale)
    for seed in seeds:
        sample = generate(seed=seed, size=size)
        for document in (*sample.decisions, *sample.contracts):
            if document.id.endswith("-ocr"):  # damaged copies carry no truth
                continue
            want = {(i.kind, i.start, i.end) for i in document.identifiers if i.valid}
            have = {(i.kind, i.start, i.end) for i in find_identifiers(document.text)}
            for counter, items in ((found, have), (planted, want), (right, have & want)):
                counter.update(kind for kind, _, _ in items)
    kinds = sorted(found | planted)
    return [
        {"kind": kind, "precision": rate(right[kind], found[kind]), "recall": rate(right[kind], planted[kind])}
        for kind in kinds
    ]


def of_headers(texts: dict[str, str]) -> list[dict[str, Any]]:
    """Names in the headers that were labelled by hand, by court; offsets exact."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for label in map(json.loads, LABELS.read_text(encoding="utf-8").splitlines()):
        header = texts[label["id"]][: label["length"]]
        have = {(one.start, one.end) for one in find_names(header)}
        want = {tuple(span) for span in label["names"]}
        counts[label["id"].split("-")[0]].update(headers=1, right=len(have & want), found=len(have), labelled=len(want))
    return [
        {"court": court, "headers": c["headers"], "precision": rate(c["right"], c["found"]),
         "recall": rate(c["right"], c["labelled"])}
        for court, c in sorted(counts.items())
    ]  # fmt: skip


def of_sentences(split: str) -> dict[str, Any]:
    """Names in the sentences of koc-lab/turkishlegalner: PER spans that hold a name, not an office or dots alone."""
    right = labelled = agreed = found = 0
    for row in rows("ner"):
        if row["subset"] != "koc-lab" or row["split"] != split:
            continue
        text, spans = "", list[tuple[int, int]]()
        for token, tag in zip(row["tokens"], row["tags"], strict=True):
            text += "" if not text or token[0] in ",.;:)'’" or text[-1] in "('’" else " "
            if tag == "B-PER" or (tag == "I-PER" and not spans):
                spans.append((len(text), len(text) + len(token)))
            elif tag == "I-PER":
                spans[-1] = (spans[-1][0], len(text) + len(token))
            text += token
        offices = ("Hâkim", "Hakim", "Avukat", "Savcı", "savcı", "Müdür", "Av")
        named = [
            (start, end)
            for start, end in spans
            if not any(office in text[start:end] for office in offices) and any(c.isalpha() for c in text[start:end])
        ]
        have = [(one.start, one.end) for one in find_names(text)]
        right += sum(any(s < end and start < e for s, e in have) for start, end in named)
        agreed += sum(any(s < end and start < e for start, end in spans) for s, e in have)
        labelled, found = labelled + len(named), found + len(have)
    return {"split": split, "precision": rate(agreed, found), "recall": rate(right, labelled)}


def masks(decisions: list[str], *, show: int, seed: int) -> dict[str, int]:
    """How many of each kind are found in real decisions; prints `show` of each kind, drawn by seed."""
    found: dict[str, list[str]] = defaultdict(list)
    for text in decisions:
        for one in (*find_identifiers(text), *find_names(text)):
            around = f"{text[max(0, one.start - 30) : one.start]}<<{one.text}>>{text[one.end : one.end + 25]}"
            found[one.kind].append(around.replace("\n", "⏎"))
    for kind, ones in sorted(found.items()):
        for around in random.Random(seed).sample(ones, min(show, len(ones))):
            print(f"  {kind:<8} {around}")
    return {kind: len(ones) for kind, ones in sorted(found.items())}


def timed(finders: dict[str, Finder], texts: list[str]) -> dict[str, Any]:
    """Processor seconds for each MB of UTF-8, the best of three rounds that take turns."""
    size = sum(len(text.encode()) for text in texts) / MEGABYTE
    best = dict.fromkeys(finders, float("inf"))
    for _ in range(3):
        for name, finder in finders.items():
            began = time.process_time()
            for text in texts:
                finder(text)
            best[name] = min(best[name], time.process_time() - began)
    return {"megabytes": size, **{f"{name}_s_per_mb": seconds / size for name, seconds in best.items()}}


def compared(before: Finder, texts: list[str]) -> dict[str, int]:
    """What only one of the two finds, by who and kind."""
    differences = Counter[str]()
    for text in texts:
        old, new = ({(i.kind, i.start, i.end) for i in finder(text)} for finder in (before, find_identifiers))
        differences.update(f"only before: {kind}" for kind, _, _ in old - new)
        differences.update(f"only now: {kind}" for kind, _, _ in new - old)
        differences["both"] += len(old & new)
    return dict(sorted(differences.items()))


def drawn(texts: list[str], megabytes: float, seed: int) -> list[str]:
    """Texts in an order of the seed, until they are so many MB."""
    order, sample, size = list(texts), list[str](), 0.0
    random.Random(seed).shuffle(order)
    for text in order:
        if size >= megabytes * MEGABYTE:
            break
        sample.append(text)
        size += len(text.encode())
    return sample


def load(path: Path) -> Finder:
    """`find_identifiers` of a file."""
    spec = importlib.util.spec_from_file_location("before", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    finder: Finder = module.find_identifiers
    return finder


def cell(row: dict[str, Any]) -> str:
    """A rate for a table."""
    if not row["of"]:
        return "-"
    low, high = row["interval_95"]
    return f"{row['count']}/{row['of']} {row['share']:.3f} [{low:.3f}, {high:.3f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[7, 8, 9])
    parser.add_argument("--scale", type=int, default=10)
    parser.add_argument("--decisions", type=int, default=3000)
    parser.add_argument("--megabytes", type=float, default=10)
    parser.add_argument("--before", type=Path)
    parser.add_argument("--show", type=int, default=0)
    arguments = parser.parse_args()
    seed = arguments.seeds[0]
    decisions = {row["id"]: row["text"] for row in rows("decisions")}
    statutes = [row["text"] for row in rows("statutes")]
    figures: dict[str, Any] = {"machine": machine("mecelle"), "seeds": arguments.seeds}
    figures["sample"] = of_sample(arguments.seeds, scale=arguments.scale)
    for row in figures["sample"]:
        print(f"sample {row['kind']:<9} precision {cell(row['precision'])}  recall {cell(row['recall'])}")
    figures["headers"] = of_headers(decisions)
    for row in figures["headers"]:
        name = f"{row['headers']} headers {row['court']}"
        print(f"{name:<22} precision {cell(row['precision'])}  recall {cell(row['recall'])}")
    figures["sentences"] = [of_sentences(split) for split in ("train", "test")]
    for row in figures["sentences"]:
        print(f"sentences {row['split']:<6} precision {cell(row['precision'])}  recall {cell(row['recall'])}")
    some = random.Random(seed).sample(sorted(decisions), arguments.decisions)
    figures["masks"] = masks([decisions[one] for one in some], show=arguments.show, seed=seed)
    print(f"found in {arguments.decisions} decisions: {figures['masks']}")
    before = load(arguments.before) if arguments.before else None
    finders: dict[str, Finder] = {"now": find_identifiers, "names": find_names} | ({"before": before} if before else {})
    figures["speed"] = {}
    for name, texts in (("decisions", list(decisions.values())), ("statutes", statutes)):
        figures["speed"][name] = row = timed(finders, drawn(texts, arguments.megabytes / 2, seed))
        print(f"{name}: " + ", ".join(f"{key} {value:.4f}" for key, value in row.items()))
    if before:
        figures["compared"] = compared(before, [*decisions.values(), *statutes])
        print(f"finds compared: {figures['compared']}")
    write_results("privacy", figures)


if __name__ == "__main__":
    main()
