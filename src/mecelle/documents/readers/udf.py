"""UDF, the format of the judiciary's UYAP editor: a zip with the text and its layout in content.xml."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mecelle.documents.config import ExtractConfig
from mecelle.documents.packed import BadContentError, safe_archive, safe_xml
from mecelle.documents.records import Fault, Record, reader

if TYPE_CHECKING:
    from lxml import etree

_CONTENT = "content.xml"
_XML_STARTS = (b"<?xml", b"\xef\xbb\xbf<?xml", b"<template")


@reader("udf.v1", suffixes=(".udf",))
def read(path: Path, config: ExtractConfig) -> Iterator[Record | Fault]:
    """The text of the document. Headers, footers and table cells stand in it where the editor put them."""
    try:
        text = _text(safe_xml(_content(path, config.max_file_mib * 1024**2)))
    except BadContentError as error:
        yield Fault(error.reason, str(error))
        return
    yield Record(text=text, fields={"source_id": path.stem})


def _content(path: Path, most_bytes: int) -> bytes:
    """content.xml of the archive; some tools write that file bare."""
    with path.open("rb") as file:
        start = file.read(16)
    if start.startswith(_XML_STARTS):
        return path.read_bytes()
    with safe_archive(path, most_bytes=most_bytes) as archive:
        if _CONTENT not in archive.namelist():
            raise BadContentError("corrupt", f"no {_CONTENT} in it: not a UDF of the UYAP editor")
        return archive.read(_CONTENT)


def _text(root: "etree._Element") -> str:
    content = root.find("content")
    if content is None or not content.text:
        raise BadContentError("empty", "its <content> has no text")
    if "\n" in content.text.strip():
        return str(content.text)
    # Paragraphs are spans of the text; most editors end each with a line end too, and then the text says it all.
    return "\n".join(_paragraphs(root, content.text)) or str(content.text)


def _paragraphs(root: "etree._Element", text: str) -> Iterator[str]:
    units = text.encode("utf-16-le")  # offsets count UTF-16 units, as Java does
    for paragraph in root.iter("paragraph"):
        spans = [_span(part) for part in paragraph.iter() if part.get("startOffset")]
        if any(spans):
            yield b"".join(units[2 * start : 2 * end] for start, end in filter(None, spans)).decode(
                "utf-16-le", "replace"
            )


def _span(part: "etree._Element") -> tuple[int, int] | None:
    start, length = part.get("startOffset", ""), part.get("length", "")
    return (int(start), int(start) + int(length)) if start.isdigit() and length.isdigit() else None
