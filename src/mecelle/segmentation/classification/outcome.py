"""How a decision ends, as its own ruling says."""

import re
from typing import Final, Literal, get_args

from mecelle.segmentation.record import Segmented
from mecelle.text.citations.mentions import plain

Outcome = Literal["bozma", "onama", "red", "kabul"]
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
"""Reversed; affirmed, also with a correction; refused; granted, also a violation found by the Constitutional Court."""

_ORDER: Final = re.compile(
    r"(?<!\w)(?:(?P<reversed>boz(?:ul)?(?:masına|arak|ma kararı verilmesine)|bozuldu)"
    r"|(?P<affirmed>onan(?:masına|arak|mak|dı))"
    r"|(?P<violated>ihlal edildiğine)"
    r"|(?P<inadmissible>kabul edilemez olduğuna|ihlal edilmediğine)"
    r"|(?P<refused>redd(?:ine|edilmesine|edildi))"
    r"|(?P<granted>kabul(?:üne|ü ile| edilmesine|ü gerek)))"
)
"""The forms in which a ruling orders; "bozma ilamı" and "onanan karar" are told, not ordered."""
_MEANING: Final[dict[str, Outcome]] = {
    "reversed": "bozma", "affirmed": "onama", "violated": "kabul", "inadmissible": "red", "refused": "red",
    "granted": "kabul",
}  # fmt: skip
_DECISIVE: Final = ("reversed", "affirmed", "violated", "inadmissible")
"""In this order; an application for legal aid may be granted before the case is found inadmissible."""
_DISSENT = re.compile(r"(?<![^\W\dx])(?:karşı\s?-?\s?oy|muhalefet|azlık oyu|ayrışık oy)")
_WORD = re.compile(r"[^\W\dx]")
"""A letter that does not number a dissent: "2- (X) KARŞI OY"."""
_ENDING_CHARS = 1_500
"""Where no section is known, the ruling is looked for in so many characters before a dissent or the end."""


def read_outcome(decision: Segmented) -> Outcome | None:
    """The outcome that the ruling states, None where it states none (a transfer to another chamber, a cut text).

    Where parts end differently, reversal counts before affirmation, and both before refusal and grant, of which the
    first counts: "temyiz itirazlarının reddine ve hükmün ONANMASINA" affirms.

    >>> read_outcome(Segmented(text="Diğer itirazların reddine, hükmün BOZULMASINA oybirliğiyle karar verildi."))
    'bozma'
    """
    orders = [str(match.lastgroup) for match in _orders(decision)]
    decisive = [order for order in _DECISIVE if order in orders] or orders
    return _MEANING[decisive[0]] if decisive else None


def ruling_start(decision: Segmented) -> int:
    """Where what tells the outcome begins: the ruling, else the first order near the end, else the end itself."""
    known = [section.start for section in decision.sections if section.label == "ruling"]
    return min([*known, *(match.start() for match in _orders(decision)), len(decision.text)])


def _orders(decision: Segmented) -> list[re.Match[str]]:
    """The orders of the ruling. Courts write them in capitals: where one is, the others only tell of earlier ones."""
    s = plain(decision.text)
    rulings = [(section.start, section.end) for section in decision.sections if section.label == "ruling"]
    for stretches in (rulings, [_ending(s)]):
        found = [match for start, end in stretches for match in _ORDER.finditer(s, start, end)]
        loud = [match for match in found if decision.text[match.start() : match.end()].isupper()]
        if found:
            return loud or found
    return []


def _ending(s: str) -> tuple[int, int]:
    end = _dissent(s, len(s) // 4)
    return max(0, end - _ENDING_CHARS), end


def _dissent(s: str, floor: int) -> int:
    """The first line end from `floor` on that nothing but numbers and marks divides from the heading of a dissent, else
    the end. Walks back from the heading: from every line of a table onward, a search would take quadratic time."""
    for heading in _DISSENT.finditer(s, floor):
        start = heading.start()
        while start > floor and not _WORD.match(s, start - 1):
            start -= 1
        line_end = s.find("\n", start, heading.start())
        if line_end >= 0:
            return line_end
    return len(s)
