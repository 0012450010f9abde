"""Dictionary entries: written ones, then compounds formed from the fields of the acts."""

import random

from mecelle.sample.bank import load_bank
from mecelle.sample.records import Term
from mecelle.sample.templates import Slots, render


def write_terms(count: int, *, seed: int) -> tuple[Term, ...]:
    """`count` entries (fewer if the banks hold less), shuffled by `seed`. No term stands twice."""
    bank = load_bank("terms.txt")
    rng = random.Random(f"{seed}:terms")
    entries = {term.strip(): definition.strip() for term, _, definition in _written()}
    for rule in bank["compounds"].all("noun"):
        noun, _, meaning = rule.partition(" || ")
        for pattern in bank["compounds"].all("pattern"):
            term, _, definition = pattern.partition(" || ")
            slots = Slots(rng, {}, {}, {"noun": noun, "meaning": meaning})
            entries.setdefault(render(term, slots), render(definition, slots))
    chosen = list(entries.items())[:count]
    rng.shuffle(chosen)
    return tuple(
        Term(id=f"term-{number:04d}", term=term, definition=definition)
        for number, (term, definition) in enumerate(chosen, start=1)
    )


def _written() -> list[tuple[str, str, str]]:
    return [entry.partition(" || ") for entry in load_bank("terms.txt")["written"].all("term")]
