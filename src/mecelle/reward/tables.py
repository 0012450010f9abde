"""Reads the tables of Turkish in `mecelle/reward/data`: one entry a line, `#` starts a comment."""

from functools import cache
from importlib.resources import files


@cache
def table(name: str) -> tuple[str, ...]:
    """Entries of `data/<name>.txt` in file order. Raises FileNotFoundError for an unknown name."""
    lines = files("mecelle.reward").joinpath("data", f"{name}.txt").read_text(encoding="utf-8").splitlines()
    entries = (line.partition("#")[0].strip() for line in lines)
    return tuple(entry for entry in entries if entry)
