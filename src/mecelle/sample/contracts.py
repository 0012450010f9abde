"""Contracts (sözleşme) whose parties carry planted identifiers."""

import random

from mecelle.sample.bank import Block, load_bank, load_json
from mecelle.sample.marks import Marks
from mecelle.sample.plants import plant_sentence, plant_value, planted
from mecelle.sample.records import Contract
from mecelle.sample.templates import Slots, render
from mecelle.sample.values import MAKERS
from mecelle.text.casing import upper


def write_contract(identity: str, *, rng: random.Random) -> Contract:
    """One contract of a kind drawn at random: parties, its own clauses, common clauses, signatures."""
    bank = load_bank("contracts.txt")
    kind = rng.choice([block for name, block in bank.items() if name != "common"])
    common = bank["common"]
    marks = Marks()
    words = {key: tuple(items) for key, items in load_json("words.json").items()}
    nouns = {"a": kind.one("a"), "b": kind.one("b"), "obj": kind.one("obj")}
    slots = Slots(rng, MAKERS, words, nouns)
    own = rng.sample(kind.all("clause"), rng.randint(4, len(kind.all("clause"))))
    shared = rng.sample(common.all("clause"), rng.randint(4, 7))
    clauses = [*own, *shared]
    lines = [upper(kind.one("title")), "", *_parties(kind, common, marks, slots), ""]
    style = rng.choice(("MADDE {} – ", "{}. ", "Madde {}- "))
    for number, clause in enumerate(clauses, start=1):
        heading, text = clause.split(" || ")
        lines += [f"{style.format(number)}{heading}", render(text, slots)]
    if rng.random() < 0.5:
        lines.append(plant_sentence(valid=False, marks=marks, slots=slots, bank="contract"))
    lines += ["", render(rng.choice(common.all("closing")), slots)]
    text, found = marks.settle("\n".join(lines))
    return Contract(
        id=identity, text=text, title=kind.one("title"), category=kind.name, identifiers=planted(text, found)
    )


def _parties(kind: Block, common: Block, marks: Marks, slots: Slots) -> list[str]:
    """The opening of the contract: who the parties are, with their numbers, accounts and addresses."""
    rng = slots.rng
    lines = [rng.choice(common.all("opening"))]
    for side in ("a", "b"):
        for key in ("tckn", "vkn", "iban", "phone", "email", "plate"):
            slots.values[f"{key}_x"] = ""
        company = rng.random() < 0.4
        template = rng.choice(common.all("company" if company else "person"))
        for key in ("tckn", "vkn", "iban", "phone", "email"):
            if f"{{{key}_x}}" in template:
                slots.values[f"{key}_x"] = plant_value(key, valid=True, marks=marks, rng=rng)
        slots.values["side"] = slots.get(side)
        slots.values["name"] = slots.get("company", "7" if side == "a" else "8") if company else MAKERS["person"](rng)
        slots.values["street_no"] = str(rng.randint(1, 180))
        if "{address_x}" in template:
            address = render("{district} Mah. No: {street_no} {city}", slots)
            slots.values["address_x"] = marks.wrap("identifier", "address", address)
        lines.append(render(template, slots))
    extra = kind.all("plant")
    if extra:
        template = rng.choice(extra)
        key = next(key for key in ("plate", "card", "iban", "email") if f"{{{key}_x}}" in template)
        slots.values[f"{key}_x"] = plant_value(key, valid=True, marks=marks, rng=rng)
        lines.append(render(template, slots))
    return lines
