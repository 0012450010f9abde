"""Word documents."""

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from mecelle.documents.config import ExtractConfig
from mecelle.documents.packed import BadContentError, safe_archive, safe_xml
from mecelle.documents.records import Fault, Record, reader

# The parts with text. Styles and themes may be broken: nothing is read from them.
_DOCUMENT, _PROPERTIES = "word/document.xml", "docProps/core.xml"
_NOTES = ("word/endnotes.xml", "word/footnotes.xml")
_TITLE = "{http://purl.org/dc/elements/1.1/}title"

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SECOND_COPIES = (
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",  # of a text box
    f"{_W}moveFrom",  # of text that a tracked move has at its new place
)
_SIGNS = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}


@reader("docx.v1", suffixes=(".docx",))
def read(path: Path, config: ExtractConfig) -> Iterator[Record | Fault]:
    """Paragraphs and tables in order, a table row on a line, then the footnotes, without what changes removed."""
    try:
        with safe_archive(path, most_bytes=config.max_file_mib * 1024**2) as archive:
            names = frozenset(archive.namelist())
            lines = [line for body in safe_xml(archive.read(_DOCUMENT)).iter(f"{_W}body") for line in _lines(body)]
            notes = [safe_xml(archive.read(name)) for name in _NOTES if name in names]
            title = safe_xml(archive.read(_PROPERTIES)).findtext(_TITLE) if _PROPERTIES in names else None
    except BadContentError as error:
        yield Fault(error.reason, str(error))
        return
    note_texts = [line for note in notes for line in _note_lines(note)]
    fields = {"source_id": path.stem, "title": title or None}
    yield Record(text="\n".join([*lines, *note_texts]), fields=fields)


def _lines(block: "etree._Element") -> Iterator[str]:
    """Text of the paragraphs and tables in a body, a cell or a content control, in order."""
    for element in block:
        if element.tag == f"{_W}p":
            yield _paragraph(element)
        elif element.tag == f"{_W}tbl":
            for row in element.iter(f"{_W}tr"):
                if next(row.iterancestors(f"{_W}tbl")) is element:  # rows of inner tables come with their cell
                    yield " | ".join(" ".join(_lines(cell)) for cell in row.iter(f"{_W}tc") if _is_of(cell, row))
        elif element.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml"):
            yield from _lines(element)


def _is_of(cell: "etree._Element", row: "etree._Element") -> bool:
    return next(cell.iterancestors(f"{_W}tr")) is row


def _paragraph(paragraph: "etree._Element") -> str:
    """Text of a paragraph, also that in links, insertions and text boxes, which `Paragraph.text` leaves out."""
    parts: list[str] = []
    for element in paragraph.iter(f"{_W}t", f"{_W}p", *_SIGNS):
        if next(element.iterancestors(*_SECOND_COPIES), None) is not None:
            continue
        if element.tag == f"{_W}p":  # of a text box
            parts.append("\n" if element is not paragraph else "")
        elif element.tag == f"{_W}t":
            parts.append(element.text or "")
        elif element.getparent().tag == f"{_W}r":  # not the tab stops of a style
            parts.append(_SIGNS[element.tag])
    return "".join(parts)


def _note_lines(root: "etree._Element") -> Iterator[str]:
    for paragraph in root.iter(f"{_W}p"):
        if text := _paragraph(paragraph).strip():
            yield text
