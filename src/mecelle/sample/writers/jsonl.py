"""JSON Lines: one document a line, keys in the order given."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson


def write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write `rows` to `path`. A row whose only key is '' is written as that raw line, for planted faults."""
    with path.open("wb") as out:
        for row in rows:
            out.write(row[""].encode() if list(row) == [""] else orjson.dumps(row))
            out.write(b"\n")
