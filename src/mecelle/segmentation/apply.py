"""Files to sections: every format that Mecelle reads, one row a document."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from mecelle.base.accounts import Accounts
from mecelle.base.collection import JsonlWriter
from mecelle.base.document import Document
from mecelle.base.errors import InputError
from mecelle.base.progress import Progress
from mecelle.documents.config import ExtractConfig
from mecelle.documents.files import list_files
from mecelle.documents.reading import read_file
from mecelle.documents.records import Failure
from mecelle.segmentation.record import Segmented
from mecelle.segmentation.sectioner import Sectioner

FAILED = ".failed.jsonl"
"""Ends the name of the file beside a result that says what could not be read."""
_TOGETHER = 32
"""Documents that are read at a time, so that a frozen encoder sees full batches."""


def apply(
    model: Sectioner, files: Sequence[Path], config: ExtractConfig, accounts: Accounts
) -> Iterator[Segmented | Failure]:
    """What is read in each document of `files`, in order, and what could not be read; both are counted.

    A document without a section (it is no decision) is kept, with no sections. Raises InputError for a path that does
    not exist.
    """
    with Progress("segment", total=None, unit="documents") as progress:
        documents = _documents(files, config)
        while together := list(islice(documents, _TOGETHER)):
            asked = [_asked(one) for one in together if isinstance(one, Document)]
            answers = iter(model.read(asked))
            for one in together:
                if isinstance(one, Failure):
                    accounts.fail(one.reason)
                    yield one
                else:
                    accounts.keep()
                    yield next(answers)
            progress.advance(len(together))


@contextmanager
def result_files(out: Path, files: Sequence[Path]) -> Iterator[tuple[JsonlWriter, JsonlWriter]]:
    """Writers of the rows of `out` and of the failures beside it; they replace older files when all is well.

    files: what is read. Raises InputError if one of them does not exist, or is `out` itself.
    """
    if out.resolve() in {file.path.resolve() for file in list_files(files)}:
        raise InputError(f"{out}: is among the files to read, and would be replaced; choose another --out")
    places = (out, out.with_name(out.name + FAILED))
    # In front of the name, whose end says how to compress, and with a dot, so that no folder is read with it.
    partial = [place.with_name(f".partial.{place.name}") for place in places]
    try:
        with JsonlWriter(partial[0]) as rows, JsonlWriter(partial[1]) as failed:
            yield rows, failed
        for made, place in zip(partial, places, strict=True):
            made.replace(place)
    finally:
        for made in partial:
            made.unlink(missing_ok=True)


def _documents(files: Sequence[Path], config: ExtractConfig) -> Iterator[Document | Failure]:
    for file in list_files(files):
        yield from read_file(file, config)


def _asked(document: Document) -> Segmented:
    return Segmented(id=document.id, text=document.text, metadata=dict(document.metadata))
