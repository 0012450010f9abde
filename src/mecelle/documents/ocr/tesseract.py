"""Tesseract, a process per page."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, Literal

from pydantic import Field

from mecelle.base.errors import ResourceError
from mecelle.base.machine import available_cores
from mecelle.documents.ocr.engine import Ask, Engine, PageText
from mecelle.documents.ocr.rendering import Rendering

PROGRAM = "tesseract"
_INSTALL = "apt-get install tesseract-ocr tesseract-ocr-tur (macOS: brew install tesseract tesseract-lang)"


class Tesseract(Engine):
    """Tesseract with its Turkish model, at full size: at 1,024 pixels it makes more errors (docs/results/corpus.md)."""

    kind: Literal["tesseract"] = "tesseract"
    rendering: Rendering = Rendering()
    language: str = Field(default="tur", pattern=r"^\w+(\+\w+)*$")
    """Models, joined by `+`."""
    layout: int = Field(default=3, ge=0, le=13)
    """Tesseract's page segmentation mode; 3: automatic."""
    timeout_seconds: float = Field(default=180.0, gt=0)
    """Longest time for one page; then it ends as abort."""
    processes: int = Field(default=0, ge=0)
    """Pages at a time; 0: all cores for a command that has them to itself, else one per process that reads files."""

    @property
    def label(self) -> str:
        """`tesseract 5.3.0 tur`."""
        return f"tesseract {_version()} {self.language}"

    def identity(self) -> dict[str, Any]:
        """Version, model, layout and rendering."""
        return {"engine": self.label, "layout": self.layout, "rendering": self.rendering.model_dump()}

    def in_flight(self, *, alone: bool) -> int:
        """See `processes`."""
        return self.processes or (available_cores() if alone else 1)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Ask]:
        """Raises ResourceError if the program or a model is not installed."""
        missing = sorted(set(self.language.split("+")) - _languages())
        if missing:
            raise ResourceError(f"Tesseract has no model {', '.join(missing)}: {_INSTALL}")
        yield self._ask

    async def _ask(self, png: bytes) -> PageText:
        process = await asyncio.create_subprocess_exec(
            PROGRAM, "stdin", "stdout", "-l", self.language, "--psm", str(self.layout),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},  # with more threads a page takes eight times as long
        )  # fmt: skip
        try:
            async with asyncio.timeout(self.timeout_seconds):
                out, complaint = await process.communicate(png)
        except TimeoutError:
            return PageText("abort", error=f"no text within {self.timeout_seconds:g} s")
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            words = " ".join(complaint.decode("utf-8", "replace").split())[:200]
            return PageText("abort", error=f"tesseract ended with {process.returncode}: {words}")
        return PageText("natural", out.decode("utf-8", "replace").replace("\f", ""))


@cache
def _version() -> str:
    return _told("--version").split()[1]


@cache
def _languages() -> frozenset[str]:
    return frozenset(_told("--list-langs").split())


def _told(option: str) -> str:
    if shutil.which(PROGRAM) is None:
        raise ResourceError(f"the program {PROGRAM} is not installed: {_INSTALL}")
    return subprocess.run([PROGRAM, option], capture_output=True, text=True, check=True).stdout
