"""Word lists and sentence banks: data files of this folder, read once.

A bank file holds blocks. A block starts with `@ name`; each further line is `key = value`, and a key may repeat.
Lines that start with `#` and blank lines are skipped; a backslash and n in a value stand for a line break.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from mecelle.base.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a bank file: every key with its values in the order of the file."""

    name: str
    values: dict[str, tuple[str, ...]]

    def all(self, key: str) -> tuple[str, ...]:
        """All values of `key`; empty when the block has none."""
        return self.values.get(key, ())

    def one(self, key: str, default: str | None = None) -> str:
        """The single value of `key`. Raises ConfigError if it is absent and no default is given."""
        found = self.values.get(key)
        if found is None and default is not None:
            return default
        if found is None or len(found) != 1:
            raise ConfigError(f"block '{self.name}': key '{key}' stands {len(found or ())} times, expected once")
        return found[0]


@cache
def load_bank(name: str) -> dict[str, Block]:
    """The blocks of `data/<name>` by name, in the order of the file.

    Raises ConfigError if a line is neither a comment, a block start nor `key = value`.
    """
    gathered: dict[str, dict[str, list[str]]] = {}
    current: dict[str, list[str]] | None = None
    for number, line in enumerate(_read(name).splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if text.startswith("@"):
            current = gathered.setdefault(text[1:].strip(), {})
            continue
        key, equals, value = text.partition("=")
        if not equals or current is None:
            raise ConfigError(f"{name}:{number}: found {text[:40]!r}, expected '@ block' or 'key = value'")
        current.setdefault(key.strip(), []).append(value.strip().replace("\\n", "\n"))
    return {
        block: Block(block, {key: tuple(values) for key, values in keys.items()}) for block, keys in gathered.items()
    }


@cache
def load_json(name: str) -> Any:
    """The content of the JSON file `data/<name>`."""
    return json.loads(_read(name))


def _read(name: str) -> str:
    return (files("mecelle.sample") / "data" / name).read_text(encoding="utf-8")
