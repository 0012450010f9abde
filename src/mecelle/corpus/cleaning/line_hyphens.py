"""Words that a printed line broke in two."""

import re
from typing import Literal

from mecelle.corpus.cleaning import Cleaner, cleaners

_LOWER = "a-zçğıöşüâîû"
_BROKEN = re.compile(rf"(?<=[{_LOWER}]{{2}})-\n(?=[{_LOWER}]{{2}})")


@cleaners.register("line_hyphens.v1")
class LineHyphens(Cleaner):
    """Join `mahke-` + `mesinin` over a line end.

    Only between small letters, two or more on either side: `2010/68-` and `Ankara-` + `İstanbul` keep their hyphen, and
    so does a list sign.
    """

    cleaner: Literal["line_hyphens.v1"] = "line_hyphens.v1"

    def clean(self, text: str) -> str:
        """Idempotent."""
        return _BROKEN.sub("", text)
