"""The adapter between Mecelle's steps and datatrove's pipelines: subclasses act on one document, the base counts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from datatrove.data import DocumentsPipeline
from datatrove.pipeline.base import PipelineStep

from mecelle.base.document import Document
from mecelle.base.errors import InputError, MecelleError
from mecelle.corpus.ledger import Ledger, task_folder
from mecelle.corpus.verdict import Verdict


class Step(PipelineStep):
    """One document in, the same document or nothing out.

    A document that makes `act` raise becomes a `failed` row, never a failed task. What is no fault of the document ends
    the build: a parameter that is wrong (any MecelleError but InputError), a full disk or a file that is not there
    (OSError), no memory left.
    """

    type = "Mecelle"

    def __init__(self, name: str, *, ledgers: Path) -> None:
        """name: names the step in tables and files; ledgers: folder for what the tasks report."""
        self.name = name
        super().__init__()
        self.ledgers = ledgers

    @contextmanager
    def task(self, rank: int) -> Iterator[None]:
        """Open what the task `rank` needs, and close it."""
        yield

    def act(self, document: Document) -> Verdict:
        """Judge, and maybe change, one document."""
        raise NotImplementedError

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Datatrove's entry: pass on what is kept, and count everything."""
        with Ledger(task_folder(self.ledgers, rank), self.name) as ledger, self.task(rank):
            for document in data:
                began = perf_counter()
                try:
                    verdict = self.act(document)
                except Exception as error:
                    if not _is_of_the_document(error):
                        raise
                    ledger.fail(document, error, began)
                    continue
                ledger.enter(document, verdict, began)
                if verdict.kept:
                    yield document


def _is_of_the_document(error: Exception) -> bool:
    """Whether the next document may fare better.

    InputError says that a text cannot be used, such as one whose identifiers do not stand where they were found.
    """
    return isinstance(error, InputError) or not isinstance(error, MecelleError | OSError | MemoryError)
