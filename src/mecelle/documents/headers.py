"""The header row of a table: what it must not be."""

from collections import Counter
from collections.abc import Iterable


def repeated(columns: Iterable[str] | None) -> str | None:
    """A sentence if names of columns stand twice, of which readers keep the last; None if a row loses nothing by it.

    Columns without a name may be many: spreadsheets write them behind the last one.

    >>> repeated(["id", "text", "text", "", ""])
    "the header names 'text' twice or more; rename columns so that none is lost, or take one out"
    """
    counts = Counter(name for name in columns or () if name.strip())
    twice = ", ".join(repr(name) for name, count in counts.items() if count > 1)
    if not twice:
        return None
    return f"the header names {twice} twice or more; rename columns so that none is lost, or take one out"
