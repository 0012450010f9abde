"""A real endpoint on loopback, and pages to ask it about."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from mecelle.documents.ocr.config import Ocr
from mecelle.documents.ocr.vision import Vision
from mecelle.models.endpoint import Endpoint


class Server:
    """The process of server.py."""

    def __init__(self, *options: str) -> None:
        command = [sys.executable, str(Path(__file__).with_name("server.py")), *options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        self._root = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        self._seen = 0

    def plan(self, *first: str, then: str = "ok") -> None:
        """Treat the next requests as told, and those after them as `then`; forget what was asked so far."""
        body = json.dumps({"first": first, "then": then}).encode()
        urllib.request.urlopen(urllib.request.Request(f"{self._root}/plan", body)).close()
        self._seen = len(self._state()["requests"])

    @property
    def requests(self) -> list[dict[str, Any]]:
        """What was asked since the last plan."""
        return list(self._state()["requests"][self._seen :])

    @property
    def most_open(self) -> int:
        """The most requests that were open at a time since the last plan."""
        return int(self._state()["most_open"])

    def engine(self, **endpoint: Any) -> Vision:
        """A patient engine that asks this server, without waiting long between attempts."""
        settings = {"first_wait_seconds": 0.01, "timeout_seconds": 20.0, "retries": 2, **endpoint}
        return Vision(endpoint=Endpoint(url=f"{self._root}/v1", model="dots-ocr", **settings))

    def ocr(self, pages: Path | None = None, **endpoint: Any) -> Ocr:
        return Ocr(engine=self.engine(**endpoint), pages=pages)

    def _state(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self._root}/requests") as answer:
            return dict(json.load(answer))

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout
        self._process.stdout.close()


@pytest.fixture(scope="module")
def running_server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def server(running_server: Server) -> Server:
    """The endpoint, answering well."""
    running_server.plan()
    return running_server


def _write_scan(path: Path, *pages: str, stamp: str = "") -> Path:
    """A PDF of small pictures, one for each text; `stamp` is real text over each."""
    pdf = pymupdf.open()
    for text in pages:
        source = pymupdf.open()
        source.new_page(width=200, height=100).insert_text((10, 50), text, fontsize=14)
        picture = source[0].get_pixmap(dpi=100)
        page = pdf.new_page(width=200, height=100)
        page.insert_image(page.rect, pixmap=picture)
        if stamp:
            page.insert_text((5, 95), stamp, fontsize=6)
    pdf.save(path)
    return path


@pytest.fixture
def write_scan() -> Callable[..., Path]:
    """`_write_scan`."""
    return _write_scan


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """Three scanned pages."""
    return _write_scan(tmp_path / "tarama.pdf", "Birinci", "Ikinci", "Ucuncu")
