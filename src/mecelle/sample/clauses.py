"""What the sections of a decision talk about: facts, denials, premises and findings of one dispute.

The banks hold clauses that end in the possessive (-dığı, -acağı). Drawn once per decision, they are told again by each
section in its own words for the parties, so that claim, defense, reasoning and dissent share their vocabulary.
"""

import random
from dataclasses import dataclass
from typing import Final

from mecelle.sample.bank import Block, load_bank
from mecelle.sample.grammar import inflect
from mecelle.sample.templates import Slots, decide, render

_JOINED_SHARE: Final = 0.55
"""Decisions on two disputes, of which the first gives the subject. A phrase tells which is which, not the words."""
_JOINED: Final = {
    "hukuk": ("asıl davada", "birleşen davada"),
    "ceza": ("asıl suç yönünden", "diğer suç yönünden"),
    "aym": ("asıl şikâyet yönünden", "diğer şikâyet yönünden"),
}
_NAMED_SHARE: Final = 0.6  # clauses of a joined case that say which of the two they belong to


@dataclass(frozen=True, slots=True)
class Dispute:
    """The clauses (templates) that one decision draws on; `findings` by whether they favour the claimant."""

    facts: tuple[str, ...]
    denials: tuple[str, ...]
    rules: tuple[str, ...]
    findings: dict[bool, tuple[str, ...]]
    requests: tuple[str, ...]
    evidence: tuple[str, ...]


def draw_dispute(subject: Block, rng: random.Random) -> Dispute:
    """Choose what a decision on `subject` is about; some decide a second dispute of the same family along with it."""
    family = load_bank("families.txt")[subject.one("family")]
    neighbours = _neighbours(subject)
    names = _JOINED.get(subject.one("branch"))
    sides = [("", subject)]
    if names and neighbours and rng.random() < _JOINED_SHARE:
        sides = [(names[0], subject), (names[1], rng.choice(neighbours))]

    def own(key: str, least: int, most: int) -> list[str]:
        clauses = [(name, clause) for name, side in sides for clause in _some(side.all(key), least, most, rng)]
        named = [f"{name} {clause}" if name and rng.random() < _NAMED_SHARE else clause for name, clause in clauses]
        return [decide(clause, rng) for clause in named]

    facts = [*own("fact", 1, 3), *(decide(fact, rng) for fact in _some(family.all("fact"), 2, 4, rng))]
    denials = [*own("denial", 1, 2), *(decide(denial, rng) for denial in _some(family.all("denial"), 1, 3, rng))]
    rng.shuffle(facts)
    rng.shuffle(denials)
    requests = [(name, decide(rng.choice(side.all("request")), rng)) for name, side in sides]
    if rng.random() < 0.3:  # the joined case is not always the second one told
        requests.reverse()
    return Dispute(
        facts=tuple(facts),
        denials=tuple(denials),
        rules=tuple(_some(family.all("rule"), 2, 3, rng)),
        findings={True: tuple(own("yes", 1, 2)), False: tuple(own("no", 1, 2))},
        requests=tuple(f"{name} {request}".strip() for name, request in requests),
        evidence=tuple(_some(family.all("evidence"), 1, 2, rng)),
    )


def tell(dispute: Dispute, slots: Slots, *, favourable: bool) -> None:
    """Put a fresh telling of the dispute into `slots`: facts, denials, rules, findings, evidence and the request."""
    rng = slots.rng
    chosen = {
        "facts": _some(dispute.facts, 1, 3, rng),
        "denials": _some(dispute.denials, 1, 2, rng),
        "rules": _some(dispute.rules, 1, 1, rng),
        "findings": _some(dispute.findings[favourable], 1, 2, rng),
    }
    for name, templates in chosen.items():
        clauses = [render(template, slots) for template in templates]
        slots.values[name] = listed(clauses)
        slots.values[f"{name}_acc"] = listed([inflect(clause, "pacc") for clause in clauses])
    slots.values["evidence"] = render(rng.choice(dispute.evidence), slots)
    requests = [render(request, slots) for request in dispute.requests]
    slots.values["request_poss"] = listed(requests)
    slots.values["request_acc"] = listed([inflect(request, "pacc") for request in requests])
    slots.values["request_dat"] = listed([inflect(request, "pdat") for request in requests])


def listed(clauses: list[str]) -> str:
    """'a, b ve c'."""
    if len(clauses) == 1:
        return clauses[0]
    return f"{', '.join(clauses[:-1])} ve {clauses[-1]}"


def _neighbours(subject: Block) -> list[Block]:
    """The other subjects of the family."""
    return [
        other
        for other in load_bank("subjects.txt").values()
        if other.one("family") == subject.one("family") and other.name != subject.name
    ]


def _some(items: tuple[str, ...], least: int, most: int, rng: random.Random) -> list[str]:
    return rng.sample(items, min(len(items), rng.randint(least, most)))
