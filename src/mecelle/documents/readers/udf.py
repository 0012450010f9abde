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
_CELL_END = " | "
_XML_STARTS = (b"<?xml", b"\xef\xbb\xbf<?xml", b"<template")


@reader("udf.v1", suffixes=(".udf",))
def read(path: Path, config: ExtractConfig) -> Iterator[Record | Fault]:
    """The text of the document, a table row on a line. Headers and footers stand in it where the editor put them."""
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
    text = str(content.text)
    if "\n" in text.strip() and root.find(".//table") is None:
        return text
    # Most editors end each paragraph with a line end in the text; cells of a table, and the paragraphs of other
    # editors, are told apart by the layout alone. The text itself stays where the layout does not cover all of it.
    laid_out = "\n".join(_Layout(text).lines(root.find("elements")))
    return laid_out if "".join(laid_out.replace(_CELL_END, "").split()) == "".join(text.split()) else text


class _Layout:
    """Turns elements that point into the text into lines: one per paragraph, one per row of a table."""

    def __init__(self, text: str) -> None:
        self._units = text.encode("utf-16-le", "surrogatepass")  # offsets count UTF-16 units, as Java does
        self._end = 0  # spans follow one another; one that leads back would let a small file become a huge text

    def lines(self, element: "etree._Element | None") -> Iterator[str]:
        for child in element if element is not None else ():
            if child.tag == "paragraph":
                yield self._spanned(child)
            elif child.tag == "row":
                cells = (" ".join(filter(None, self.lines(cell))) for cell in child.iterchildren("cell"))
                yield _CELL_END.join(cells)
            elif isinstance(child.tag, str):  # tables, headers, footers; not comments
                yield from self.lines(child)

    def _spanned(self, paragraph: "etree._Element") -> str:
        parts: list[bytes] = []
        for part in paragraph.iter():
            start, length = part.get("startOffset", ""), part.get("length", "")
            if start.isdecimal() and length.isdecimal() and int(start) >= self._end:
                self._end = int(start) + int(length)
                parts.append(self._units[2 * int(start) : 2 * self._end])
        return b"".join(parts).decode("utf-16-le", "replace").strip("\n")
