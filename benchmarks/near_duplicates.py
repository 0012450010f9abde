"""Near-duplicates: ours beside datasketch, datatrove and text-dedup, on the same documents in the same run.

    python benchmarks/near_duplicates.py --documents 20000 --seed 7
    python benchmarks/near_duplicates.py --growth 10 100 1000

Documents are real decisions and articles of statutes, a fifth of them replaced by variants of others in which some
words are new, at a drawn similarity of 0.75 to 1. Recall and precision are against the Jaccard similarity of all pairs.
"""

import argparse
import gzip
import json
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from measuring import DATA, machine, write_results
from near_tools import peak_gib
from scipy.sparse import csr_matrix
from scipy.stats import binomtest

from mecelle.base.collection import SHARD_CHARACTERS
from mecelle.base.document import content_hash
from mecelle.corpus.dedup.minhash import MinHash, Signer
from mecelle.corpus.dedup.scanning import code_points, scan, tables
from mecelle.corpus.dedup.search import Dedup, Search
from mecelle.corpus.dedup.signatures import SignatureWriter
from mecelle.text.casing import fold

LEAST, SHARDS = 0.9, 16
_WORD = re.compile(r"[^\W_]+")

Pairs = dict[tuple[int, int], float]


def real_texts(data: Path) -> list[str]:
    """Decisions and articles of statutes."""
    texts = []
    for name in ("decisions", "statute_articles"):
        with gzip.open(data / "legal" / f"{name}.jsonl.gz") as file:
            texts += [json.loads(line)["text"] for line in file]
    return texts


def planted(texts: list[str], count: int, *, rng: random.Random) -> list[str]:
    """Variants of texts: words that decide nothing replaced by others, at a similarity drawn from 0.75 to 1."""
    vocabulary = [w for text in rng.sample(texts, 500) for w in text.split() if _harmless(w)]
    bases = [text for text in texts if len(text.split()) >= 60]
    made = []
    for text in rng.choices(bases, k=count):
        words = text.split()
        wanted = rng.uniform(0.75, 1.0)
        changes = max(1, round(len(words) * (1 - wanted) / (5 * (1 + wanted))))
        places = [at for at, word in enumerate(words) if _harmless(word)]
        for at in rng.sample(places, min(changes, len(places))):
            words[at] = rng.choice(vocabulary)
        made.append(" ".join(words))
    return made


def _harmless(word: str) -> bool:
    return word.isalpha() and decides_nothing(word)


def decides_nothing(text: str) -> bool:
    """Whether there is no number, word of outcome or negation in the text."""
    return bool(scan(code_points(text), tables())[1] == scan(code_points(""), tables())[1])


