"""Decisions that were cut at their own headings, with headings, captions and numbers taken out, or with them.

Without them the rest must be read to be cut. `data/legal/decision_sections` has rows of this form:
{id, court, chamber, sections: [{label, heading, text}]}.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mecelle.base.errors import InputError
from mecelle.segmentation.decision import from_pieces
from mecelle.segmentation.labels import Section
from mecelle.segmentation.mapping import mapping
from mecelle.segmentation.record import Segmented
from mecelle.segmentation.units import CLOSING
from mecelle.text.casing import fold
from mecelle.text.headers import decision_metadata

_RUNNING_CHARS = 150
"""A longer line of a Yargıtay caption is running text (`mecelle.text.headers` draws the line there too)."""
_RUNNING = re.compile(r"taraflar aras|kararın |bölge adliye mahkemesi kararı|itiraz hakem heyeti kararı")
_CAPITALS = re.compile(r"(?:[IVX]+\s?\.\s*)?(?:[(\sX)\-]*)(?:[A-ZÇĞİÖŞÜÂÎÛ]{2,}\b[\s'’]*)+[.…\s]*:?\s*")
_NUMBERS = re.compile(
    r"\s*(?:[-–•*]\s+|\(?(?:\d{1,3}|[IVX]{1,4}|[A-ZÇĞİÖŞÜa-zçğıöşü])\)?\s?[.)\-](?!\d|[A-ZÇĞİÖŞÜ]\.)\s*)+"
)
_DISSENT = re.compile(r"(?<!\S)KARŞI\s?OY(?:\s+(?:GEREKÇESİ|YAZISI))?(?!\S)\s*(?:1\.\s+)?")
"""Heading of a dissent on the line of the closing formula, with the first of its numbers (Anayasa Mahkemesi)."""
_HEADING_LINE = re.compile(r"\s*(?:[IVX]+|[A-ZÇĞİÖŞÜ]|\d)\s?\.\s?[^\W\d_][^.;,!?\n]{2,100}:?\s*")


@dataclass(frozen=True)
class _Piece:
    section: Section
    text: str
    gone: str = ""
    """What it is if it is taken out: heading, caption, numbering, blank."""


def read_headed(row: Mapping[str, Any], *, headings: bool = False) -> tuple[Segmented, Counter[str]]:
    """The decision without its headings, and how many characters these have, by what they are.

    The sections of a row are joined by line ends; every character of that text is in one section, or counted:
    `heading`, `caption`, `numbering`, `blank`. headings: leave them in the text, each in the section that it leads to.
    Raises InputError if the row has another form.
    """
    try:
        parts = [(str(one["label"]), one["heading"], str(one["text"])) for one in row["sections"]]
        identity, court = str(row["id"]), str(row["court"])
    except (KeyError, TypeError) as error:
        raise InputError(
            f"not a headed decision ({error!r}); expected id, court, sections of label, heading, text"
        ) from None
    labels = [label for label, _, _ in parts]
    pieces: list[_Piece] = []
    for number, (label, heading, text) in enumerate(parts):
        section = mapping().section(label, court, heading, labels[number + 1 :])
        start = _heading_end(text, heading)
        end = "\n" if number + 1 < len(parts) else ""
        pieces.append(_Piece(section, text[:start], "heading"))
        pieces += _footed(_lines(text[start:] + end, section, court))
    date = row.get("date") or decision_metadata("\n".join(text for _, _, text in parts)).date
    facts = {"court": court, "chamber": row.get("chamber"), "date": date, "source": row.get("source")}
    kept = _led(pieces) if headings else ((one.section, one.text) for one in pieces if not one.gone)
    removed = Counter[str]()
    for one in pieces:
        if one.gone:
            removed[one.gone] += len(one.text)
    return from_pieces(Segmented(id=identity, text="", metadata=facts), kept), removed


def whole_length(row: Mapping[str, Any]) -> int:
    """Characters of the row's text: of its sections, and the line ends between them."""
    return sum(len(one["text"]) + 1 for one in row["sections"]) - 1


def _heading_end(text: str, heading: str | None) -> int:
    """Where the text behind its heading begins."""
    if not heading:
        return 0
    if text == heading or text.startswith(heading + "\n"):
        return min(len(heading) + 1, len(text))
    if heading.endswith(":") and text.startswith(heading):
        return len(text) - len(text[len(heading) :].lstrip())
    match = _CAPITALS.match(text)  # the file keeps the first 80 characters where the line goes on
    return match.end() if match else 0


def _lines(text: str, section: Section, court: str) -> Iterator[_Piece]:
    """The lines, captions and numbers apart; a caption or running text may change the section from there on."""
    for line in text.splitlines(keepends=True):
        if section == "header":
            if court == "Yargıtay" and (len(line) > _RUNNING_CHARS or _RUNNING.match(fold(line))):
                section = "formal"
            yield _Piece(section, line)
            continue
        if _HEADING_LINE.fullmatch(line):
            yield _Piece(section, line, "heading")
            continue
        numbers = _NUMBERS.match(line)
        start = numbers.end() if numbers else 0
        yield _Piece(section, line[:start], "numbering")
        folded = fold(line[start:])
        length, opened = mapping().caption(folded) if len(folded) == len(line) - start else (0, None)
        yield _Piece(section, line[start : start + length], "caption")
        rest = line[start + length :]
        bare = rest if rest.strip() and not length else rest.lstrip()
        yield _Piece(section, rest[: len(rest) - len(bare)], "blank")
        section = opened or section
        yield _Piece(section, bare)


def _footed(lines: Iterable[_Piece]) -> list[_Piece]:
    """The lines, with the end of a ruling cut off as footer: from the date of its last closing formula on."""
    found = list(lines)
    for at in reversed(range(len(found))):
        one = found[at]
        start = _closing(_DISSENT.split(one.text)[0])  # a dissent may quote the formula
        if one.section == "ruling" and not one.gone and start is not None:
            behind = [replace(one, text=one.text[start:]), *found[at + 1 :]]
            return [*found[:at], replace(one, text=one.text[:start]), *_signed(behind)]
    return found


def _signed(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """The footer, and the dissent whose heading the file passed over in it."""
    section: Section = "footer"
    for one in pieces:
        at = 0
        for heading in _DISSENT.finditer(one.text):
            yield replace(one, section=section, text=one.text[at : heading.start()])
            section, at = "dissent", heading.end()
            yield _Piece(section, heading.group(), "heading")
        yield replace(one, section=section, text=one.text[at:])


def _led(pieces: Iterable[_Piece]) -> Iterator[tuple[str, str]]:
    """(section, text) with what else is taken out, which belongs to the text that it leads to."""
    ahead, section = "", ""
    for one in pieces:
        ahead += one.text
        if one.text.strip() and not one.gone:
            yield one.section, ahead
            ahead, section = "", one.section
    yield section, ahead


def _closing(line: str) -> int | None:
    """Where the last closing formula of a line begins: `03.12.2024 tarihinde oy birliğiyle karar verildi.`"""
    folded = fold(line)
    starts = [match.start() for match in CLOSING.finditer(folded)] if len(folded) == len(line) else []
    return starts[-1] if starts else None
