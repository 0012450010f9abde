"""PDF with a text layer."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymupdf

from mecelle.documents.config import ExtractConfig
from mecelle.documents.records import Fault, Record, reader

mupdf: Any = pymupdf  # its functions have no types

# Words that a line end cut are joined; spaces and ligatures are kept as text; images are not loaded.
_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_DEHYPHENATE | pymupdf.TEXT_MEDIABOX_CLIP
_FEW_MARKS = 20  # drawn paths that may stand on a page that is still blank: rules and frames

_FEW_LINES, _NEAR_SHARE = 3, 0.04  # so many lines that end so near each other (share of the page's width) make a margin

_OPENING = re.compile(r"(?:[IVX]+|[A-ZÇĞİÖŞÜ]|\d{1,3})\s?[.)-]\s|(?:(?:GEÇİCİ|EK) )?MADDE\s\d|[A-ZÇĞİÖŞÜ ]{4,}:")


@reader("pdf.v1", suffixes=(".pdf",))
def read(path: Path, config: ExtractConfig) -> Iterator[Record | Fault]:
    """One record of all pages that have text, and one fault that names the pages that are pictures."""
    mupdf.TOOLS.mupdf_display_errors(False)  # stderr belongs to the progress; a damaged file says so by its fault
    mupdf.TOOLS.mupdf_display_warnings(False)
    try:
        pdf = mupdf.open(path, filetype="pdf")
    except RuntimeError as error:
        yield Fault("corrupt", f"not readable as PDF: {error}")
        return
    with pdf:
        if pdf.needs_pass:
            yield Fault("encrypted", "it opens with a password: save it without one")
            return
        yield from _found_in(pdf, path)


def _found_in(pdf: Any, path: Path) -> Iterator[Record | Fault]:
    pages: list[str] = []
    pictures: list[int] = []
    broken: list[int] = []
    for number in range(pdf.page_count):
        try:
            page = pdf[number]
            text = _page_text(page)
            if not text.strip() and _has_marks(page):
                pictures.append(number + 1)
        except RuntimeError:
            text = ""
            broken.append(number + 1)
        pages.append(text)
    # A page whose content is broken still opens, as an empty one. What the repair found is not all that was there.
    fields = {"source_id": path.stem, "title": (pdf.metadata or {}).get("title") or None, "pages": pdf.page_count}
    if pdf.is_repaired:
        fields["repaired"] = True
    text = "\n".join(text for text in pages if text.strip())
    if text:
        yield Record(text=text, fields=fields)
    if pictures:
        yield Fault("no_text_layer", "scanned pages: reading them (OCR) comes with part 2", _page_list(pictures))
    if broken or not (text or pictures):
        empty = "damaged pages" if pdf.is_repaired or broken else "blank pages"
        yield Fault("empty" if empty == "blank pages" else "corrupt", f"{empty}, no text", _page_list(broken))


def _has_marks(page: Any) -> bool:
    """Whether something is printed on a page without text: a scan, or letters drawn as paths."""
    return bool(page.get_images()) or len(page.get_drawings()) > _FEW_MARKS


def _page_text(page: Any) -> str:
    """Text of a page, its lines joined to paragraphs."""
    blocks = [block for block in page.get_text("dict", flags=_FLAGS)["blocks"] if block["type"] == 0]
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


def _page_list(numbers: list[int]) -> str:
    return f"pages {', '.join(map(str, numbers))}" if numbers else ""
