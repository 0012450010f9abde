"""How fast an index is built and searched: 30,000 articles and 9,000 decisions, or a million passages.

    python benchmarks/search_speed.py --model MODEL                       # the real collection
    python benchmarks/search_speed.py --model MODEL --passages 1000000    # real text, then copies with words drawn anew

The build and the searches run in children of their own, whose memory is watched. The clock of the build is split:
reading and cutting, BM25, embedding, vectors into the index (aim: 3,000 a second, embedding aside). A search is one
call of `Searcher.search`, embedding of the query included; clients wait their turn for as many threads as the service
has by default (`--threads`), and their waiting counts. Recall@10 is told
against exact comparison of the same vectors, and beside it the same graph in float32 and faiss-HNSW with the same links
and candidates, if faiss is installed (`pip install --no-deps faiss-cpu`). One thread builds and searches each.
"""

import argparse
import gzip
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import psutil
from measuring import DATA, documents_of, machine, watched, write_results
from numpy.typing import NDArray

from mecelle.base.collection import write_documents
from mecelle.base.document import Document, make_document
from mecelle.base.protocols import Role
from mecelle.base.seeds import generator
from mecelle.models.names import load_encoder
from mecelle.retrieval import building
from mecelle.retrieval.bm25 import Bm25
from mecelle.retrieval.config import IndexConfig, VectorConfig
from mecelle.retrieval.index import build
from mecelle.retrieval.manifest import read_manifest
from mecelle.retrieval.matryoshka import cut
from mecelle.retrieval.search import Searcher
from mecelle.retrieval.vectors_edge import EdgeStore
from mecelle.serving.settings import Limits
from mecelle.serving.workers import share_cores

CHARACTERS_OF_A_PASSAGE = 1_300
"""Of 220 words, roughly: how much text a number of passages needs."""
Floats = NDArray[np.float32]


class Clock:
    """Seconds by what was done."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*values: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*values, **named)
            finally:
                self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began

        return timed


class Timed:
    """An encoder whose seconds are counted."""

    def __init__(self, name: str, clock: Clock) -> None:
        self._encoder = load_encoder(name)
        self.name, self.fingerprint = self._encoder.name, self._encoder.fingerprint
        self.dimension = self._encoder.dimension
        self._encode = clock.around("embedding", self._encoder.encode)

    def encode(self, texts: Sequence[str], *, role: Role = "document") -> Floats:
        found: Floats = self._encode(texts, role=role)
        return found


def collection() -> Iterator[Document]:
    """All articles in force and all decisions."""
    for name, kind in (("statute_articles", "article"), ("decisions", "decision")):
        with gzip.open(DATA / "legal" / f"{name}.jsonl.gz") as lines:
            for number, line in enumerate(lines):
                row = orjson.loads(line)
                if row.get("repealed"):
                    continue
                told = ("law_number", "article", "heading", "court", "chamber", "date")
                metadata = {key: row.get(key) for key in told} | {"title": row.get("law"), "source_id": row["id"]}
                yield make_document(row["text"], kind=kind, source=f"{name}#{number}", **metadata)


def documents(passages: int | None, seed: int) -> Iterator[Document]:
    if passages is None:
        return collection()
    return documents_of(passages * CHARACTERS_OF_A_PASSAGE / 1e6, seed=seed)


def build_it(options: argparse.Namespace) -> dict[str, Any]:
    """In a child: the index, and the seconds of each part of its making."""
    clock = Clock()
    for owner, name, part in (
        (EdgeStore, "add", "vectors added"),
        (EdgeStore, "finish", "graph"),
        (Bm25, "from_terms", "bm25"),
        (Bm25, "save", "bm25"),
        (building.Building, "read_in", "reading, cutting, terms, citations"),
    ):
        function = getattr(owner, name)
        setattr(owner, name, clock.around(part, function))
    building.EMBEDDED_AT_ONCE = options.batch
    encoder = Timed(options.model, clock)
    began = time.perf_counter()
    report = build(options.work / "documents", options.work / "index", config_of(options), model=encoder, workers=1)
    total = time.perf_counter() - began
    into = clock.seconds["vectors added"] + clock.seconds["graph"]
    disk = sum(path.stat().st_blocks * 512 for path in (options.work / "index").rglob("generation-*/**/*"))
    return {
        "passages": report.passages,
        "documents": report.accounts.kept,
        "vectors": report.embedded,
        "seconds": round(total, 1),
        "seconds_of": {name: round(seconds, 1) for name, seconds in sorted(clock.seconds.items())},
        "vectors_per_second": round(report.embedded / into),
        "vectors_per_second_without_graph": round(report.embedded / clock.seconds["vectors added"]),
        "passages_per_second_but_embedding": round(report.passages / (total - clock.seconds["embedding"])),
        "disk_gib": round(disk / 2**30, 3),
    }


def config_of(options: argparse.Namespace) -> IndexConfig:
    return IndexConfig(vectors=VectorConfig(search_candidates=options.ef, oversampling=options.oversampling))


def questions(number: int, seed: int) -> list[str]:
    """Citizens' questions, summaries and headings of articles, drawn."""
    found: list[str] = []
    for name, field in (("retrieval_statutes", "query"), ("decisions", "summary"), ("statute_articles", "heading")):
        with gzip.open(DATA / "legal" / f"{name}.jsonl.gz") as lines:
            found += [str(value)[:300] for line in lines if (value := orjson.loads(line).get(field))]
    order = generator(seed, "questions").permutation(len(found))[:number]
    return [found[place] for place in order]


