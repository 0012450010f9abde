"""Run by test_faults in a process of its own: kills builds and deletions before their first step, their second, ...

After each kill the index must answer as before or as afterwards, and doing the same again must end as if nothing had
happened. Every build and search runs in a fork, since a fork of a process that used Qdrant's threads would hang.
"""

import itertools
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from conftest import CountingEncoder, write_collection, write_decision
from mecelle.base.errors import ArtifactError
from mecelle.documents.records import reader_suffixes
from mecelle.retrieval.bm25 import Bm25
from mecelle.retrieval.catalogue import Catalogue
from mecelle.retrieval.deleting import delete, indexed_documents
from mecelle.retrieval.index import build
from mecelle.retrieval.search import Searcher
from mecelle.retrieval.vectors_edge import EdgeStore
from mecelle.text.citations import find_citations

STEPS: list[tuple[Any, str]] = [
    *((Path, name) for name in ("rename", "replace", "write_bytes")),
    *((shutil, name) for name in ("rmtree", "copyfile", "copytree")),
    *((Catalogue, name) for name in ("replace", "remove", "settle", "delete", "write_failures", "close")),
    *((EdgeStore, name) for name in ("add", "delete", "finish")),
    (Bm25, "save"),
]
QUESTIONS = ("kira bedeli kiracı", "2020/1", "kıdem tazminatı")


def die_before_step(number: int) -> None:
    """SIGKILL this process before the given step, from 0."""
    done = 0

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def step(*values: Any, **named: Any) -> Any:
            nonlocal done
            if done == number:
                os.kill(os.getpid(), signal.SIGKILL)
            done += 1
            return function(*values, **named)

        return step

    for owner, name in STEPS:
        setattr(owner, name, counted(getattr(owner, name)))


def answers(index: Path) -> object:
    try:
        with Searcher(index, encoder=CountingEncoder()) as searcher:
            return [
                [
                    [hit.document_id, hit.article, hit.passage, round(hit.score, 5)]
                    for hit in searcher.search(one, mode=m)
                ]
                for one in QUESTIONS
                for m in ("bm25", "dense", "hybrid")
            ]
    except ArtifactError:
        return None


def forked(work: Callable[[], object]) -> int:
    """The child's exit status; its errors go to stderr."""
    if child := os.fork():
        return os.waitpid(child, 0)[1]
    signal.alarm(60)  # a child that hangs ends, and is told from one that was killed
    try:
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def main(folder: Path, *, every: int) -> None:
    reader_suffixes()  # what is slow at first is done once, before the forks
    find_citations("TBK 49")
    sources = write_collection(folder / "belgeler")
    empty, first = folder / "empty", folder / "first"
    assert forked(lambda: build(sources, first, model=CountingEncoder(), workers=1)) == 0
    write_decision(sources, "2020/1", "2020/2", "3. Hukuk Dairesi", "Kira bedelinin tespiti istenmiştir.")

    def add(index: Path) -> None:
        build(sources, index, model=CountingEncoder(), workers=1)

    def remove(index: Path) -> None:
        delete(index, [one.id for one in indexed_documents(index) if one.metadata.get("decision_number") == "2023/200"])

    kills: dict[str, int] = {}
    for name, start, operation in (("build", empty, add), ("add", first, add), ("delete", first, remove)):
        kills[name] = kill_at_steps(folder, start, operation, every)
    sys.stdout.write(json.dumps(kills) + "\n")


def kill_at_steps(folder: Path, start: Path, operation: Callable[[Path], None], every: int) -> int:
    """How many kills it took until the operation ran through."""
    index, whole, expected = folder / "killed", folder / "whole", folder / "expected.json"

    def undisturbed() -> None:
        before = answers(start)
        operation(whole)
        after = answers(whole)
        assert after not in (None, before), "the operation changes nothing, so that this proves nothing"
        expected.write_text(json.dumps([before, after]))

    def check() -> None:
        allowed = json.loads(expected.read_text())
        assert answers(index) in allowed, "neither the index of before nor that of afterwards"
        operation(index)
        assert answers(index) == allowed[1], "the same again did not mend it"

    fresh(whole, start)
    assert forked(undisturbed) == 0
    for kills in itertools.count():
        fresh(index, start)
        status = forked(lambda step=kills * every: [die_before_step(step), operation(index)])
        if status == 0:
            return kills
        assert status == signal.SIGKILL, f"step {kills * every}: status {status}"  # of a killed child, its low byte
        assert forked(check) == 0, f"killed before step {kills * every}"
    raise AssertionError


def fresh(index: Path, start: Path) -> None:
    shutil.rmtree(index, ignore_errors=True)
    if start.exists():
        shutil.copytree(start, index)


if __name__ == "__main__":
    main(Path(sys.argv[1]), every=int(sys.argv[2]))
