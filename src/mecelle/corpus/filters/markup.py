"""Pages that are mostly tables or references to images."""

import re
from typing import Literal

from pydantic import Field

from mecelle.corpus.filters import TextFilter, filters
from mecelle.corpus.verdict import Verdict, drop, keep
from mecelle.corpus.view import view

_IMAGE = re.compile(r"!\[[^\]\n]{0,300}\]\([^)\n]{0,2000}\)|<img\b[^>]{0,2000}>", re.IGNORECASE)
_IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|bmp)\b", re.IGNORECASE)
_IMAGE_HINTS = ("![", "<im", "<IM", ".jp", ".JP", ".png", ".PNG", ".gif", ".GIF", ".webp", ".svg", ".bmp")
_TABLE_TAG = re.compile(r"</?t(?:able|body|head|r|d|h)\b", re.IGNORECASE)
_LEAST_CELLS = 3


@filters.register("markup.v1")
class Markup(TextFilter):
    """Drop text most of which stands in table rows or image references.

    Source: Mecellem §3.2.3 (v), "HTML-derived samples dominated by tabular structure or image references", which gives
    no number.
    """

    filter: Literal["markup.v1"] = "markup.v1"
    most_table_share: float = Field(default=0.50, ge=0.0, le=1.0)
    """Characters of table rows among all characters, 0..1. A row has three or more cells between `|` or tabs, or HTML
    tags of a table."""
    most_image_share: float = Field(default=0.30, ge=0.0, le=1.0)
    """Characters of image references, in Markdown, HTML or as a file name, among the same, 0..1."""

    def measure(self, text: str) -> Verdict:
        """Measures both shares."""
        characters = len(text) or 1
        tables, images = _table_characters(text) / characters, _image_characters(text) / characters
        measured = {"table_share": round(tables, 4), "image_share": round(images, 4)}
        if tables > self.most_table_share:
            return drop("mostly_tables", **measured)
        return drop("mostly_images", **measured) if images > self.most_image_share else keep(**measured)


def _table_characters(text: str) -> int:
    if "|" not in text and "\t" not in text and "<t" not in text and "<T" not in text:
        return 0
    return sum(len(line) + 1 for line in view(text).lines if _is_row(line))


def _is_row(line: str) -> bool:
    cells = max(line.count("|"), line.count("\t")) + 1
    return cells >= _LEAST_CELLS or ("<" in line and bool(_TABLE_TAG.search(line)))


def _image_characters(text: str) -> int:
    if not any(hint in text for hint in _IMAGE_HINTS):
        return 0
    rest = _IMAGE.sub("", text)
    return len(text) - len(rest) + sum(len(token) for token in rest.split() if _IMAGE_FILE.search(token))
