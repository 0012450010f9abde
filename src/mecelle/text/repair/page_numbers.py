"""Page numbers on lines of their own."""

import re
from collections.abc import Mapping, Sequence

from mecelle.text.repair.sentence_cuts import cutting_lines

_NUMBER = re.compile(
    r"[ \t]*(?:"
    r"(?P<dashed>[-–—~][ \t]?(?P<between>\d{1,4})[ \t]?[-–—~])"
    r"|(?:Sayfa|SAYFA|Sf\.|Page)(?:[ \t](?:No|NO))?(?P<named>[ \t]?[:.]?[ \t]?)(?P<page>\d{1,4})"
    r"(?:[ \t]?[/-][ \t]?\d{1,4})?"
    r"|(?P<part>\d{1,4})[ \t]?/[ \t]?(?P<whole>\d{1,4})"
    r"|(?P<bare>\d{1,5})"
    r")[ \t]*"
)
_MAYBE = re.compile(r"^[ \t]*(?:[-–—~][ \t]?\d|\d|Sayfa|SAYFA|Sf\.|Page)[^\n]{0,22}$", re.MULTILINE)
_LONGEST = 32  # characters of a line with a page number
_LEAST_LINE = 40  # characters of a printed line that a page number cuts off; shorter ones are cells or pieces of HTML
_MOST_CUTTING = 999  # `5237` inside a sentence is a law
_COUNTED = re.compile(  # words that a number belongs to: `49` + `uncu maddesi`
    r"\s*(?:sayılı|numaralı|no|nolu|n?c[ıiuü]|[ıiuü]nc[ıiuü]|madde|fıkra|bent|bend|yıl|ay|gün|saat|adet|lira|kuruş|kişi"
    r"|tarih|esas|karar|metre|hisse|pay|parsel|ada)"
)
_LEAST_PAGE_CHARS, _MOST_PAGE_CHARS = 700, 14_000  # text between two printed page numbers
_LEAST_CHAIN = 3  # numbers that count pages up
_LEAST_BARE = 100  # smaller bare numbers count articles and rows as well
_MOST_MISSING = 2  # pages whose number was not read


def remove_page_numbers(text: str) -> str:
    """The text without lines that are page numbers: `- 3 -`, `3/12`, `Sayfa 3`, `3`.

    Forms that mean nothing else (`Sayfa 3`, `- 3 -`) go by themselves. `3`, `3/12` and `-3-` are also table cells,
    fractions and headings: they go where they cut a sentence in two, and numbers of three digits and more where three
    or more count up through the text at the distance of pages, as in statutes taken from the printed Düstur. All other
    digits stay. Idempotent.
    """
    if not _MAYBE.search(text):
        return text
    lines = text.split("\n")
    found = {at: match for at, line in enumerate(lines) if len(line) <= _LONGEST and (match := _NUMBER.fullmatch(line))}
    gone = _counting(found, lines) | _cutting(found, lines) | {at for at in found if _is_alone(found[at])}
    return "\n".join(line for at, line in enumerate(lines) if at not in gone) if gone else text


def page_number(line: str) -> int | None:
    """The number that `line` shows if it may be a page number, else None."""
    match = _NUMBER.fullmatch(line) if len(line) <= _LONGEST else None
    return int(match["between"] or match["page"] or match["part"] or match["bare"]) if match else None


def _is_alone(match: re.Match[str]) -> bool:
    """Whether the form means nothing but a page. `Sayfa: 3` names a source, `-3-` may be a heading."""
    spaced = match["dashed"] and not match["dashed"][1].isdigit()
    return bool(spaced or (match["named"] is not None and ":" not in match["named"]))


def _cutting(found: Mapping[int, re.Match[str]], lines: Sequence[str]) -> set[int]:
    """Lines that cut a sentence in two and cannot be a number of the sentence itself."""
    return {
        at
        for at in cutting_lines(lines, found, least_before=_LEAST_LINE)
        if _is_small(found[at]) and not _COUNTED.match(lines[at + 1])
    }


def _is_small(match: re.Match[str]) -> bool:
    """Whether a page can have the number: `2019/123` is a case, `49/2` a paragraph."""
    if match["part"]:
        return int(match["part"]) <= int(match["whole"]) <= _MOST_CUTTING
    return int(match["bare"] or 0) <= _MOST_CUTTING


def _counting(found: Mapping[int, re.Match[str]], lines: Sequence[str]) -> set[int]:
    """Lines of bare numbers that count up by one, or nearly, at the distance of pages."""
    starts, position = [], 0
    for line in lines:
        starts.append(position)
        position += len(line) + 1
    chains: dict[int, list[int]] = {}  # by their last number: the lines of a chain
    ended: list[list[int]] = []
    for at, match in found.items():
        value = int(match["bare"] or 0)
        if value < _LEAST_BARE:
            continue
        for pages in range(1, _MOST_MISSING + 2):
            chain = chains.get(value - pages)
            if chain and _LEAST_PAGE_CHARS * pages <= starts[at] - starts[chain[-1]] <= _MOST_PAGE_CHARS * pages:
                ended.append(chains.pop(value, []))
                chains[value] = [*chains.pop(value - pages), at]
                break
        else:
            ended.append(chains.pop(value, []))
            chains[value] = [at]
    return {at for chain in (*ended, *chains.values()) if len(chain) >= _LEAST_CHAIN for at in chain}
