"""Page packing: consecutive pages of one thesis, merged in order into long samples."""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from pydantic import Field

from mecelle.base.accounts import Accounts
from mecelle.base.config import Config
from mecelle.base.document import Document, content_hash, document_id
from mecelle.text.repair import repair_pages


class PageMerge(Config):
    """How pages become samples. Source: Mecellem §3.2.3, phase 1 ("merged consecutive pages")."""

    document_field: str = "source_id"
    """Metadata field that is the same on all pages of one thesis."""
    page_field: str = "page"
    """Metadata field with the number of the page."""
    longest_characters: int = Field(default=32_000, ge=1)
    """Most text in one sample; a page that is longer stands alone. 32,000 characters are about 8,000 tokens."""
    open_documents: int = Field(default=64, ge=1)
    """Theses whose pages are held at a time: pages of one that come later than so many others begin it anew."""
    repair: bool = True
    """Whether headers, footers, page numbers and words broken over a page end are mended (mecelle.text.repair)."""


class PageMerger:
    """Merges one stream of documents; afterwards `accounts` and `figures` say what happened.

    `figures`: pages, samples, out_of_order (pages that came behind a later one), gaps and missing_pages (between two
    samples of a thesis), reopened (theses with pages too far apart in the stream), long_pages (over the limit alone).
    """

    def __init__(self, config: PageMerge) -> None:
        self.config = config
        self.accounts = Accounts()
        self.figures: Counter[str] = Counter()
        self._open: OrderedDict[str, dict[int, Document]] = OrderedDict()
        self._closed: set[str] = set()

    def merge(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Samples as soon as a thesis is closed; documents without thesis and page number pass as they are.

        A page that comes twice is dropped ("repeated_page"), each page behind the first of a sample counts as
        "merged_page": seen == kept + dropped holds.
        """
        for document in documents:
            page = _page_number(document.metadata.get(self.config.page_field))
            thesis = document.metadata.get(self.config.document_field)
            if page is None or not thesis:
                self.accounts.keep()
                yield document
                continue
            yield from self._add(str(thesis), page, document)
        while self._open:
            yield from self._close()

    def _add(self, thesis: str, page: int, document: Document) -> Iterator[Document]:
        if thesis not in self._open:
            if len(self._open) == self.config.open_documents:
                yield from self._close()
            self.figures["reopened"] += content_hash(thesis) in self._closed
            self._open[thesis] = {}
        pages = self._open[thesis]
        if page in pages:
            self.accounts.drop("repeated_page")
            return
        self.figures["out_of_order"] += bool(pages) and page < max(pages)
        pages[page] = document

    def _close(self) -> Iterator[Document]:
        """The samples of the thesis that was opened first."""
        thesis, pages = self._open.popitem(last=False)
        self._closed.add(content_hash(thesis))
        self.figures["pages"] += len(pages)
        numbers = sorted(pages)
        for stretch in _stretches(numbers):
            first = stretch[0]
            for part in self._parts([pages[number] for number in stretch]):
                self.accounts.keep()
                if len(part) > 1:
                    self.accounts.drop("merged_page", len(part) - 1)
                self.figures["samples"] += 1
                yield self._sample(thesis, first, part)
                first += len(part)
        missing = [after - before - 1 for before, after in pairwise(numbers)]
        self.figures["gaps"] += sum(one > 0 for one in missing)
        self.figures["missing_pages"] += sum(missing)

    def _parts(self, pages: list[Document]) -> Iterator[list[Document]]:
        """Consecutive pages, mended, cut where a sample would grow too long."""
        texts = [page.text for page in pages]
        texts = repair_pages(texts) if self.config.repair else texts
        part: list[Document] = []
        length = 0
        for page, text in zip(pages, texts, strict=True):
            self.figures["long_pages"] += len(text) > self.config.longest_characters
            if part and length + 1 + len(text) > self.config.longest_characters:
                yield part
                part, length = [], 0
            part.append(Document(text=text, id=page.id, metadata=page.metadata))
            length += len(text) + 1
        yield part

    def _sample(self, thesis: str, first: int, part: list[Document]) -> Document:
        text = "\n".join(page.text for page in part if page.text.strip())
        last = first + len(part) - 1
        metadata: dict[str, Any] = {
            key: value for key, value in part[0].metadata.items() if key != self.config.page_field
        }
        metadata |= {
            "content_hash": content_hash(text),
            "first_page": first,
            "last_page": last,
            "page_ids": [page.id for page in part],
        }
        identity = document_id(kind=metadata.get("kind", "thesis"), text=text, official=f"{thesis}:{first}-{last}")
        return Document(text=text, id=identity, metadata=metadata)


def _page_number(value: object) -> int | None:
    """A page number as a number (3.0 is one, of a table with gaps) or in digits; None for anything else."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.strip().isdecimal() else None


def _stretches(numbers: list[int]) -> list[list[int]]:
    """Sorted numbers, cut at each gap."""
    stretches: list[list[int]] = []
    for number in numbers:
        if stretches and number == stretches[-1][-1] + 1:
            stretches[-1].append(number)
        else:
            stretches.append([number])
    return stretches
