"""Parameters of reading documents."""

from typing import Any

from pydantic import Field, field_validator

from mecelle.base.config import Config
from mecelle.base.document import KINDS
from mecelle.documents.kinds import named_kind
from mecelle.documents.ocr.config import Ocr


class ExtractConfig(Config):
    """How files become documents. All but `workers` and `ocr.pages` decide what comes out."""

    kind: str | None = None
    """Kind of every document, one of mecelle.base.document.KINDS; none: by the row, else by the text itself."""
    text_fields: tuple[str, ...] = Field(default=("text",), min_length=1)
    """Fields of a row (JSONL, Parquet, CSV) that hold its text; those present are joined by line ends, in order."""
    max_file_mib: int = Field(default=512, ge=1)
    """Largest file that is read whole (all formats but JSONL and Parquet, which are streamed), in MiB, unpacked."""
    max_document_mib: int = Field(default=64, ge=1)
    """Largest document, and longest JSONL line, in MiB of UTF-8; the longest act in force has 1 MiB."""
    ocr: Ocr | None = None
    """The engine that reads scanned pages; none: they are counted as failed (`no_text_layer`)."""
    repair: bool = True
    """Whether pages of PDF and scans are repaired: headers, footers and page numbers go, broken words are joined."""
    workers: int = Field(default=0, ge=0)
    """Processes that read files; 0: as many as this process may use cores. The result does not depend on it."""

    @field_validator("kind")
    @classmethod
    def _known_kind(cls, kind: str | None) -> str | None:
        if kind is None or kind in KINDS:
            return kind
        if known := named_kind(kind):
            return known
        raise ValueError(f"kind must be one of: {', '.join(KINDS)}")

    def deciding(self) -> dict[str, Any]:
        """What decides the documents, as plain values: of the OCR engine its identity, not where its server is."""
        values = self.model_dump(mode="json", exclude={"workers", "ocr"})
        return values | {"ocr": self.ocr.engine.identity() if self.ocr else None}