def search_it(options: argparse.Namespace) -> dict[str, Any]:
    """In a child: latencies of searches by one, eight and thirty-two clients, and the memory that they take."""
    process = psutil.Process()
    encoder = load_encoder(options.model)
    share_cores(options.threads)
    asked = questions(options.queries, options.seed)
    encoder.encode(asked[:8], role="query")
    before = process.memory_info().rss
    figures: dict[str, Any] = {}
    with Searcher(options.work / "index", encoder=encoder) as searcher:
        for mode in ("bm25", "dense", "hybrid"):
            searcher.search(asked[0], mode=mode)
            for clients in options.clients:
                figures[f"{mode}, {clients} clients"] = latencies(searcher, asked, mode, clients, options.threads)
        figures["resident_mib"] = round((process.memory_info().rss - before) / 2**20)
    return figures


def latencies(searcher: Searcher, asked: list[str], mode: str, clients: int, threads: int) -> dict[str, float]:
    def seconds_of(question: str) -> float:
        began = time.perf_counter()
        workers.submit(searcher.search, question, mode=mode).result()  # type: ignore[arg-type]
        return time.perf_counter() - began

    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as workers, ThreadPoolExecutor(clients) as pool:
        seconds = np.array(list(pool.map(seconds_of, asked)))
    wall = time.perf_counter() - began
    shares = {f"p{share}_ms": round(float(np.percentile(seconds, share)) * 1e3, 2) for share in (50, 95, 99)}
    return shares | {"per_second": round(len(asked) / wall, 1), "n": len(asked)}


def recall_it(options: argparse.Namespace) -> dict[str, Any]:
    """In a child: recall@10 and milliseconds of each way to find the nearest vectors, on one thread."""
    manifest = read_manifest(options.work / "index")
    assert manifest.model is not None
    encoder = load_encoder(options.model)
    asked = cut(encoder.encode(questions(min(options.queries, 500), options.seed), role="query"), manifest.model.kept)
    with Searcher(options.work / "index", encoder=encoder) as searcher:
        store = searcher.meaning.store()
        points = sorted(store.points())
        vectors = np.empty((len(points), manifest.model.kept), dtype=np.float32)
        for start in range(0, len(points), 10_000):
            part = points[start : start + 10_000]
            found = store.vectors(part)
            vectors[start : start + len(part)] = [found[point] for point in part]
        row_of = {point: row for row, point in enumerate(points)}
        exact, seconds = timed(lambda one: nearest(vectors, one), asked)
        figures = {"exact": told(exact, exact, seconds)}
        for label, rescored in (("qdrant int8, rescored", True), ("qdrant int8, not rescored", False)):
            store._config = config_of(options).vectors.model_copy(update={"rescore": rescored})
            found, seconds = timed(lambda one: [row_of[point] for point, _ in store.search(one, 10)], asked)
            figures[label] = told(found, exact, seconds)
    figures |= float_graph(options, vectors, asked, exact) | faiss_graph(options, vectors, asked, exact)
    return figures


def nearest(vectors: Floats, one: Floats) -> list[int]:
    return [int(row) for row in np.argpartition(-(vectors @ one), 10)[:10]]


