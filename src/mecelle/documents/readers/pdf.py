"""PDF: its text layer, and its scanned pages where an OCR engine is given."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymupdf

from mecelle.documents.config import ExtractConfig
from mecelle.documents.files import content_hash
from mecelle.documents.ocr.pages import DAMAGE, TEXT_FLAGS, is_scanned, pdf_page
from mecelle.documents.ocr.scans import NO_ENGINE, Scans, page_ranges, read_scans
from mecelle.documents.paged import joined_pages
from mecelle.documents.records import Fault, Record, reader

mupdf: Any = pymupdf  # its functions have no types

_FEW_LINES, _NEAR_SHARE = 3, 0.04  # so many lines that end so near each other (share of the page's width) make a margin

_OPENING = re.compile(r"(?:[IVX]+|[A-ZÇĞİÖŞÜ]|\d{1,3})\s?[.)-]\s|(?:(?:GEÇİCİ|EK) )?MADDE\s\d|[A-ZÇĞİÖŞÜ ]{4,}:")


@reader("pdf.v1", suffixes=(".pdf",))
def read(path: Path, config: ExtractConfig) -> Iterator[Record | Fault]:
    """One record of all pages; scanned ones are read by `config.ocr`, or named in a fault if it is not given."""
    quiet()
    try:
        pdf = mupdf.open(path, filetype="pdf")
    except DAMAGE as error:
        yield Fault("corrupt", f"not readable as PDF: {error}")
        return
    with pdf:
        if pdf.needs_pass:
            yield Fault("encrypted", "it opens with a password: save it without one")
            return
        yield from _found_in(pdf, path, config)


def quiet() -> None:
    """MuPDF writes nothing to stderr, which belongs to the progress; a damaged file says so by its fault."""
    mupdf.TOOLS.mupdf_display_errors(False)
    mupdf.TOOLS.mupdf_display_warnings(False)


def _found_in(pdf: Any, path: Path, config: ExtractConfig) -> Iterator[Record | Fault]:
    texts, scanned, broken = _text_layer(pdf)
    # A page whose content is broken still opens, as an empty one. What the repair found is not all that was there.
    fields = {"source_id": path.stem, "title": (pdf.metadata or {}).get("title") or None, "pages": pdf.page_count}
    if pdf.is_repaired:
        fields["repaired"] = True
    scans = _scans(pdf, scanned, path, config)
    text = joined_pages(texts | scans.texts, config, scanned=scans.texts)
    if text:
        yield Record(text=text, fields=fields | scans.fields)
    yield from scans.faults
    if broken or not (text or scans.faults):
        empty = "damaged pages" if pdf.is_repaired or broken else "blank pages"
        position = f"pages {page_ranges(broken)}" if broken else ""
        yield Fault("empty" if empty == "blank pages" else "corrupt", f"{empty}, no text", position)


def _text_layer(pdf: Any) -> tuple[dict[int, str], list[int], list[int]]:
    """Text by page number; numbers of the pages that are scans; numbers of those that cannot be read."""
    texts: dict[int, str] = {}
    scanned: list[int] = []
    broken: list[int] = []
    for number in range(1, pdf.page_count + 1):
        try:
            page = pdf[number - 1]
            texts[number] = _page_text(page)
            if is_scanned(page, texts[number]):
                scanned.append(number)
        except DAMAGE:
            broken.append(number)
    return texts, scanned, broken


def _scans(pdf: Any, scanned: list[int], path: Path, config: ExtractConfig) -> Scans:
    if not scanned:
        return Scans({})
    if config.ocr is None:
        return Scans({}, faults=(Fault("no_text_layer", NO_ENGINE, f"pages {page_ranges(scanned)}"),))
    file_hash = content_hash(path)
    pages = (pdf_page(pdf[number - 1], source=path.name, file_hash=file_hash) for number in scanned)
    return read_scans(pages, config.ocr)


def _page_text(page: Any) -> str:
    """Text of a page, its lines joined to paragraphs."""
    blocks = [block for block in page.get_text("dict", flags=TEXT_FLAGS)["blocks"] if block["type"] == 0]
    return "\n".join(_block_text(block, _right_margin(block, blocks, page.rect.width)) for block in blocks)


def _right_margin(block: Any, blocks: list[Any], page_width: float) -> float:
    """Where lines of the block's column end: where several of them end, else as far from the edge as text begins."""
    left, _, right, _ = block["bbox"]
    middle = (left + right) / 2
    column = [other for other in blocks if other["bbox"][0] <= middle <= other["bbox"][2]]
    ends = [line["bbox"][2] for other in column for line in other["lines"]]
    farthest = float(max(ends, default=right))
    if sum(end > farthest - _NEAR_SHARE * page_width for end in ends) >= _FEW_LINES:
        return farthest
    beside = any(other["bbox"][0] > farthest for other in blocks)  # another column
    return farthest if beside else max(farthest, page_width - min(other["bbox"][0] for other in blocks))


def _block_text(block: Any, margin: float) -> str:
    """A line end stays where the writer meant it: the next word would have fitted, or a numbered heading follows."""
    text, right, wide = "", 0.0, 0.0
    for line in block["lines"]:
        words = "".join(span["text"] for span in line["spans"]).strip()
        if not words:
            continue
        left, _, line_right, _ = line["bbox"]
        per_character = (line_right - left) / len(words)
        first_word = per_character * len(words.split(maxsplit=1)[0])
        same_row = bool(text) and left >= right - per_character  # pieces of one line that wide spaces part
        opens = text.endswith((".", ":", ";")) and _OPENING.match(words)
        meant = not same_row and (right + wide + first_word < margin or opens)
        text += ("\n" if meant and text else " " if text else "") + words
        right, wide = line_right, per_character
    return text
