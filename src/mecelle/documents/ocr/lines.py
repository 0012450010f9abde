"""Lines of a recognised page to paragraphs: an engine gives the lines of the paper, a corpus wants sentences."""

import re

_LEAST_LINES = 4  # a page with fewer tells nothing of its width
_FULL_SHARE = 0.85  # of the page's width in characters: letters differ in width, so a full line may be this short
_WIDTH_RANK = 0.8  # the width is the length of the line at this rank: titles and table rows do not move it

_OPENING = re.compile(r"(?:[IVX]+|[A-ZÇĞİÖŞÜ]|\d{1,3}|[a-zçğıöşü])\s?[.)-]\s|[(]\d|(?:(?:GEÇİCİ|EK) )?MADDE\s|[-•*|]")
_HYPHEN = re.compile(r"(?<=\w\w)[-¬]$")


def join_wrapped_lines(text: str) -> str:
    """Join each full line to the next one of its paragraph; a line end stays where the next word would have fitted.

    Empty lines part paragraphs. A word that the line end cut with a hyphen is joined if its rest begins small.
    """
    lines = [line.strip() for line in text.split("\n")]
    lengths = sorted(len(line) for line in lines if line)
    if len(lengths) < _LEAST_LINES:
        return "\n".join(lines)
    full = _FULL_SHARE * lengths[int(_WIDTH_RANK * (len(lengths) - 1))]
    joined: list[str] = []
    width = 0  # of the last line as it stood on the page
    for line in lines:
        last = joined[-1] if joined else ""
        fitted = width + 1 + len(line.partition(" ")[0]) < full
        if not last or not line or fitted or (_OPENING.match(line) and last.endswith((".", ":", ";", ","))):
            joined.append(line)
        elif _HYPHEN.search(last, len(last) - 1) and line[0].islower():
            joined[-1] = last[:-1] + line
        else:
            joined[-1] = f"{last} {line}"
        width = len(line)
    return "\n".join(joined)
