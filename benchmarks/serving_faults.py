"""The service under faults: hostile questions, a kill under load, mixed load.

    python benchmarks/serving_faults.py INDEX hostile [--n 10000]
    python benchmarks/serving_faults.py INDEX kill [--rounds 3]
    python benchmarks/serving_faults.py INDEX load [--minutes 30] [--clients 8]

hostile: random strings of controls, quotes, directions, numbers and markup; each must be answered 200 or 422 with JSON.
kill: `kill -9` of the service while clients ask; it is started again, and must give the answers of before.
load: searches, reading, similar documents and answers (passages alone) at once; errors, p50, p95, p99 and memory. The
questions are drawn from those of the shared data of up to 100 characters, where it is there.
The service is a process of its own (`mecelle serve`), reached over loopback.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import orjson
import psutil
from measuring import DATA, machine, write_results
from search_speed import questions

QUERIES = (
    "ev sahibi kirayı ödemediğim için beni çıkarabilir mi", "işten haksız çıkarıldım, tazminat alabilir miyim",
    "trafik kazası manevi tazminat", "boşanmada velayet kime verilir", "TBK 49", "kıdem tazminatı zamanaşımı",
    "tutuklulukta makul süre", "vergi ziyaı cezası", "miras reddi süresi", "TCK m. 157 dolandırıcılık",
)  # fmt: skip
PIECES = (
    *("\x00", "\ud800", "'", '"', ";--", "%s", "{}", "\u202e", "İ", "i̇", "ı", "2024/", "TBK ", "m. ", "/", "((", ")*"),
    *("[" * 20, "9" * 40, "a" * 60, " ve ", "1, 2 ve ", "\n", "\u2028", "🏛", "e\u0301", "DROP TABLE", "<script>", ".."),
    *(
        "$",
        "\\",
        "NULL",
        "ilâ 999",
        "sayılı ",
        "Yargıtay ",
        "esas ",
        "geçici madde ",
        "\t",
        "\u200b",
        "%00",
        "../",
        "*",
    ),
)


class Served:
    """A service in a process of its own."""

    def __init__(self, index: Path, port: int) -> None:
        self.port, self.url = port, f"http://127.0.0.1:{port}"
        limits = ["--set", "limits.requests_per_minute=1000000", "--set", "limits.answers_per_minute=1000000"]
        command = [
            str(Path(sys.executable).with_name("mecelle")),
            "serve",
            "--index",
            str(index),
            "--port",
            str(port),
            *limits,
        ]
        began = time.monotonic()
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        while True:
            try:
                if httpx.get(f"{self.url}/health", timeout=1).status_code == 200:
                    break
            except httpx.HTTPError:
                pass
            if self.process.poll() is not None:
                raise SystemExit(f"the service ended with {self.process.returncode}")
            time.sleep(0.05)
        self.start_seconds = round(time.monotonic() - began, 2)

    def kill(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(60)

    def memory_mib(self) -> float:
        return psutil.Process(self.process.pid).memory_info().rss / 2**20


def hits_of(client: httpx.Client, query: str) -> list[tuple[str, float]]:
    answer = client.post("/v1/search", json={"query": query, "k": 5})
    answer.raise_for_status()
    return [(hit["document_id"], round(hit["score"], 4)) for hit in answer.json()["hits"]]


def hostile(served: Served, n: int, seed: int) -> dict[str, Any]:
    rng, statuses, bad, slowest = random.Random(seed), Counter[int](), list[str](), 0.0
    with httpx.Client(base_url=served.url, timeout=60) as client:
        for _ in range(n):
            query = "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 60)))[:1_000]
            body = orjson.dumps({"k": 3})[:-1] + b',"query":' + _escaped(query) + b"}"
            began = time.perf_counter()
            answer = client.post("/v1/search", content=body, headers={"Content-Type": "application/json"})
            slowest = max(slowest, time.perf_counter() - began)
            statuses[answer.status_code] += 1
            try:
                orjson.loads(answer.content)
                if answer.status_code not in (200, 422):
                    bad.append(query)
            except orjson.JSONDecodeError:
                bad.append(query)
    return {
        "n": n,
        "statuses": {str(status): count for status, count in sorted(statuses.items())},
        "bad": bad[:10],
        "slowest_seconds": round(slowest, 3),
    }


def _escaped(query: str) -> bytes:
    """JSON with every character escaped, lone surrogates too, which no encoder writes as they are."""
    units = query.encode("utf-16-be", "surrogatepass")
    return b'"' + b"".join(b"\\u%02x%02x" % tuple(units[at : at + 2]) for at in range(0, len(units), 2)) + b'"'


def kill(index: Path, port: int, rounds: int, clients: int) -> dict[str, Any]:
    served = Served(index, port)
    with httpx.Client(base_url=served.url, timeout=60) as client:
        before = {query: hits_of(client, query) for query in QUERIES}
    wrong, right, broken, starts = 0, 0, 0, list[float]()
    for _ in range(rounds):
        stop, counts = threading.Event(), Counter[str]()

        def ask(stop: threading.Event = stop, counts: Counter[str] = counts, url: str = served.url) -> None:
            with httpx.Client(base_url=url, timeout=10) as client:
                while not stop.is_set():
                    for query in QUERIES:
                        try:
                            counts["right" if hits_of(client, query) == before[query] else "wrong"] += 1
                        except httpx.HTTPError:
                            counts["broken"] += 1
                            time.sleep(0.05)

        threads = [threading.Thread(target=ask) for _ in range(clients)]
        for thread in threads:
            thread.start()
        time.sleep(3)
        served.kill(signal.SIGKILL)
        served = Served(index, port)
        starts.append(served.start_seconds)
        time.sleep(3)
        stop.set()
        for thread in threads:
            thread.join()
        wrong, right, broken = wrong + counts["wrong"], right + counts["right"], broken + counts["broken"]
    ended = served.kill(signal.SIGTERM)
    return {
        "rounds": rounds, "clients": clients, "right": right, "wrong": wrong, "broken_while_down": broken,
        "start_seconds": starts, "exit_after_sigterm": ended,
    }  # fmt: skip


def load(served: Served, minutes: float, clients: int, seed: int) -> dict[str, Any]:
    # Thousands, so that the service seldom has the vector of one still, and as short as people ask.
    asked = [one for one in questions(30_000, seed) if len(one) <= 100] if DATA.exists() else list(QUERIES)
    until, lock = time.monotonic() + 60 * minutes, threading.Lock()
    seconds: dict[str, list[float]] = {}
    statuses, memory = Counter[str](), [served.memory_mib()]

    def use(number: int) -> None:
        rng = random.Random(seed + number)
        with httpx.Client(base_url=served.url, timeout=60) as client:
            identity = hits_of(client, QUERIES[0])[0][0]
            while time.monotonic() < until:
                query, draw = rng.choice(asked), rng.random()
                began = time.perf_counter()
                if draw < 0.7:
                    kind, answer = "search", client.post("/v1/search", json={"query": query})
                    if answer.status_code == 200 and answer.json()["hits"]:
                        identity = rng.choice(answer.json()["hits"])["document_id"]
                elif draw < 0.85:
                    kind, answer = "document", client.get(f"/v1/documents/{identity}")
                elif draw < 0.95:
                    kind, answer = "similar", client.get(f"/v1/documents/{identity}/similar")
                else:
                    kind, answer = "answer", client.post("/v1/answer", json={"query": query})
                took = time.perf_counter() - began
                with lock:
                    seconds.setdefault(kind, []).append(took)
                    statuses[f"{kind} {answer.status_code}"] += 1

    threads = [threading.Thread(target=use, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(min(10.0, 6 * minutes))
        memory.append(served.memory_mib())
    for thread in threads:
        thread.join()
    rows = {
        kind: {"n": len(all_), **{f"p{p}_ms": round(1000 * sorted(all_)[min(len(all_) - 1, len(all_) * p // 100)], 1)
                                  for p in (50, 95, 99)}}
        for kind, all_ in sorted(seconds.items())
    }  # fmt: skip
    total = sum(row["n"] for row in rows.values())
    return {
        "minutes": minutes, "clients": clients, "requests_per_second": round(total / (60 * minutes), 1), "kinds": rows,
        "statuses": dict(statuses), "memory_mib": [round(memory[0]), round(max(memory)), round(memory[-1])],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    parser.add_argument("what", choices=("hostile", "kill", "load"))
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--port", type=int, default=18_431)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    figures: dict[str, Any] = {"machine": machine("fastapi", "uvicorn"), "seed": asked.seed, "index": asked.index.name}
    if asked.what == "kill":
        figures |= kill(asked.index, asked.port, asked.rounds, asked.clients)
    else:
        served = Served(asked.index, asked.port)
        try:
            if asked.what == "hostile":
                figures |= hostile(served, asked.n, asked.seed)
            else:
                figures |= load(served, asked.minutes, asked.clients, asked.seed)
        finally:
            served.kill(signal.SIGTERM)
    for name, value in figures.items():
        print(f"{name}: {value}")
    write_results(f"serving_{asked.what}", figures)
    os._exit(1 if figures.get("wrong") or figures.get("bad") else 0)


if __name__ == "__main__":
    main()
