"""PDF with a text layer."""

from pathlib import Path
from typing import Any, Final

from mecelle.base.errors import require

FONT: Final = "tiro"  # MuPDF's built-in Times: has all Turkish letters and is embedded as a subset
FONT_SIZE: Final = 11
_MARGIN: Final = 64
_LEADING: Final = 15


def write_file(row: dict[str, Any], path: Path) -> None:
    """Write `row` on A4 pages with page numbers. Raises MissingPackageError without PyMuPDF."""
    path.write_bytes(render_pdf(row["text"]))


def render_pdf(text: str) -> bytes:
    """The text as a PDF without dates and ids, so that equal texts give equal bytes."""
    pymupdf = require("pymupdf", extra="dev", why="writing PDF files")
    font = pymupdf.Font(FONT)
    document = pymupdf.open()
    width, height = pymupdf.paper_size("a4")
    lines = [piece for line in text.split("\n") for piece in _wrap(line, font, width - 2 * _MARGIN)]
    per_page = int((height - 2 * _MARGIN) // _LEADING)
    for number, start in enumerate(range(0, len(lines), per_page), start=1):
        page = document.new_page(width=width, height=height)
        writer = pymupdf.TextWriter(page.rect)
        for at, line in enumerate(lines[start : start + per_page]):
            if line:
                writer.append((_MARGIN, _MARGIN + at * _LEADING), line, font=font, fontsize=FONT_SIZE)
        writer.append((width / 2, height - _MARGIN / 2), str(number), font=font, fontsize=9)
        writer.write_text(page)
    document.subset_fonts()
    document.set_metadata({})
    out: bytes = document.tobytes(garbage=4, deflate=True, no_new_id=True)
    document.close()
    return out


def _wrap(line: str, font: Any, width: float) -> list[str]:
    """`line` in pieces no wider than `width` points."""
    out, current = [], ""
    for word in line.split(" "):
        attempt = f"{current} {word}" if current else word
        if current and font.text_length(attempt, fontsize=FONT_SIZE) > width:
            out.append(current)
            current = word
        else:
            current = attempt
    return [*out, current]
