"""Reads the lists of words and domains: one entry a line, `#` starts a comment."""

from functools import cache
from importlib.resources import files
from pathlib import Path

from mecelle.base.errors import ConfigError


@cache
def own_list(name: str) -> tuple[str, ...]:
    """Entries of `data/<name>.txt`, in file order."""
    return _entries(files("mecelle.corpus.filters").joinpath("data", f"{name}.txt").read_text(encoding="utf-8"))


def user_list(path: Path) -> tuple[str, ...]:
    """Entries of a user's file, in file order. Raises ConfigError if it cannot be read.

    Filters remember what they make of it, by path and `stamp`.
    """
    try:
        return _entries(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not readable as a list: {error}; expected UTF-8 text, one entry a line") from None


def _entries(text: str) -> tuple[str, ...]:
    stripped = (line.partition("#")[0].strip() for line in text.splitlines())
    return tuple(entry for entry in stripped if entry)
