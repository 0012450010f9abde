"""Files to sections: every format that Mecelle reads, one row a document."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from mecelle.base.accounts import Accounts
from mecelle.base.document import Document
from mecelle.base.progress import Progress
from mecelle.documents.config import ExtractConfig
from mecelle.documents.files import list_files
from mecelle.documents.reading import read_file
from mecelle.documents.records import Failure
from mecelle.segmentation.record import Segmented
from mecelle.segmentation.sectioner import Sectioner

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


def _documents(files: Sequence[Path], config: ExtractConfig) -> Iterator[Document | Failure]:
    for file in list_files(files):
        yield from read_file(file, config)


def _asked(document: Document) -> Segmented:
    return Segmented(id=document.id, text=document.text, metadata=dict(document.metadata))
