"""Which engine reads scanned pages, and where their texts are kept."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from mecelle.base.config import Config
from mecelle.documents.ocr.tesseract import Tesseract
from mecelle.documents.ocr.vision import Vision


class Ocr(Config):
    """How scanned pages are read."""

    engine: Annotated[Tesseract | Vision, Field(discriminator="kind")] = Tesseract()
    pages: Path | None = None
    """Folder that keeps the text of each page, so that it is read once by all runs; none: nothing is kept."""
