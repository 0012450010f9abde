"""Word documents (DOCX)."""

import datetime
import io
import zipfile
from pathlib import Path
from typing import Any, Final

from mecelle.base.errors import require
from mecelle.sample.writers.archive import write_archive

_FIXED_TIME: Final = datetime.datetime(2024, 1, 1)


def write_file(row: dict[str, Any], path: Path) -> None:
    """Write `row` with one paragraph per line. Raises MissingPackageError without python-docx."""
    docx = require("docx", extra="dev", why="writing DOCX files")
    document = docx.Document()
    for line in row["text"].split("\n"):
        document.add_paragraph(line)
    properties = document.core_properties
    properties.title, properties.author = row["id"], "mecelle"
    properties.created = properties.modified = _FIXED_TIME
    buffer = io.BytesIO()
    document.save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    write_archive(path, members, first="[Content_Types].xml")
