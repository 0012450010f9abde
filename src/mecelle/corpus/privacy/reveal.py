"""The way back from a masked corpus to what it was made from, for who holds the key."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from mecelle.base.collection import read_documents, read_jsonl
from mecelle.base.document import Document
from mecelle.base.errors import InputError, MismatchError
from mecelle.corpus.privacy.keys import Key
from mecelle.corpus.privacy.pseudonyms import Pseudonyms
from mecelle.corpus.privacy.sealing import Sealer
from mecelle.text.identifiers import TAGS, Identifier


class Revealer:
    """Opens what one key closed."""

    def __init__(self, key: Key) -> None:
        self._sealer, self._pseudonyms = Sealer(key), Pseudonyms(key)

    def open(self, row: Mapping[str, Any], *, document_id: str) -> Identifier:
        """The identifier of a row of `identifiers.jsonl`.

        Raises MismatchError for another key, InputError if the row was made without one.
        """
        if "sealed" not in row:
            raise InputError(
                f"document {document_id!r}: nothing was sealed, since the build had no key; the originals are gone"
            )
        kind, start = row["kind"], row["start"]
        text = self._sealer.open(row["sealed"], kind=kind, start=start, document_id=document_id)
        return Identifier(kind, start, row["end"], text)

    def text(self, masked: str, rows: Iterable[Mapping[str, Any]], *, document_id: str) -> str:
        """The text as it was before masking; `rows` of this document, in any order.

        Raises MismatchError if a stand-in is not where the rows say, that is if the text was changed since.
        """
        pieces: list[str] = []
        done = original = 0  # how far we are in the masked text, and in the original one
        for one in sorted((self.open(row, document_id=document_id) for row in rows), key=lambda i: i.start):
            at = done + one.start - original
            stand_in = next((s for s in (TAGS[one.kind], self._pseudonyms.of(one)) if masked.startswith(s, at)), None)
            if stand_in is None:
                raise MismatchError(
                    f"document {document_id!r}: no stand-in of a {one.kind} at character {at}; the text is not the one "
                    "that the build wrote"
                )
            pieces += masked[done:at], one.text
            done, original = at + len(stand_in), one.end
        return "".join(pieces) + masked[done:]


def reveal(corpus: Path, key: Key) -> Iterator[Document]:
    """Documents of the artifact `corpus` with their original texts, in the order of the corpus.

    Reads `documents/` and `identifiers.jsonl` side by side: they have the same order. Raises as `Revealer.text` does.
    """
    revealer = Revealer(key)
    rows = groupby(read_jsonl(corpus / "identifiers.jsonl"), key=lambda row: row["id"])
    waiting = next(rows, None)
    for document in read_documents(corpus):
        if waiting and waiting[0] == document.id:
            document.text = revealer.text(document.text, list(waiting[1]), document_id=document.id)
            waiting = next(rows, None)
        yield document
    if waiting:
        raise MismatchError(f"{corpus}: identifiers.jsonl names document {waiting[0]!r}, which is not in documents/")
