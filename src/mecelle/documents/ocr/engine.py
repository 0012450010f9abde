"""What an OCR engine promises."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Literal

from mecelle.base.config import Config
from mecelle.documents.ocr.rendering import Rendering

Ended = Literal["natural", "length", "abort"]
"""How the reading of a page ended: by itself, at the limit of new tokens, or not at all (Mecellem §3.2.2, Fig. 1)."""

ENDS: tuple[Ended, ...] = ("natural", "length", "abort")


@dataclass(frozen=True, slots=True)
class PageText:
    """What an engine read on one page."""

    ended: Ended
    text: str = ""
    prompt_tokens: int = 0
    """0 for engines that have no tokens."""
    output_tokens: int = 0
    error: str = ""
    """Of an abort: what went wrong, as a sentence."""

    @property
    def is_done(self) -> bool:
        """Whether asking again would give nothing new."""
        return self.ended != "abort"


Ask = Callable[[bytes], Awaitable[PageText]]
"""Reads one PNG. Never raises for a page: what goes wrong is an abort."""


class Engine(Config, ABC):
    """An OCR engine and its parameters."""

    rendering: Rendering

    @property
    @abstractmethod
    def label(self) -> str:
        """What a person calls it, in metadata and tables."""

    @abstractmethod
    def identity(self) -> dict[str, Any]:
        """All that decides what text a page gives, as plain values: what is not in it may change between two runs."""

    @abstractmethod
    def in_flight(self, *, alone: bool) -> int:
        """Pages to read at a time. alone: no other process of this command reads pages on this machine."""

    def check(self) -> None:
        """Raises ConfigError or ResourceError if the engine cannot be used at all: before a long run, not in it."""

        async def open_it() -> None:
            async with self.opened():
                pass

        asyncio.run(open_it())

    @abstractmethod
    def opened(self) -> AbstractAsyncContextManager[Ask]:
        """The engine ready for work. Raises ConfigError or ResourceError if it cannot be used at all."""
