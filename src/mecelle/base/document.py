"""The `Document` that all floors pass around: datatrove's, with Mecelle's rules for ids and metadata."""

import hashlib
from typing import Any

from datatrove.data import Document

__all__ = ["KINDS", "METADATA_FIELDS", "Document", "content_hash", "document_id", "make_document"]

KINDS = (
    "decision", "statute", "article", "regulation", "contract", "dictionary", "thesis", "question", "web", "other",
)  # fmt: skip
"""What a document is. decision: karar; statute: kanun, KHK; article: madde; regulation: yönetmelik, tebliğ."""

METADATA_FIELDS = (
    "kind", "court", "chamber", "case_number", "decision_number", "date", "law_number", "article", "title", "heading",
    "category", "subject", "summary", "source", "source_id", "licence", "language", "content_hash",
)  # fmt: skip
"""Names with a fixed meaning.

`case_number` is esas no, `decision_number` karar no, both as "2024/3494"; `date` is ISO. `source` says where the text
was read: path, and row or page in it. `source_id` is the id that the source itself gave."""


def content_hash(text: str) -> str:
    """32 hexadecimal digits of the text alone: equal texts have equal hashes, whatever document they stand in."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def document_id(*, kind: str, text: str, official: str | None = None, source: str = "") -> str:
    """A stable id: kind, then 24 hexadecimal digits of kind, official identifier (else source and position) and text.

    official: the identifier that the issuing body gave ("Yargıtay 4. HD 2024/3494 2024/5460", "6098:m264").
    source: used when there is no official identifier: relative path and position in it, so that the id does not
    depend on where the collection is mounted.
    """
    key = "\x1f".join((kind, official if official else source, text))
    return f"{kind}-{hashlib.blake2b(key.encode('utf-8', 'surrogatepass'), digest_size=12).hexdigest()}"


def make_document(text: str, *, kind: str, source: str, official: str | None = None, **metadata: Any) -> Document:
    """A Document with its id and content hash; metadata that is None is left out."""
    assert kind in KINDS, f"kind {kind!r} is none of {KINDS}"
    kept = {key: value for key, value in metadata.items() if value is not None}
    identity = document_id(kind=kind, text=text, official=official, source=source)
    return Document(
        text=text,
        id=identity,
        metadata={"kind": kind, "source": source, "content_hash": content_hash(text), **kept},
    )
