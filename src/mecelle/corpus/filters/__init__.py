"""Filters, one file each: is this document worth training on? A new file that registers a `Filter` is found."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, SerializeAsAny

from mecelle.base.config import Config
from mecelle.base.document import Document
from mecelle.base.registry import Registry
from mecelle.corpus.registered import by_name
from mecelle.corpus.verdict import Verdict, keep


class Filter(Config):
    """Base of filters: frozen parameters and one verdict."""

    filter: str
    """Registered name with version, such as `short_text.v1`."""

    def files(self) -> tuple[Path, ...]:
        """Files of the user's that it judges by. Their content decides, as parameters do, what a build may keep."""
        return ()

    def begin(self) -> None:
        """Forget what another task has seen. Called before the first document of a task (one shard)."""

    def judge(self, document: Document) -> Verdict:
        """Keep or drop, with the measured values. The document is never changed."""
        raise NotImplementedError


class TextFilter(Filter):
    """Base of filters that look at the text alone, and that some kinds of documents are spared."""

    spared_kinds: tuple[str, ...] = ()
    """Kinds (mecelle.base.document.KINDS) that are not judged."""

    def judge(self, document: Document) -> Verdict:
        """The verdict on the text."""
        return keep() if document.metadata.get("kind") in self.spared_kinds else self.measure(document.text)

    def measure(self, text: str) -> Verdict:
        """Keep or drop, with the measured values."""
        raise NotImplementedError


filters: Registry[type[Filter]] = Registry("mecelle.corpus.filters", kind="filter")

AnyFilter = Annotated[SerializeAsAny[Filter], BeforeValidator(by_name(filters, "filter"))]


def stamp(path: Path | None) -> tuple[int, int] | None:
    """Another one when the file is: what a filter remembers of a file counts until then. None for no file."""
    if path is None or not path.exists():
        return None
    status = path.stat()
    return status.st_mtime_ns, status.st_size
