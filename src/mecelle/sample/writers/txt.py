"""Plain text, UTF-8."""

from pathlib import Path
from typing import Any


def write_file(row: dict[str, Any], path: Path) -> None:
    """Write the text of `row`, with a line break at its end."""
    path.write_bytes((row["text"] + "\n").encode())
