"""Writes what was drawn: copies marked, order drawn by seed, shards numbered through all parts of a mix."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from mecelle.base.collection import shards, write_documents
from mecelle.base.document import Document
from mecelle.corpus.mixing.draw import Copies
from mecelle.corpus.mixing.index import Index
from mecelle.corpus.mixing.shuffle import Shuffle
from mecelle.corpus.mixing.size import Ruler
from mecelle.corpus.statistics.amounts import Amount
from mecelle.corpus.statistics.categories import category

Drawn = tuple[Document, int]
"""A document and its size in the unit of the mix."""


def copied(
    documents: Iterable[Document], index: Index, copies: Copies, *, leave: Callable[[Document], object] | None = None,
    **marks: str,
) -> Iterator[Drawn]:  # fmt: skip
    """Each document as often as it was drawn, with `copy` (1, 2, ...) and `marks` in its metadata.

    index: of the documents. leave: called with each document that was not drawn.
    """
    for place, document in enumerate(documents):
        count, size = int(copies[place]), int(index.sizes[place])
        if not count and leave:
            leave(document)
        for copy in range(1, count + 1):
            metadata = document.metadata | {"copy": copy} | marks
            yield Document(text=document.text, id=document.id, metadata=metadata), size


class MixWriter:
    """The folder `documents/` of a mix: one part after another, each in a seeded order of its own."""

    def __init__(self, folder: Path, ruler: Ruler, *, work: Path, seed: int) -> None:
        """folder: of the artifact; work: for what does not fit into memory, as large as the text of one part."""
        self._folder, self._work, self._seed = folder / "documents", work, seed
        self._counts_tokens = ruler.counts_tokens
        self._folder.mkdir()
        self.shards = 0

    def write(self, documents: Iterable[Drawn], *, characters: int) -> dict[str, Amount]:
        """Add a part; returns its amounts by category. characters: about how much text comes."""
        amounts: dict[str, Amount] = {}
        with TemporaryDirectory(dir=self._work) as name:
            work = Path(name)
            with Shuffle(work / "buckets", characters=characters, seed=self._seed) as shuffle:
                for document, size in documents:
                    tokens = size if self._counts_tokens else 0
                    amounts.setdefault(category(document), Amount()).add(document.text, tokens=tokens)
                    shuffle.add(document)
                write_documents(shuffle.documents(), work / "part")
            for shard in shards(work / "part"):
                shard.rename(self._folder / f"{self.shards:05d}.jsonl.zst")
                self.shards += 1
        return dict(sorted(amounts.items()))
