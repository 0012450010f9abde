"""Each file is read once: what came out of it is kept under the hash of everything that decides it."""

import hashlib
import importlib
import multiprocessing
import os
import pkgutil
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import forkserver, resource_tracker
from pathlib import Path
from typing import Any

import orjson

from mecelle.base.collection import JsonlWriter, read_jsonl
from mecelle.base.document import Document
from mecelle.base.machine import available_cores
from mecelle.base.processes import held_back_in_children, interrupted_between
from mecelle.documents.config import ExtractConfig
from mecelle.documents.files import File, content_hash
from mecelle.documents.reading import read_file
from mecelle.documents.records import Failure, readers

VERSION = 5
"""Raised when the same file would give other documents; part of every cache key."""

POOL_BYTES = 2_000_000
"""Least bytes that are worth the start of a pool (about a second)."""

PASSING_REASONS = frozenset({"ocr_abort", "unreachable"})
"""Failures of a server, not of the file: its result is not kept, so that the next run asks again."""

_GRACE_SECONDS = 2.0
_LOOK_SECONDS = 0.2
_FILES_AT_ONCE = 1_000  # tasks in flight: bounds the parent's memory, not the result


@dataclass(frozen=True, slots=True)
class FileResult:
    """Where the documents and failures of one file are kept."""

    file: File
    path: Path
    was_cached: bool

    def __iter__(self) -> Iterator[Document | Failure]:
        """What came out of the file, in its order."""
        for row in read_jsonl(self.path):
            if "failure" in row:
                yield Failure(**row["failure"])
            else:
                yield Document(text=row["text"], id=row["id"], metadata=row["metadata"])