def timed(find: Callable[[Floats], list[int]], asked: Floats) -> tuple[list[list[int]], list[float]]:
    find(asked[0])
    found, seconds = [], []
    for one in asked:
        began = time.perf_counter()
        found.append(find(one))
        seconds.append(time.perf_counter() - began)
    return found, seconds


def told(found: list[list[int]], exact: list[list[int]], seconds: list[float]) -> dict[str, float]:
    hits = [len(set(one) & set(other)) for one, other in zip(found, exact, strict=True)]
    p50, p95 = (float(np.percentile(seconds, share)) * 1e3 for share in (50, 95))
    recall = {"recall@10": sum(hits) / (10 * len(hits)), "queries_with_all_ten": hits.count(10) / len(hits)}
    return recall | {"p50_ms": round(p50, 3), "p95_ms": round(p95, 3), "n": len(hits)}


def float_graph(
    options: argparse.Namespace, vectors: Floats, asked: Floats, exact: list[list[int]]
) -> dict[str, dict[str, float]]:
    config = VectorConfig(storage="float32", search_candidates=options.ef)
    store = EdgeStore(options.work / "float32", vectors.shape[1], config, may_create=True)
    began = time.perf_counter()
    for start in range(0, len(vectors), options.batch):
        part = vectors[start : start + options.batch]
        store.add(range(start, start + len(part)), part, [{}] * len(part))
    store.finish()
    built = time.perf_counter() - began
    found, seconds = timed(lambda one: [point for point, _ in store.search(one, 10)], asked)
    store.close()
    shutil.rmtree(options.work / "float32")
    return {"qdrant float32": told(found, exact, seconds) | {"vectors_per_second": round(len(vectors) / built)}}


def faiss_graph(
    options: argparse.Namespace, vectors: Floats, asked: Floats, exact: list[list[int]]
) -> dict[str, dict[str, float]]:
    try:
        import faiss
    except ModuleNotFoundError:
        return {}
    faiss.omp_set_num_threads(1)
    config = VectorConfig()
    index = faiss.IndexHNSWFlat(vectors.shape[1], config.links, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction, index.hnsw.efSearch = config.build_candidates, options.ef
    began = time.perf_counter()
    index.add(vectors)
    built = time.perf_counter() - began
    found, seconds = timed(lambda one: index.search(one[None], 10)[1][0].tolist(), asked)
    return {"faiss hnsw": told(found, exact, seconds) | {"vectors_per_second": round(len(vectors) / built)}}


PHASES = {"build": build_it, "search": search_it, "recall": recall_it}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--passages", type=int, help="about so many; without it the real collection")
    parser.add_argument("--most", type=int, help="documents, for a trial")
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--threads", type=int, default=Limits().threads, help="that search; clients wait for them")
    parser.add_argument("--batch", type=int, default=256, help="passages embedded and written at once")
    parser.add_argument("--ef", type=int, default=VectorConfig().search_candidates)
    parser.add_argument("--oversampling", type=float, default=VectorConfig().oversampling)
    parser.add_argument("--work", type=Path, default=Path.home() / ".cache/mecelle/search-speed")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", action="store_true", help="search the index of the run before")
    parser.add_argument("--phase", choices=PHASES, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.phase:
        found = PHASES[options.phase](options)
        (options.work / f"{options.phase}.json").write_bytes(orjson.dumps(found))
        return
    figures: dict[str, Any] = {
        "options": {name: str(value) for name, value in sorted(vars(options).items())},
        **machine("bm25s", "qdrant-edge-py", "torch"),
    }
    if not options.keep:
        shutil.rmtree(options.work, ignore_errors=True)
        write_documents(islice(documents(options.passages, options.seed), options.most), options.work / "documents")
    given = list(arguments if arguments is not None else sys.argv[1:])
    for phase in [name for name in PHASES if name != "build" or not options.keep]:
        watch = watched([__file__, *given, "--phase", phase])
        figures[phase] = orjson.loads((options.work / f"{phase}.json").read_bytes()) | {"process": watch}
        show(phase, figures[phase])
    if options.most is None:
        write_results(f"search_speed_{options.passages or 'collection'}", figures)


def show(phase: str, found: dict[str, Any]) -> None:
    print(f"\n{phase}")
    for name, value in found.items():
        row = "  ".join(f"{key} {one}" for key, one in value.items()) if isinstance(value, dict) else value
        print(f"  {name:36} {row}")


if __name__ == "__main__":
    main()
