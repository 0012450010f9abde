"""Pages drawn: PDF by PyMuPDF, pictures by Pillow."""

import io
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymupdf
from PIL import Image, ImageOps

from mecelle.documents.ocr.rendering import Rendering

MOST_PIXELS = 100_000_000
"""Of a picture that is drawn or opened (A3 at 300 DPI has 17 million): bounds the memory that one page takes."""

mupdf: Any = pymupdf  # its functions have no types

_POINTS_PER_INCH = 72
_Image = Image.Image


def draw_pdf_page(page: Any, rendering: Rendering) -> bytes:
    """A page of PyMuPDF as PNG. A page of more than MOST_PIXELS is drawn at as many dots per inch as stay under it."""
    zoom = rendering.dpi / _POINTS_PER_INCH
    zoom *= min(1.0, math.sqrt(MOST_PIXELS / max(1.0, page.rect.width * page.rect.height * zoom**2)))
    space = pymupdf.csRGB if rendering.colour else pymupdf.csGRAY
    drawn = page.get_pixmap(matrix=mupdf.Matrix(zoom, zoom), colorspace=space, alpha=False)
    mode = "RGB" if rendering.colour else "L"
    picture = Image.frombuffer(mode, (drawn.width, drawn.height), drawn.samples, "raw", mode, drawn.stride, 1)
    return _png(picture, rendering, dpi=zoom * _POINTS_PER_INCH)


def draw_frame(path: Path, frame: int, rendering: Rendering) -> bytes:
    """Frame number `frame` (from 0) of a TIFF, PNG or JPEG as PNG, turned as its camera says.

    Raises OSError or ValueError if it is damaged or has more than MOST_PIXELS.
    """
    with _opened(path) as picture:
        picture.seek(frame)
        if picture.width * picture.height > MOST_PIXELS:
            raise ValueError(f"{picture.width:,} x {picture.height:,} pixels; at most {MOST_PIXELS:,} are opened")
        dpi = float(picture.info.get("dpi", (0, 0))[0])
        upright = ImageOps.exif_transpose(picture)
        return _png(upright.convert("RGB" if rendering.colour else "L"), rendering, dpi=dpi)


def frame_count(path: Path) -> int:
    """Pages of a picture file. Raises OSError or ValueError if it is none."""
    with _opened(path) as picture:
        return int(getattr(picture, "n_frames", 1))


@contextmanager
def _opened(path: Path) -> Iterator[_Image]:
    """Raises OSError or ValueError alone, whatever Pillow calls the damage."""
    try:
        with warnings.catch_warnings():  # of sizes, which are checked here, and of tags that say nothing of the picture
            warnings.simplefilter("ignore")
            with Image.open(path, formats=("TIFF", "PNG", "JPEG")) as picture:
                yield picture
    except (OSError, ValueError):
        raise
    except Exception as error:
        raise ValueError(f"damaged picture: {type(error).__name__}: {error}") from error


def _png(picture: _Image, rendering: Rendering, *, dpi: float) -> bytes:
    side = max(picture.size)
    if 0 < rendering.longest_side < side:
        dpi *= rendering.longest_side / side
        picture.thumbnail((rendering.longest_side, rendering.longest_side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    # The picture goes to a process or a server and is thrown away: speed before size.
    picture.save(out, "PNG", compress_level=1, **({"dpi": (dpi, dpi)} if dpi > 1 else {}))
    return out.getvalue()
