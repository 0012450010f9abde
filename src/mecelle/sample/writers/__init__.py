"""Writers, one format each: `write_file(row, path)` puts one document into one file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from mecelle.sample.writers import docx, html, pdf, scanned, txt, udf

WRITERS: Final[dict[str, tuple[Callable[[dict[str, Any], Path], None], str]]] = {
    "txt": (txt.write_file, ".txt"),
    "html": (html.write_file, ".html"),
    "docx": (docx.write_file, ".docx"),
    "udf": (udf.write_file, ".udf"),
    "pdf": (pdf.write_file, ".pdf"),
    "scanned": (scanned.write_file, ".pdf"),
}
"""Folder name to writer and file suffix."""
