"""Which pages of a file are pictures, and what identifies them."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pymupdf

from mecelle.documents.ocr.drawing import draw_frame, draw_pdf_page, frame_count
from mecelle.documents.ocr.rendering import Rendering

mupdf: Any = pymupdf  # its functions have no types

# Words that a line end cut are joined; spaces and ligatures are kept as text; images are not loaded.
TEXT_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_DEHYPHENATE | pymupdf.TEXT_MEDIABOX_CLIP

DAMAGE: tuple[type[Exception], ...] = (RuntimeError, mupdf.mupdf.FzErrorBase)
"""What PyMuPDF raises for a damaged file or page: its own errors, or those of the library below it."""

_FEW_MARKS = 20  # drawn paths that may stand on a page that is still blank: rules and frames
_FEW_CHARACTERS = 250  # of a text layer that is a stamp (UYAP's signature notice, a page number), not the page
_MOST_OF_THE_PAGE = 0.5  # share of the page that one image covers: a scan, no illustration


@dataclass(frozen=True, slots=True)
class Page:
    """One page to recognise."""

    number: int
    """In its file, from 1."""
    source: str
    """Name of the file, for people."""
    key: str
    """32 hexadecimal digits of the file's bytes and the number: the same page wherever its file lies."""
    draw: Callable[[Rendering], bytes]
    """Gives the page as PNG. Raises whatever the drawing library raises of a damaged page."""

    def belongs_to(self, partition: int, of: int) -> bool:
        """Whether the page falls to the worker number `partition` (from 0) of `of` workers, who need not talk."""
        return int(self.key[-8:], 16) % of == partition


def pdf_page(page: Any, *, source: str, file_hash: str) -> Page:
    """A page of an open PDF; it can be drawn for as long as the PDF stays open."""
    number = int(page.number) + 1
    return Page(number, source, _key(file_hash, number), partial(draw_pdf_page, page))


def picture_pages(path: Path, *, source: str, file_hash: str) -> Iterator[Page]:
    """The pages of a TIFF, PNG or JPEG. Raises OSError or ValueError if it is none."""
    for number in range(1, frame_count(path) + 1):
        yield Page(number, source, _key(file_hash, number), partial(draw_frame, path, number - 1))


def is_scanned(page: Any, text: str) -> bool:
    """Whether what is printed on a PDF page is not in its `text`: a scan, also one with a stamp, or drawn letters."""
    if not text.strip():
        return bool(page.get_images()) or len(page.get_drawings()) > _FEW_MARKS
    if len("".join(text.split())) > _FEW_CHARACTERS:
        return False
    area = max(1.0, abs(page.rect.width * page.rect.height))
    boxes = [mupdf.Rect(image["bbox"]) & page.rect for image in page.get_image_info()]
    return any(abs(box.width * box.height) > _MOST_OF_THE_PAGE * area for box in boxes if not box.is_empty)


def _key(file_hash: str, number: int) -> str:
    return hashlib.blake2b(f"{file_hash}:{number}".encode(), digest_size=16).hexdigest()
