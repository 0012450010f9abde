"""When each page ended, and how: a line per page, a file per process."""

from pathlib import Path
from types import TracebackType
from typing import Self

import orjson

from mecelle.documents.ocr.engine import PageText
from mecelle.documents.ocr.pages import Page


class PageLog:
    """Appends a line per page to a file of one process. Times stand here, and nowhere in what is kept of a page."""

    def __init__(self, path: Path | None) -> None:
        """path: None: nothing is written."""
        self._file = path.open("ab", buffering=0) if path else None

    def write(self, page: Page, text: PageText, *, start: float, seconds: float) -> None:
        """One page. start: seconds since 1970; seconds: from the request to the end of the answer."""
        row = {"start": round(start, 3), "seconds": round(seconds, 3), "source": page.source, "page": page.number}
        row |= {"key": page.key, "ended": text.ended, "error": text.error}
        row |= {"prompt_tokens": text.prompt_tokens, "output_tokens": text.output_tokens}
        if self._file:
            self._file.write(
                orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
            )  # one write: a kill leaves whole lines

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()
