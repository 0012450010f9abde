"""Extraction: a folder of files becomes an artifact of documents, each file read once."""

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mecelle.base import artifacts
from mecelle.base.collection import JsonlWriter, read_jsonl, write_documents
from mecelle.base.document import Document
from mecelle.base.errors import InputError
from mecelle.base.progress import Progress
from mecelle.documents.caching import VERSION, FileResult, fingerprint, read_cached
from mecelle.documents.config import ExtractConfig
from mecelle.documents.files import File, check_apart, list_files
from mecelle.documents.hub import described, is_hub
from mecelle.documents.reading import read_file
from mecelle.documents.records import Failure
from mecelle.documents.rows import NO_TEXT_FIELD

__all__ = [
    "STAGE", "VERSION", "ExtractConfig", "Failure", "File", "FileResult", "extract", "fingerprint", "iterate",
    "list_files", "read_cached", "read_file",
]  # fmt: skip

STAGE = "extract"

_EXAMPLES = 5  # of what went wrong, in a figure
_NAME_THE_TEXT = (
    "Name the fields that hold the text: --set 'text_fields=[title, body]' (corpus build: --set "
    "'extract.text_fields=[title, body]'), or text_fields in section `extract` of --params"
)


def extract(paths: Path | Sequence[Path], out: Path, config: ExtractConfig, *, cache: Path | None = None) -> None:
    """Read all files under `paths` (or datasets, `hub:owner/name`) into `out`: documents/*.jsonl.zst and failed.jsonl.

    Documents stand in the order of the file names, then of their place in the file; the bytes do not depend on
    `config.workers`, on the cache or on where the files are mounted. A document whose id came before (same official
    identifier and text) is dropped as "same_id". failed.jsonl: path, position, reason, error; a file that cannot be
    read at all is one failed document.
    cache: folder that keeps what came out of each file, so that a run with ten new files reads ten files; it can be
    deleted at any time. None: nothing is kept.
    Raises InputError if a path is missing, a folder is empty, `out` lies inside one, or no document came out of
    anything; ResourceError if the engine of `config.ocr` cannot be used.
    """
    roots = [paths] if isinstance(paths, Path) else list(paths)
    check_apart(out, roots)
    if config.ocr:
        config.ocr.engine.check()
    with described(roots) as places:
        _extract(roots, list_files(places), out, config, cache)


def _extract(roots: list[Path], files: list[File], out: Path, config: ExtractConfig, cache: Path | None) -> None:
    names = ["documents"] if len(roots) == 1 else [f"documents.{number}" for number in range(1, len(roots) + 1)]
    inputs: dict[str, Path | str] = {
        name: str(root) if is_hub(root) else root for name, root in zip(names, roots, strict=True)
    }
    with (
        artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=None) as run,
        _cache_or_temporary(cache, out) as kept,
    ):
        figures = _Figures(files=len(files))
        results = figures.watched(read_cached(files, config, cache=kept))
        write_documents(_kept_documents(results, run, figures), run.folder / "documents")
        if not run.accounts.kept:
            raise InputError(_nothing_readable(roots, run.accounts.failed, run.folder / "failed.jsonl"))
        run.figures.update(figures.values())


def iterate(paths: Path | Sequence[Path], config: ExtractConfig) -> Iterator[Document | Failure]:
    """Documents and failures of all files under `paths`, in the order of `extract`; no artifact, cache or processes.

    Raises InputError as `extract` does for missing paths and empty folders, but not if nothing is readable.
    """
    for file in list_files(paths):
        yield from read_file(file, config)


class _Figures:
    """What the report says of an extraction."""

    def __init__(self, files: int) -> None:
        self.files, self.cached, self.characters = files, 0, 0
        self.kinds: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.same: list[str] = []

    def watched(self, results: Iterable[FileResult]) -> Iterator[FileResult]:
        with Progress("extract", total=self.files, unit="files") as progress:
            for result in results:
                self.cached += result.was_cached
                yield result
                progress.advance(documents=self.kinds.total())

    def add(self, document: Document) -> None:
        self.kinds[document.metadata["kind"]] += 1
        self.characters += len(document.text)
        self.left_out.update(document.metadata.get("left_out", ()))

    def values(self) -> dict[str, object]:
        return {
            "files": self.files,
            "files_read": self.files - self.cached,
            "files_cached": self.cached,
            "characters": self.characters,
            "kinds": dict(sorted(self.kinds.items())),
            "fields_left_out": dict(sorted(self.left_out.items())),
            "same_id_examples": self.same,
        }


def _kept_documents(results: Iterable[FileResult], run: artifacts.Run, figures: _Figures) -> Iterator[Document]:
    seen: set[bytes] = set()  # 12 bytes of each id: a tenth of a kilobyte per document with the set's own cost
    with JsonlWriter(run.folder / "failed.jsonl") as failed:
        for found in (found for result in results for found in result):
            if isinstance(found, Failure):
                run.accounts.fail(found.reason)
                failed.write({slot: getattr(found, slot) for slot in Failure.__slots__})
                continue
            kind, _, digest = found.id.rpartition("-")
            key = bytes.fromhex(digest) + kind.encode()
            if key in seen:
                run.accounts.drop("same_id")
                figures.same += [found.metadata["source"]] if len(figures.same) < _EXAMPLES else []
                continue
            seen.add(key)
            run.accounts.keep()
            figures.add(found)
            yield found


@contextmanager
def _cache_or_temporary(cache: Path | None, out: Path) -> Iterator[Path]:
    if cache is not None:
        yield cache
        return
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as folder:  # on the disk that `out` is on
        yield Path(folder)


def _nothing_readable(roots: Sequence[Path], failed: dict[str, int], rows: Path) -> str:
    counts = ", ".join(f"{reason} {count:,}" for reason, count in sorted(failed.items()))
    first = Failure(**next(iter(read_jsonl(rows))))
    place = f"{first.path}, row {first.position}" if first.position else first.path
    told = f"{', '.join(map(str, roots))}: no document could be read ({counts}). First, {place}: {first.error}"
    return f"{told}. {_NAME_THE_TEXT}" if NO_TEXT_FIELD in failed else told
