"""Scanned PDF: pages that are images alone, without a text layer."""

from pathlib import Path
from typing import Any, Final

from mecelle.base.errors import require
from mecelle.sample.writers.pdf import render_pdf

_DPI: Final = 200


def write_file(row: dict[str, Any], path: Path) -> None:
    """Write the pages of `row` as grey images at 200 dots per inch. Raises MissingPackageError without PyMuPDF."""
    pymupdf = require("pymupdf", extra="dev", why="writing PDF files")
    source = pymupdf.open(stream=render_pdf(row["text"]), filetype="pdf")
    document = pymupdf.open()
    for page in source:
        image = page.get_pixmap(dpi=_DPI, colorspace=pymupdf.csGRAY)
        target = document.new_page(width=page.rect.width, height=page.rect.height)
        target.insert_image(target.rect, pixmap=image)
    document.set_metadata({})
    path.write_bytes(document.tobytes(garbage=4, deflate=True, no_new_id=True))
    source.close()
    document.close()
