"""A decision whose sections are known: what sectioners learn from and are scored by."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from mecelle.base.collection import JsonlWriter, read_jsonl
from mecelle.base.errors import InputError
from mecelle.segmentation.record import SectionSpan, Segmented


def check(decision: Segmented, *, where: str) -> Segmented:
    """The decision itself. Raises InputError unless its sections are sorted, disjoint, not empty and in the text."""
    end = 0
    for section in decision.sections:
        if not end <= section.start < section.end <= len(decision.text):
            raise InputError(
                f"{where}: section {section.label} at {section.start}-{section.end} overlaps another one, is empty or "
                f"leaves the text of {len(decision.text)} characters; sections are sorted and half-open"
            )
        end = section.end
    return decision


def read_decisions(path: Path) -> list[Segmented]:
    """Decisions of a JSONL file (`.zst` and `.gz` too), one a line. Raises InputError that names file and line."""
    found = []
    for number, row in enumerate(read_jsonl(path), start=1):
        try:
            decision = Segmented.model_validate(row)
        except ValidationError as error:
            fault = error.errors()[0]
            raise InputError(
                f"{path}:{number}: no labelled decision: {'.'.join(map(str, fault['loc']))}: {fault['msg']}; expected "
                "id, text and sections of label, start, end"
            ) from None
        found.append(check(decision, where=f"{path}:{number}"))
    return found


def write_decisions(decisions: Iterable[Segmented], path: Path) -> None:
    """Write them as JSON Lines; same decisions, same bytes."""
    with JsonlWriter(path) as file:
        for decision in decisions:
            file.write(decision.model_dump(mode="json"))


def pieces(decision: Segmented) -> Iterator[tuple[str, str]]:
    """The text from the start to the end, cut at the sections: (label, text); the label is empty between sections."""
    at = 0
    for section in decision.sections:
        if at < section.start:
            yield "", decision.text[at : section.start]
        yield section.label, decision.text[section.start : section.end]
        at = section.end
    if at < len(decision.text):
        yield "", decision.text[at:]


def from_pieces(decision: Segmented, parts: Iterable[tuple[str, str]]) -> Segmented:
    """The decision with another text: neighbours of one label become one section, white space joins the one before."""
    texts, sections, end = list[str](), list[SectionSpan](), 0
    for label, piece in parts:
        start, end = end, end + len(piece)
        texts.append(piece)
        if not label:
            continue
        blank = not piece.strip()
        if sections and sections[-1].end == start and (blank or sections[-1].label == label):
            sections[-1] = sections[-1].model_copy(update={"end": end})
        elif not blank:
            sections.append(SectionSpan.model_validate({"label": label, "start": start, "end": end}))
    return decision.model_copy(update={"text": "".join(texts), "sections": tuple(sections)})


def rewritten(decision: Segmented, change: Callable[[str], str]) -> Segmented:
    """The decision with each section's text changed by itself, so that the sections stay known."""
    return from_pieces(decision, ((label, change(text)) for label, text in pieces(decision)))
