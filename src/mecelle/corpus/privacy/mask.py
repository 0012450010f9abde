"""Identifiers become typed tags; where they stood is kept, what they were is not."""

from typing import Any

from mecelle.base.config import Config
from mecelle.text.identifiers import TAGS, Kind, find_identifiers, mask


class Masking(Config):
    """Which identifiers are masked."""

    kinds: tuple[Kind, ...] = tuple(TAGS)
    """Kinds of mecelle.text.identifiers; an empty list masks nothing."""


def mask_identifiers(text: str, config: Masking) -> tuple[str, list[dict[str, Any]]]:
    """The text with tags such as `[TCKN]`, and {kind, start, end} of each identifier in the text as it was."""
    found = [one for one in find_identifiers(text) if one.kind in config.kinds]
    return mask(text, found), [{"kind": one.kind, "start": one.start, "end": one.end} for one in found]
