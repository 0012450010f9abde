"""All scanned pages of a collection, read into the store; or one partition of them."""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pymupdf

from mecelle.base.accounts import Accounts
from mecelle.base.errors import ConfigError, ResourceError
from mecelle.base.progress import Progress
from mecelle.documents.archives import leaves
from mecelle.documents.config import ExtractConfig
from mecelle.documents.files import File, content_hash, list_files
from mecelle.documents.ocr.config import Ocr
from mecelle.documents.ocr.engine import PageText
from mecelle.documents.ocr.pages import DAMAGE, TEXT_FLAGS, Page, is_scanned, pdf_page, picture_pages
from mecelle.documents.ocr.rates import read_rates
from mecelle.documents.ocr.recognise import recognise
from mecelle.documents.ocr.store import PageStore
from mecelle.documents.records import Failure, reader_for

MOST_ABORTS_IN_A_ROW = 100
"""So many pages without one that ends otherwise mean that the engine is down, not that the pages are bad."""

_UNREADABLE: tuple[type[Exception], ...] = (OSError, ValueError, *DAMAGE)

mupdf: Any = pymupdf  # its functions have no types


def read_pages(
    paths: Path | Sequence[Path], config: ExtractConfig, *, partition: int = 0, of: int = 1
) -> tuple[Accounts, dict[str, Any]]:
    """Read the scanned pages of all files under `paths` into `config.ocr.pages`; `extract` then takes them from there.

    partition, of: this process reads the pages whose key falls to worker `partition` (from 0) of `of`; the workers need
    not know of each other, and together they leave the store that one alone would leave. Rerun, it reads what is
    missing. Files that cannot be opened are passed over: `extract` counts them.
    Returns the pages by fate (dropped: other_partition; failed: abort) and figures: `kept_from_before`, and of what
    this run read the fields of Rates.summary. Raises ConfigError if no store or a wrong partition is given,
    ResourceError if the engine cannot be used or MOST_ABORTS_IN_A_ROW pages end as abort.
    """
    ocr = _checked(config, partition, of)
    log = f"pages-{partition}-of-{of}-{time.time_ns():x}"  # a file per run
    watched = _Watched()
    mupdf.TOOLS.mupdf_display_errors(False)
    mupdf.TOOLS.mupdf_display_warnings(False)
    pages = (page for page in _scanned_pages(list_files(paths), config) if watched.takes(page, partition, of))
    with watched.progress:
        recognise(pages, ocr, watched.found, in_flight=ocr.engine.in_flight(alone=True), log=log)
    assert ocr.pages is not None
    if watched.others:
        watched.accounts.drop("other_partition", watched.others)
    rates = read_rates([PageStore(ocr.pages, ocr.engine).folder / "log" / f"{log}.jsonl"])
    watched.accounts.check()
    return watched.accounts, {"kept_from_before": watched.kept, **rates.summary()}


def _checked(config: ExtractConfig, partition: int, of: int) -> Ocr:
    if config.ocr is None or config.ocr.pages is None:
        raise ConfigError("reading pages ahead needs an engine (ocr.engine) and a folder for their texts (ocr.pages)")
    if not 0 <= partition < of:
        raise ConfigError(f"partition {partition} of {of}: partitions count from 0 to one less than their number")
    return config.ocr


class _Watched:
    """Counts what ends how, and gives up when nothing ends well."""

    def __init__(self) -> None:
        self.accounts = Accounts(unit="pages")
        self.progress = Progress("ocr", unit="pages")
        self.kept = 0
        self.others = 0
        self._aborts = 0

    def takes(self, page: Page, partition: int, of: int) -> bool:
        if page.belongs_to(partition, of):
            return True
        self.others += 1
        return False

    def found(self, page: Page, text: PageText, was_kept: bool) -> None:
        self.kept += was_kept
        self._aborts = 0 if text.is_done else self._aborts + 1
        if text.is_done:
            self.accounts.keep()
        else:
            self.accounts.fail("abort")
        self.progress.advance(aborts=sum(self.accounts.failed.values()))
        if self._aborts >= MOST_ABORTS_IN_A_ROW:
            raise ResourceError(
                f"{self._aborts} pages in a row ended as abort, the last (page {page.number} of {page.source}) with: "
                f"{text.error}. Mend the engine and run again: what was read is kept"
            )


def _scanned_pages(files: Sequence[File], config: ExtractConfig) -> Iterator[Page]:
    for file in files:
        for leaf in leaves(file, config):
            reader = None if isinstance(leaf, Failure) else reader_for(leaf.name)
            if isinstance(leaf, Failure) or reader is None or reader.name not in _PAGES:
                continue
            try:
                yield from _PAGES[reader.name](leaf)
            except _UNREADABLE:
                continue  # no PDF and no picture


def _pdf_pages(file: File) -> Iterator[Page]:
    with mupdf.open(file.path, filetype="pdf") as pdf:
        if pdf.needs_pass:
            return
        file_hash = content_hash(file.path)
        for number in range(pdf.page_count):
            with suppress(*DAMAGE):  # a broken page
                page = pdf[number]
                if is_scanned(page, page.get_text("text", flags=TEXT_FLAGS)):
                    yield pdf_page(page, source=file.name, file_hash=file_hash)


def _picture_pages(file: File) -> Iterator[Page]:
    yield from picture_pages(file.path, source=file.name, file_hash=content_hash(file.path))


_PAGES = {"pdf.v1": _pdf_pages, "picture.v1": _picture_pages}