def collection(data: Path, count: int, *, seed: int) -> list[str]:
    """`count` texts, a fifth of them planted, in drawn order."""
    rng = random.Random(seed)
    texts = rng.sample(real_texts(data), count - count // 5)
    texts += planted(texts, count // 5, rng=rng)
    rng.shuffle(texts)
    return texts


def write_shards(texts: Sequence[str], folder: Path) -> None:
    """JSON Lines of {id, text}."""
    folder.mkdir(parents=True)
    size = -(-len(texts) // SHARDS)
    for shard in range(SHARDS):
        rows = range(shard * size, min(len(texts), (shard + 1) * size))
        lines = "".join(json.dumps({"id": str(row), "text": texts[row]}, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{shard:05d}.jsonl").write_text(lines, encoding="utf-8")


def brute_force(texts: Sequence[str], *, block: int = 500) -> Pairs:
    """All pairs of texts with a Jaccard similarity of 0.9 or more, by counting shared runs of words of every pair."""
    numbers: dict[tuple[str, ...], int] = {}
    sets = []
    for text in texts:
        words = _WORD.findall(fold(text))
        grams = {tuple(words[at : at + 5]) for at in range(max(1, len(words) - 4))} if words else set()
        sets.append(np.fromiter((numbers.setdefault(gram, len(numbers)) for gram in grams), np.int64, len(grams)))
    sizes = np.array([len(one) for one in sets])
    edges = np.concatenate([[0], np.cumsum(sizes)])
    places = np.concatenate(sets)
    matrix = csr_matrix((np.ones(len(places), np.int32), places, edges), shape=(len(sets), len(numbers)))
    turned = matrix.T.tocsr()
    found: Pairs = {}
    for start in range(0, len(sets), block):
        shared = (matrix[start : start + block] @ turned).tocoo()
        left, right = shared.row + start, shared.col
        alike = shared.data / (sizes[left] + sizes[right] - shared.data)
        chosen = (alike >= LEAST) & (left < right)
        found |= {
            (int(a), int(b)): float(s) for a, b, s in zip(left[chosen], right[chosen], alike[chosen], strict=True)
        }
    return found


def rate(right: int, total: int) -> dict[str, Any]:
    """A share with its Wilson interval, 95%."""
    if not total:
        return {"right": 0, "n": 0}
    low, high = binomtest(right, total).proportion_ci(method="wilson")
    return {"right": right, "n": total, "rate": right / total, "low": float(low), "high": float(high)}


def score(groups: list[list[int]], truth: Pairs, same_numbers: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Recall: true pairs in one group; precision: documents of a group with a true partner in it."""
    group_of = {row: number for number, group in enumerate(groups) for row in group}

    def together(pair: tuple[int, int]) -> bool:
        return group_of.get(pair[0], -1) == group_of.get(pair[1], -2)

    agreeing = [pair for pair in truth if same_numbers[pair[0]] == same_numbers[pair[1]]]
    partnered = {row for pair in truth if together(pair) for row in pair}
    apart = sum(
        same_numbers[left] != same_numbers[right]
        for group in groups
        if len(group) < 1_000
        for left, right in combinations(group, 2)
    )
    return {
        "recall": rate(sum(map(together, truth)), len(truth)),
        "recall_same_numbers": rate(sum(map(together, agreeing)), len(agreeing)),
        "precision": rate(sum(row in partnered for row in group_of), len(group_of)),
        "leave": sum(len(group) - 1 for group in groups),
        "pairs_with_other_numbers": int(apart),
    }


def run_tool(tool: str, folder: Path, workers: int, *, python: str = sys.executable) -> dict[str, Any]:
    """Run one tool in a process of its own."""
    with TemporaryDirectory(prefix="near-") as work:
        script = Path(__file__).parent / "near_tools.py"
        command = [python, str(script), tool, "--input", str(folder), "--work", work, "--workers", str(workers)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": done.stderr[-2000:]}
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def compare(given: argparse.Namespace) -> dict[str, Any]:
    """All tools on one collection."""
    texts = collection(given.data, given.documents, seed=given.seed)
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    truth = brute_force(texts)
    keys = np.array([scan(code_points(text), tables())[1] for text in texts])
    print(f"{len(texts):,} documents, {megabytes:.1f} MB, {len(truth):,} pairs of similarity {LEAST} or more")
    runs = []
    with TemporaryDirectory(prefix="near-") as work:
        folder = Path(work) / "documents"
        write_shards(texts, folder)
        for repeat in range(given.repeats):
            for tool, workers in given.tools:
                python = str(given.text_dedup) if tool == "text-dedup" else sys.executable
                measured = run_tool(tool, folder, workers, python=python)
                row = {"tool": tool, "workers": workers, "repeat": repeat}
                if "failed" in measured:
                    print(f"{tool}: failed: {measured['failed'][-300:]}")
                    runs.append(row | measured)
                    continue
                row |= score(measured.pop("groups"), truth, keys) | measured
                row["documents_per_second"] = len(texts) / row["seconds"]
                runs.append(row)
                print(_line(row))
    return {
        "documents": len(texts), "megabytes": megabytes, "true_pairs": len(truth), "seed": given.seed,
        "similarities": dict(sorted(Counter(f"{s:.2f}" for s in truth.values()).items())), "runs": runs,
    }  # fmt: skip


def _line(row: dict[str, Any]) -> str:
    return (
        f"{row['tool']:32} workers {row['workers']}  {row['documents_per_second']:9,.0f} documents/s  "
        f"{row['seconds']:7.2f} s  cpu {row['cpu_seconds']:7.2f} s  recall {row['recall']['rate']:.4f} "
        f"(same numbers {row['recall_same_numbers']['rate']:.4f})  precision {row['precision']['rate']:.4f}  "
        f"leave {row['leave']:,}  {row['peak_gib']:.2f} GiB  load {row['load']:.1f}"
    )


def grown(texts: list[str], megabytes: float, *, seed: int) -> Iterator[str]:
    """Real texts over and over, with every seventh word or so another one, and one in ten with a near copy."""
    rng, done = random.Random(seed), 0
    vocabulary = [word for text in rng.sample(texts, 1_000) for word in text.split()]
    while done < megabytes * 1e6:
        words = [rng.choice(vocabulary) if rng.random() < 0.15 else word for word in rng.choice(texts).split()]
        copies = [" ".join(words)]
        if rng.random() < 0.1:
            places = [at for at, word in enumerate(words) if _harmless(word)]
            for at in rng.sample(places, len(places) // 100):
                words[at] = "yeni"
            copies.append(" ".join(words))
        for text in copies:
            done += len(text.encode())
            yield text


def grow(given: argparse.Namespace) -> dict[str, Any]:
    """Time and memory of ours as the collection grows, one process each."""
    rows = []
    for megabytes in given.growth:
        script = (
            "import sys, json; sys.path.insert(0, sys.argv[1]); from near_duplicates import grow_one; "
            "print(json.dumps(grow_one(*sys.argv[2:])))"
        )
        command = [
            sys.executable,
            "-c",
            script,
            str(Path(__file__).parent),
            str(given.data),
            str(megabytes),
            str(given.seed),
        ]
        rows.append(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
        print(json.dumps(rows[-1]))
    return {"growth": rows, "seed": given.seed}


class Clock:
    """Wall-clock and CPU seconds of named parts, added up."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time what is done inside."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.seconds[f"{name}_seconds"] += time.perf_counter() - wall
        self.seconds[f"{name}_cpu_seconds"] += time.process_time() - cpu


def grow_one(data: str, megabytes: str, seed: str) -> dict[str, Any]:
    """Sign, search and write a grown collection; what makes it is not on the clock."""
    texts, signer, clock = real_texts(Path(data)), Signer(MinHash(), seed=7), Clock()
    signer.sign("bir iki")
    before = peak_gib()
    documents = shard = characters = 0
    with TemporaryDirectory(prefix="near-") as work:
        staged = Path(work) / "staged"
        writer = SignatureWriter(staged / "00000")
        for text in grown(texts, float(megabytes), seed=int(seed)):
            content, names = content_hash(text), {"id": f"d{documents}", "source_id": None}
            with clock.part("sign"):
                writer.add(names, content_hash=content, official=0, signature=signer.sign(text))
            characters, documents = characters + len(text), documents + 1
            if characters >= SHARD_CHARACTERS:
                writer.close()
                shard, characters = shard + 1, 0
                writer = SignatureWriter(staged / f"{shard:05d}")
        writer.close()
        with clock.part("search"):
            search = Search(staged, tasks=shard + 1, work=Path(work) / "search")
            search.run(Dedup())
        with clock.part("write"):
            search.write_leaving(Path(work) / "leaving")
            search.write_clusters(Path(work))
        stored = sum(path.stat().st_size for path in staged.rglob("*") if path.is_file()) / 1e6
    return {
        "megabytes": float(megabytes), "documents": documents, "shards": shard + 1, **clock.seconds,
        "peak_gib": peak_gib(), "peak_before_gib": before, "stored_megabytes": stored, "figures": search.figures,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--growth", type=float, nargs="*", help="megabytes; measures growth instead of comparing")
    parser.add_argument("--text-dedup", type=Path, help="a Python that has text-dedup")
    given = parser.parse_args()
    ours = "mecelle, numbers not looked at"
    given.tools = [
        *((tool, workers) for workers in (1, 2) for tool in ("mecelle", ours, "datasketch", "datasketch, 21 x 12")),
        ("datatrove", 2),
    ]
    if given.text_dedup:
        given.tools.append(("text-dedup", 2))
    where = machine("numba", "numpy", "datasketch", "datatrove")
    if given.growth:
        write_results("near_duplicates_growth", where | grow(given))
    else:
        write_results("near_duplicates", where | compare(given))


if __name__ == "__main__":
    main()
