"""The texts of recognised pages: one file per page, keyed by what is on it and by the engine's identity.

    pages/tesseract-5.3.0-tur-1f0c…/engine.json    the identity; written last, so it says that the folders stand
    pages/tesseract-5.3.0-tur-1f0c…/text/a7/….json one page
    pages/tesseract-5.3.0-tur-1f0c…/log/*.jsonl    when each page ended, a file per process (`log`)

The 256 folders are made once: file systems of clusters ask one metadata server for each look at a folder, and lock a
folder as a whole (Mecellem §3.2.2, scalability considerations). Page files hold no times, so that the same pages give
the same bytes whoever read them.
"""

import hashlib
import os
import re
from pathlib import Path
from typing import Any

import orjson

from mecelle.documents.ocr.engine import Engine, PageText

_MARKER = "engine.json"
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9.]+")


def store_name(engine: Engine) -> str:
    """The folder name of an engine: its label, and 12 hexadecimal digits of its identity."""
    digest = hashlib.blake2b(_json(engine.identity()), digest_size=6).hexdigest()
    return f"{_NOT_PLAIN.sub('-', engine.label)[:60]}-{digest}"


class PageStore:
    """Page texts of one engine under one folder. Many processes may write; no two need to know of each other."""

    def __init__(self, pages: Path, engine: Engine) -> None:
        """pages: the folder of all engines; what is not there yet is made."""
        self.folder = pages / store_name(engine)
        if not (self.folder / _MARKER).exists():
            self._lay_out(engine)

    def _lay_out(self, engine: Engine) -> None:
        for first in range(256):
            (self.folder / "text" / f"{first:02x}").mkdir(parents=True, exist_ok=True)
        (self.folder / "log").mkdir(exist_ok=True)
        _write(self.folder / _MARKER, _json(engine.identity()))

    def get(self, key: str) -> PageText | None:
        """What is kept of a page; an abort too. None if there is nothing, or if it is no whole file."""
        try:
            return PageText(**orjson.loads(self._path(key).read_bytes()))
        except (FileNotFoundError, orjson.JSONDecodeError, TypeError):
            return None

    def put(self, key: str, page: PageText) -> None:
        """Keep a page, whole or not at all."""
        _write(self._path(key), _json({slot: getattr(page, slot) for slot in PageText.__slots__}))

    def _path(self, key: str) -> Path:
        return self.folder / "text" / key[:2] / f"{key}.json"


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_bytes(content)
    partial.replace(path)


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
