"""Sentences with planted identifiers, and their truth."""

import random
from collections.abc import Callable, Iterable
from typing import Final

from mecelle.sample.bank import load_bank
from mecelle.sample.identifiers import LOOK_ALIKE, VALID, make_identifier
from mecelle.sample.marks import Mark, Marks
from mecelle.sample.records import PlantedIdentifier
from mecelle.sample.templates import Slots, render
from mecelle.sample.values import docket

_VALID: Final = "identifier"
_LOOK_ALIKE: Final = "look_alike"
_NUMBERS: Final[dict[str, Callable[[random.Random], str]]] = {
    "case_number": docket,
    "law_number": lambda rng: str(rng.randint(9101, 9140)),
}


def plant_value(kind: str, *, valid: bool, marks: Marks, rng: random.Random) -> str:
    """A new identifier (or a look-alike that fails its check), marked so that its place is known later."""
    return marks.wrap(_VALID if valid else _LOOK_ALIKE, kind, make_identifier(kind, valid=valid, rng=rng))


def plant_sentence(*, valid: bool, marks: Marks, slots: Slots, bank: str | None = None) -> str:
    """A sentence that holds an identifier, or a look-alike: a wrong checksum, a case number, a law number.

    bank: the block of `plants.txt` with the sentences; by default those that suit a decision.
    """
    rng = slots.rng
    sentences = load_bank("plants.txt")[bank or ("valid" if valid else "look_alike")]
    kind = rng.choice(list(VALID) if valid else [*LOOK_ALIKE, *_NUMBERS])
    if kind in _NUMBERS:
        slots.values["x"] = marks.wrap(_LOOK_ALIKE, kind, _NUMBERS[kind](rng))
    else:
        slots.values["x"] = plant_value(kind, valid=valid, marks=marks, rng=rng)
    return render(rng.choice(sentences.all(kind)), slots)


def planted(text: str, marks: Iterable[Mark]) -> tuple[PlantedIdentifier, ...]:
    """The planted identifiers and look-alikes among `marks`, in the order of the text."""
    return tuple(
        PlantedIdentifier(mark.value, text[mark.start : mark.end], mark.start, mark.end, mark.kind == _VALID)
        for mark in marks
        if mark.kind in (_VALID, _LOOK_ALIKE)
    )
