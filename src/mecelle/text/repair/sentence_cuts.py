"""Lines that stand inside a sentence, where they do not belong."""

import re
from collections.abc import Iterable, Sequence

_RUNS_ON = re.compile(r"(?:[^\W\d_]{2}[,-]?|,)[ \t]*$")
_GOES_ON = re.compile(r"[ \t]*[\"'(]?[a-zçğıöşüâîû]{2}")


def cutting_lines(lines: Sequence[str], places: Iterable[int], *, least_before: int = 0) -> set[int]:
    """Those of the lines at `places` (in rising order) that cut a sentence in two; neighbours among them go together.

    A sentence runs on where a line, of `least_before` characters or more, ends in a word, comma or hyphen and the next
    begins with a small letter.
    """
    cutting: set[int] = set()
    run: list[int] = []
    for at in (*places, len(lines) + 1):
        if run and at != run[-1] + 1:
            before, after = run[0] - 1, run[-1] + 1
            if before >= 0 and after < len(lines) and len(lines[before]) >= least_before:
                cutting.update(run if _runs_on(lines[before], lines[after]) else ())
            run = []
        run.append(at)
    return cutting


def _runs_on(before: str, after: str) -> bool:
    return bool(_RUNS_ON.search(before, max(0, len(before) - 8)) and _GOES_ON.match(after))
