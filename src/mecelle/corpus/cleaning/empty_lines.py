"""Empty lines: one between paragraphs is enough."""

import re
from typing import Literal

from mecelle.corpus.cleaning import Cleaner, cleaners

_GAP = re.compile(r"\n(?:[ \t]*\n){2,}")


@cleaners.register("empty_lines.v1")
class EmptyLines(Cleaner):
    """At most one empty line in a row, none at the beginning or end."""

    cleaner: Literal["empty_lines.v1"] = "empty_lines.v1"

    def clean(self, text: str) -> str:
        """Idempotent."""
        return _GAP.sub("\n\n", text).strip()
