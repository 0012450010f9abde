"""Scans in files of their own: TIFF (also of many pages), PNG, JPEG."""

from collections.abc import Iterator
from pathlib import Path

from mecelle.documents.config import ExtractConfig
from mecelle.documents.files import content_hash
from mecelle.documents.ocr.pages import picture_pages
from mecelle.documents.ocr.scans import NO_ENGINE, read_scans
from mecelle.documents.paged import joined_pages
from mecelle.documents.records import Fault, Record, reader


@reader("picture.v1", suffixes=(".tif", ".tiff", ".png", ".jpg", ".jpeg"))
def read(path: Path, config: ExtractConfig) -> Iterator[Record | Fault]:
    """One record of all pages, read by `config.ocr`."""
    if config.ocr is None:
        yield Fault("no_text_layer", NO_ENGINE)
        return
    try:
        pages = list(picture_pages(path, source=path.name, file_hash=content_hash(path)))
    except (OSError, ValueError) as error:
        yield Fault("corrupt", f"not readable as a picture: {error}")
        return
    scans = read_scans(pages, config.ocr)
    text = joined_pages(scans.texts, config, scanned=scans.texts)
    if text:
        yield Record(text=text, fields={"source_id": path.stem, "pages": len(pages)} | scans.fields)
    yield from scans.faults
    if not (text or scans.faults):
        yield Fault("empty", "the engine found no text on its pages")
