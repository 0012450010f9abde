"""Words that a printed line broke in two."""

import re

_LOWER = "a-zçğıöşüâîû"
_MAYBE = re.compile(r"-[ \t]*\n")
_BROKEN = re.compile(rf"(?<=[{_LOWER}]{{2}})-[ \t]*\n[ \t]*(?=[{_LOWER}]{{2}})")


def join_line_hyphens(text: str) -> str:
    """Join `mahke-` + `mesinin` over a line end.

    Only between small letters, two or more on either side: `2010/68-` and `Ankara-` + `İstanbul` keep their hyphen, and
    so does a list sign. Idempotent.
    """
    return _BROKEN.sub("", text) if _MAYBE.search(text) else text
