"""What the benchmarks share: the machine, real texts, and a child process whose time and memory are watched."""

import gzip
import platform
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson
import psutil

from mecelle.base.document import Document, make_document

DATA = Path(__file__).parents[2] / "shared" / "data"
RESULTS = Path(__file__).parent / "results"
MEGABYTE = 1_000_000


def machine(*packages: str) -> dict[str, Any]:
    """Processor, cores, and versions: what a figure means nothing without."""
    with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
        processor = next((line.partition(":")[2].strip() for line in file if line.startswith("model name")), "unknown")
    return {
        "processor": processor,
        "cores": psutil.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "python": platform.python_version(),
        "load_before": [round(one, 2) for one in psutil.getloadavg()],
        "versions": {name: version(name) for name in packages},
    }


def write_results(name: str, figures: dict[str, Any]) -> None:
    """Raw figures, kept beside the benchmarks, without the home and the checkout of who ran them."""
    RESULTS.mkdir(exist_ok=True)
    written = orjson.dumps(figures, option=orjson.OPT_INDENT_2).decode()
    written = written.replace(f"{RESULTS.resolve().parents[1]}/", "").replace(str(Path.home()), "~")
    (RESULTS / f"{name}.json").write_text(written, encoding="utf-8")


def real_documents() -> Iterator[Document]:
    """Decisions, statutes, regulations, then general text: the order in which the sizes are filled up."""
    files = (
        ("legal/decisions", "decision"), ("legal/regulations", "regulation"), ("legal/statutes", "statute"),
        ("general/text", "other"),
    )  # fmt: skip
    for name, kind in files:
        with gzip.open(DATA / f"{name}.jsonl.gz") as lines:
            for number, line in enumerate(lines):
                row = orjson.loads(line)
                known = {key: row.get(key) for key in ("court", "chamber", "date", "domain", "url")}
                yield make_document(row["text"], kind=kind, source=f"{name}#{number}", source_id=row.get("id"), **known)


def documents_of(megabytes: float, *, seed: int) -> Iterator[Document]:
    """At least so many MB of UTF-8: real documents, then the same again with every tenth word drawn anew.

    Five-word shingles survive with probability 0.9^5, so a varied copy is no near-duplicate of its original.
    """
    left = megabytes * MEGABYTE
    for copy in range(1_000_000):
        for document in real_documents():
            one = document if copy == 0 else _varied(document, copy, seed)
            yield one
            left -= len(one.text.encode())
            if left <= 0:
                return


def _varied(document: Document, copy: int, seed: int) -> Document:
    rng = random.Random(f"{seed}:{copy}:{document.id}")
    words = document.text.split(" ")
    for _ in range(len(words) // 10 + 1):
        words[rng.randrange(len(words))] = words[rng.randrange(len(words))]
    metadata = {key: value for key, value in document.metadata.items() if key not in ("kind", "source", "content_hash")}
    metadata["source_id"] = f"{metadata.get('source_id')}~{copy}"
    kind, source = str(document.metadata["kind"]), f"{document.metadata['source']}~{copy}"
    return make_document(" ".join(words), kind=kind, source=source, **metadata)


def watched(arguments: list[str], *, every: float = 0.1) -> dict[str, float]:
    """Run a Python child and tell its wall seconds, processor seconds and peak memory in GiB, children included.

    The memory is the proportional set size: pages that forked workers share are counted once.
    """
    began = time.perf_counter()
    process = psutil.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
    peak = 0
    cpu: dict[int, float] = {}
    while process.poll() is None:
        total = 0
        for one in _family(process):
            try:
                total += one.memory_full_info().pss
                times = one.cpu_times()
                cpu[one.pid] = times.user + times.system
            except psutil.Error:
                continue
        peak = max(peak, total)
        time.sleep(every)
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}")
    wall = time.perf_counter() - began
    return {"seconds": round(wall, 2), "cpu_seconds": round(sum(cpu.values()), 2), "peak_gib": round(peak / 2**30, 3)}


def _family(process: psutil.Popen) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []
