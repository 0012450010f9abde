"""One near-duplicate tool in a process of its own: reads shards of JSON Lines, writes groups, time and memory.

    python benchmarks/near_tools.py TOOL --input FOLDER --work FOLDER --workers N

The clock starts when everything is imported and compiled and ends when the groups are known (ours: written as well); it
covers reading and splitting into words. All see words of letters and digits in one case, in runs of five.
"""

import argparse
import json
import os
import re
import resource
import struct
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import Any

PERMUTATIONS, LEAST, SEED = 256, 0.9, 7
Groups = list[list[int]]

_WORD = re.compile(r"[^\W_]+")


def read(path: Path) -> Iterator[tuple[int, str]]:
    """Number and text of each document of a shard."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            yield int(row["id"]), row["text"]


def grams(text: str) -> set[bytes]:
    """Runs of five words, by the shortest way in Python."""
    words = _WORD.findall(text.lower())
    return {" ".join(words[at : at + 5]).encode() for at in range(max(1, len(words) - 4))}


def mecelle(shards: list[Path], work: Path, workers: int, **parameters: Any) -> Groups:
    """Ours, by the functions that the pipeline calls."""
    from mecelle.corpus.dedup.minhash import MinHash
    from mecelle.corpus.dedup.search import Dedup, Search

    config = MinHash(**parameters)
    jobs = [(shard, work / "staged" / f"{rank:05d}", config) for rank, shard in enumerate(shards)]
    _each(_sign, jobs, workers)
    search = Search(work / "staged", tasks=len(shards), work=work / "search")
    search.run(Dedup(exact=False, minhash=config))
    search.write_leaving(work / "leaving")
    search.write_clusters(work)
    lines = map(json.loads, (work / "clusters.jsonl").read_text(encoding="utf-8").splitlines())
    return [[int(member["id"]) for member in line["members"]] for line in lines]


def _sign(job: tuple[Path, Path, Any]) -> None:
    from mecelle.corpus.dedup.minhash import Signer
    from mecelle.corpus.dedup.signatures import SignatureWriter

    shard, folder, config = job
    signer = Signer(config, seed=SEED)
    with SignatureWriter(folder) as writer:
        for number, text in read(shard):
            names = {"id": str(number), "source_id": None}
            writer.add(names, content_hash=f"{number:032x}", official=0, signature=signer.sign(text))


def datasketch(shards: list[Path], work: Path, workers: int, **lsh: Any) -> Groups:
    """MinHash and MinHashLSH; candidates verified on the sets themselves."""
    from datasketch import MinHash, MinHashLSH

    empty = MinHash(num_perm=PERMUTATIONS)
    index = MinHashLSH(threshold=LEAST, num_perm=PERMUTATIONS, **lsh)
    texts: list[str] = []
    pairs: list[tuple[int, int]] = []
    known: dict[int, set[bytes]] = {}

    def shingles(number: int) -> set[bytes]:
        if number not in known:
            known[number] = grams(texts[number])
        return known[number]

    for shard, signatures in zip(shards, _each(_datasketch_sign, [(shard,) for shard in shards], workers), strict=True):
        for (number, text), values in zip(read(shard), signatures, strict=True):
            texts.append(text)
            signature = MinHash(hashvalues=values, permutations=empty.permutations, scheme=empty.scheme)
            for other in index.query(signature):
                shared = len(shingles(number) & shingles(other))
                if shared / (len(shingles(number)) + len(shingles(other)) - shared) >= LEAST:
                    pairs.append((number, other))
            index.insert(number, signature, check_duplication=False)
    return _groups(pairs)


def _datasketch_sign(job: tuple[Path]) -> list[Any]:
    from datasketch import MinHash

    texts = (text for _, text in read(job[0]))
    return [one.hashvalues for one in MinHash.generator((grams(text) for text in texts), num_perm=PERMUTATIONS)]


def datatrove(shards: list[Path], work: Path, workers: int, *, language: str = "tur") -> Groups:
    """Its four MinHash stages under its local executor, 16 x 16, digits and diacritics kept; it does not verify."""
    from datatrove.executor.local import LocalPipelineExecutor
    from datatrove.pipeline.dedup.minhash import (
        MinhashConfig,
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter
    from datatrove.utils.text import TextNormConfig

    norm = TextNormConfig(norm_unicode_diacritics=False, norm_numbers=False)
    config = MinhashConfig(n_grams=5, num_buckets=16, hashes_per_bucket=16, seed=SEED, norm_config=norm)
    place = {name: str(work / name) for name in ("signatures", "buckets", "clusters", "kept")}
    reader = JsonlReader(str(shards[0].parent), glob_pattern="*.jsonl")
    stages: list[tuple[list[Any], int]] = [
        ([reader, MinhashDedupSignature(place["signatures"], config=config, language=language)], len(shards)),
        ([MinhashDedupBuckets(place["signatures"], place["buckets"], config=config)], 16),
        ([MinhashDedupCluster(place["buckets"], place["clusters"], config=config, save_cluster_id=True)], 1),
        ([reader, MinhashDedupFilter(place["clusters"]), JsonlWriter(place["kept"])], len(shards)),
    ]
    for number, (steps, tasks) in enumerate(stages):
        LocalPipelineExecutor(
            steps, tasks=tasks, workers=workers, logging_dir=str(work / f"log{number}"), start_method="fork"
        ).run()
    return _datatrove_groups(shards, Path(place["clusters"]))


def _datatrove_groups(shards: list[Path], clusters: Path) -> Groups:
    found: dict[int, list[int]] = {}
    for rank, shard in enumerate(shards):
        path = clusters / f"{rank:06d}.clusters"
        if path.exists():
            numbers = [number for number, _ in read(shard)]
            for place, cluster in struct.iter_unpack("<II", path.read_bytes()):
                found.setdefault(cluster, []).append(numbers[place])
    return [sorted(group) for group in found.values() if len(group) > 1]


def text_dedup(shards: list[Path], work: Path, workers: int) -> Groups:
    """Its MinHash, with its own choice of bands; it does not verify. Runs in an environment of its own."""
    from text_dedup import minhash

    options = {
        "path": "json", "data_files": str(shards[0].parent / "*.jsonl"), "split": "train", "column": "text",
        "num_proc": workers, "num_perm": PERMUTATIONS, "threshold": LEAST, "ngram": 5,
        "cache_dir": work / "cache", "output": work / "kept",
    }  # fmt: skip
    minhash.main([part for name, value in options.items() for part in (f"--{name}", str(value))], standalone_mode=False)
    numbers = [number for shard in shards for number, _ in read(shard)]
    return _groups([(numbers[one], numbers[minhash.uf.find(one)]) for one in list(minhash.uf.parent)])


def _groups(pairs: list[tuple[int, int]]) -> Groups:
    parent: dict[int, int] = {}

    def find(one: int) -> int:
        while parent.setdefault(one, one) != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for left, right in pairs:
        parent[max(find(left), find(right))] = min(find(left), find(right))
    found: dict[int, list[int]] = {}
    for one in sorted(parent):
        found.setdefault(find(one), []).append(one)
    return list(found.values())


def _each(work: Callable[[Any], Any], jobs: list[Any], workers: int) -> Iterator[Any]:
    if workers == 1:
        return iter([work(job) for job in jobs])
    with get_context("fork").Pool(workers) as pool:
        return iter(pool.map(work, jobs, chunksize=1))


def _warm(tool: str, work: Path) -> None:
    """Import and compile everything before the clock starts."""
    shard = work / "warm" / "00000.jsonl"
    shard.parent.mkdir(parents=True)
    text = " ".join(f"kelime{number}" for number in range(50))
    shard.write_text("".join(json.dumps({"id": str(one), "text": text}) + "\n" for one in range(2)), encoding="utf-8")
    TOOLS[tool]([shard], work / "warm", 1)


TOOLS: dict[str, Callable[..., Groups]] = {
    "mecelle": mecelle,
    "mecelle, numbers not looked at": lambda *args: mecelle(*args, decisive_tokens=False),
    "datasketch": datasketch,
    "datasketch, 21 x 12": lambda *args: datasketch(*args, params=(21, 12)),
    "datatrove": datatrove,
    "text-dedup": text_dedup,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tool", choices=list(TOOLS))
    parser.add_argument("--input", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    output, sys.stdout = sys.stdout, sys.stderr
    _warm(given.tool, given.work)
    wall, cpu = time.perf_counter(), _cpu_seconds()
    groups = TOOLS[given.tool](sorted(given.input.glob("*.jsonl")), given.work / "run", given.workers)
    measured = {
        "seconds": time.perf_counter() - wall,
        "cpu_seconds": _cpu_seconds() - cpu,
        "peak_gib": peak_gib(),
        "load": os.getloadavg()[0],
        "groups": groups,
    }
    output.write(json.dumps(measured))


def _cpu_seconds() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def peak_gib() -> float:
    """Of this process or the largest of its children. `ru_maxrss` would count what stood here before `exec`."""
    own = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert own, "no VmHWM: not a Linux"
    return max(int(own.group(1)), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 2**20


if __name__ == "__main__":
    main()
