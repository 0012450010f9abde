"""Entries that stand twice in one batch."""

from typing import Literal

from pydantic import PrivateAttr

from mecelle.base.document import Document, content_hash
from mecelle.corpus.dedup.decisive import official_key
from mecelle.corpus.filters import Filter, filters
from mecelle.corpus.verdict import Verdict, drop, keep


@filters.register("repeated_entries.v1")
class RepeatedEntries(Filter):
    """Drop a document whose text and official numbers have come by before in the same shard; hashes are remembered.

    Source: Mecellem §3.2.3 (ii), "intra-batch deduplication". It spares later steps the work; copies in other shards
    are left to mecelle.corpus.dedup, which finds these too, and then they stand in its clusters.
    """

    filter: Literal["repeated_entries.v1"] = "repeated_entries.v1"
    _seen: dict[tuple[str, int], str] = PrivateAttr(default_factory=dict)

    def begin(self) -> None:
        """A shard begins."""
        self._seen.clear()

    def judge(self, document: Document) -> Verdict:
        """The first one stays, and the others name it."""
        entry = (content_hash(document.text), official_key(document.metadata))
        if entry in self._seen:
            return drop("repeated_entry", first=self._seen[entry])
        self._seen[entry] = document.id
        return keep()
