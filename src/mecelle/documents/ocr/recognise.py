"""Many pages in flight: drawn one after another, read side by side, kept as they end."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from mecelle.documents.ocr.config import Ocr
from mecelle.documents.ocr.engine import Ask, PageText
from mecelle.documents.ocr.log import PageLog
from mecelle.documents.ocr.pages import Page
from mecelle.documents.ocr.store import PageStore

_KEPT_AT_ONCE = 1_000  # texts in memory when a rerun passes over millions of pages

Found = Callable[[Page, PageText, bool], None]
"""Called with each page, its text, and whether it was kept from before."""


def recognise(pages: Iterable[Page], ocr: Ocr, found: Found, *, in_flight: int, log: str) -> None:
    """Read `pages` with the engine, or take them from the store; `found` is called once for each, in no fixed order.

    Only what is missing is read: a page that ended as natural or length is done, an abort is tried again. `pages` is
    advanced only after the page before it was drawn, so that it may close a file when the next is asked for.
    log: name of this process's file in the store's log. Raises ConfigError or ResourceError if the engine cannot be
    used, and what `found` raises.
    """
    asyncio.run(_recognise(iter(pages), ocr, found, in_flight, log))


async def _recognise(pages: Iterator[Page], ocr: Ocr, found: Found, in_flight: int, log: str) -> None:
    store = PageStore(ocr.pages, ocr.engine) if ocr.pages else None
    turn = asyncio.Lock()
    with PageLog(store.folder / "log" / f"{log}.jsonl" if store else None) as watched:

        async def work(ask: Ask) -> None:
            while True:
                async with turn:  # PyMuPDF is for one thread at a time
                    step = await asyncio.to_thread(_next_step, pages, ocr, store)
                for kept, text in step.kept:
                    found(kept, text, True)
                if step.page is None:
                    if step.is_last:
                        return
                    continue
                page, drawn, start = step.page, step.drawn, time.time()
                text = drawn if isinstance(drawn, PageText) else await ask(drawn)
                if store:
                    store.put(page.key, text)
                watched.write(page, text, start=start, seconds=time.time() - start)
                found(page, text, False)

        async with ocr.engine.opened() as ask:
            await asyncio.gather(*(work(ask) for _ in range(in_flight)))


@dataclass(slots=True)
class _Step:
    """Some pages that are kept, and after them one that is not."""

    kept: list[tuple[Page, PageText]] = field(default_factory=list)
    page: Page | None = None
    drawn: bytes | PageText = b""
    """The picture of `page`, or why there is none."""
    is_last: bool = False


def _next_step(pages: Iterator[Page], ocr: Ocr, store: PageStore | None) -> _Step:
    step = _Step()
    for page in pages:
        text = store.get(page.key) if store else None
        if text and text.is_done:
            step.kept.append((page, text))
            if len(step.kept) == _KEPT_AT_ONCE:
                return step
            continue
        step.page = page
        try:
            step.drawn = page.draw(ocr.engine.rendering)
        except Exception as error:  # PyMuPDF and Pillow raise many kinds for a damaged page
            step.drawn = PageText("abort", error=f"not drawn: {type(error).__name__}: {error}")
        return step
    step.is_last = True
    return step