def fingerprint(file: File, config: ExtractConfig) -> str:
    """32 hexadecimal digits of all that decides what comes out of a file: bytes, name, parameters, VERSION."""
    key = orjson.dumps([VERSION, file.name, content_hash(file.path), config.deciding()], option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(key, digest_size=16).hexdigest()


def read_cached(files: Sequence[File], config: ExtractConfig, *, cache: Path) -> Iterator[FileResult]:
    """The result of each file, in the order of `files`, read by `config.workers` processes or taken from `cache`.

    Less than POOL_BYTES are read in this process. In a pool, a file that kills its process (a fault in a native
    library, no memory left) becomes a Failure with reason "crashed" and the others go on.
    """
    cache.mkdir(parents=True, exist_ok=True)
    for start in range(0, len(files), _FILES_AT_ONCE):
        batch = [_looked_up(file, config, cache) for file in files[start : start + _FILES_AT_ONCE]]
        unread = [result for result in batch if not result.path.exists()]
        workers = min(config.workers or available_cores(), len(unread))
        if workers > 1 and sum(result.file.path.stat().st_size for result in unread) >= POOL_BYTES:
            read = _in_pool(partial(_read, config=config), unread, workers, cache)
        else:
            read = (_read(result, config) for result in unread)
        waiting = frozenset(unread)
        yield from (next(read) if result in waiting else result for result in batch)


def _looked_up(file: File, config: ExtractConfig, cache: Path) -> FileResult:
    """Where the result of a file is or will be."""
    try:
        path = cache / f"{fingerprint(file, config)}.jsonl.zst"
    except OSError as error:  # vanished since it was listed, or not ours to read
        return _failed(cache, file, "unreadable", f"{type(error).__name__}: {error}")
    return FileResult(file, path, was_cached=path.exists())


def _in_pool(
    task: "partial[FileResult]", unread: Sequence[FileResult], workers: int, cache: Path
) -> Iterator[FileResult]:
    """Read in parallel; after a crash one by one, until the file that did it is found. Given up, it waits for none."""
    done, alone = 0, False
    while done < len(unread):
        with interrupted_between() as answer:
            pool = _pool(1 if alone else workers)
            try:
                for result in _in_order([pool.submit(task, one) for one in unread[done:]], answer):
                    yield result
                    done += 1
            except BrokenProcessPool:
                killed = tuple(pool._processes or ())
                pool.shutdown(cancel_futures=True)
                _clear(killed, cache)
                if alone:
                    message = "its reader was killed: a damaged file, or no memory left"
                    yield _failed(cache, unread[done].file, "crashed", message)
                    done += 1
                alone = not alone
            except BaseException:  # Ctrl-C, here or in who asks for the next result
                _end(pool, cache)
                raise
            finally:
                pool.shutdown(cancel_futures=True)


def _in_order(futures: Sequence[Future[FileResult]], answer: Callable[[], None]) -> Iterator[FileResult]:
    """Results in the order of the futures; `answer` is called at least every `_LOOK_SECONDS`."""
    for future in futures:
        while not wait([future], timeout=_LOOK_SECONDS).done:
            answer()
        answer()
        yield future.result()


def _pool(workers: int) -> ProcessPoolExecutor:
    # Not fork: torch or pymupdf threads of the caller would be copied half. A fork server imports the readers once.
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    if method == "forkserver":
        places = importlib.import_module(readers.package).__path__
        modules = [f"{readers.package}.{info.name}" for info in pkgutil.iter_modules(places)]
        context.set_forkserver_preload(["mecelle.base.fork_server_start", __name__, *modules])
        resource_tracker.ensure_running()  # the server would start it, and it lets go of what is held back
        with held_back_in_children():
            forkserver.ensure_running()
    # At work, a reader leaves Ctrl-C to the parent, which has it end what it is at.
    return ProcessPoolExecutor(workers, context, signal.signal, (signal.SIGINT, signal.SIG_IGN))


def _end(pool: ProcessPoolExecutor, cache: Path) -> None:
    """Let the workers finish what they are at, but not for long: a scan takes minutes. Nothing half written stays."""
    processes: dict[int, Any] = dict(pool._processes or {})
    manager: Any = pool._executor_manager_thread
    pool.shutdown(wait=False, cancel_futures=True)
    if manager is not None:
        manager.join(_GRACE_SECONDS)  # what it has not cancelled yet, it would report as broken
    for process in processes.values():
        process.terminate()
        process.join()
    _clear(processes, cache)


def _clear(killed: Iterable[int], cache: Path) -> None:
    """Take away what processes of these numbers left half written."""
    for number in killed:
        for half in cache.glob(f"*.{number}.partial.zst"):
            half.unlink(missing_ok=True)


def _read(result: FileResult, config: ExtractConfig) -> FileResult:
    found = _Watched(read_file(result.file, config))
    _write(result.path, found)
    if not found.passing:
        return result
    again = _failed_path(result.path.parent, result.file)
    result.path.replace(again)
    return FileResult(result.file, again, was_cached=False)


class _Watched:
    """What came out of a file, and whether one of its failures may be gone in the next run."""

    def __init__(self, found: Iterator[Document | Failure]) -> None:
        self._found = found
        self.passing = False

    def __iter__(self) -> Iterator[Document | Failure]:
        for item in self._found:
            self.passing = self.passing or (isinstance(item, Failure) and item.reason in PASSING_REASONS)
            yield item


def _failed(cache: Path, file: File, reason: str, error: str) -> FileResult:
    """The result of a file without a fingerprint or an end: kept under its name, and tried again in the next run."""
    path = _failed_path(cache, file)
    _write(path, [Failure(file.name, "", reason, error)])
    return FileResult(file, path, was_cached=False)


def _failed_path(cache: Path, file: File) -> Path:
    return cache / f"failed-{hashlib.blake2b(file.name.encode(), digest_size=16).hexdigest()}.jsonl.zst"


def _write(path: Path, found: Iterable[Document | Failure]) -> None:
    """Write whole or not at all, also when two processes read two files of equal content and name at once."""
    partial_path = path.with_name(f"{path.name}.{os.getpid()}.partial.zst")
    try:
        with JsonlWriter(partial_path) as writer:
            for item in found:
                writer.write({"failure": asdict(item)} if isinstance(item, Failure) else _row(item))
        partial_path.replace(path)
    finally:
        partial_path.unlink(missing_ok=True)


def _row(document: Document) -> dict[str, object]:
    return {"id": document.id, "text": document.text, "metadata": document.metadata}
