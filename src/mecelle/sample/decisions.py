"""Decisions of the courts with gold sections, citations and identifiers."""

import random
from collections.abc import Sequence
from typing import Final

from mecelle.sample.bank import load_bank
from mecelle.sample.clauses import tell
from mecelle.sample.drafts import Draft, start_draft
from mecelle.sample.grammar import inflect, ordinal
from mecelle.sample.plants import plant_sentence, planted
from mecelle.sample.records import SECTION_LABELS, Act, Citation, Decision, Span
from mecelle.sample.templates import render
from mecelle.text.casing import upper

_DISSENT_SHARE: Final = 0.22
_PLANT_SHARE: Final = 0.1  # arguing sections with a planted identifier or look-alike
_NEUTRAL_SHARE: Final = 0.55  # arguing sections that hold a sentence which does not say whose it is
_HEADING_SHARE: Final = 0.6
_SHORT_OUTCOME: Final = "usul"  # the merits were not reached
_OUTCOMES: Final = {  # by style: of the decision that stands, and of the one that falls
    "yargitay_hukuk": ("onama", "bozma"), "yargitay_ceza": ("onama", "bozma"), "danistay": ("onama", "bozma"),
    "aym": ("kabul edilemez", "ihlal"), "bam": ("esastan ret", "kaldırma"),
}  # fmt: skip


def write_decision(identity: str, *, acts: Sequence[Act], rng: random.Random) -> Decision:
    """One decision on a subject drawn at random, citing articles of `acts`."""
    draft = start_draft(acts, rng)
    labels = draft.rng.choice(load_bank("styles.txt")["orders"].all(draft.style.name)).split()
    dissent = rng.random() < _DISSENT_SHARE and not draft.short
    draft.slots.values["vote"] = _neutral("vote_dissent" if dissent else "vote", draft)
    draft.slots.values["vote_upper"] = upper(draft.slots.values["vote"])
    headings = rng.random() < _HEADING_SHARE
    parts = [_section(label, draft, headings=headings) for label in [*labels, *(["dissent"] if dissent else [])]]
    text, marks = draft.marks.settle(rng.choice(("\n", "\n\n")).join(parts))
    values = draft.slots.values
    tell(draft.dispute, draft.slots, favourable=draft.claimant_wins)
    return Decision(
        id=identity,
        text=text,
        sections=tuple(Span(mark.kind, mark.start, mark.end) for mark in marks if mark.kind in SECTION_LABELS),
        court=values["court"],
        chamber=values["chamber"],
        case_number=values["case_number"],
        decision_number=values["decision_number"],
        date="-".join(reversed(values["decision_date"].split("."))),
        subject=draft.subject.one("title"),
        category=draft.subject.one("branch"),
        outcome=_SHORT_OUTCOME if draft.short else _OUTCOMES[draft.style.name][0 if draft.upheld else 1],
        citations=tuple(Citation(mark.value, mark.start, mark.end) for mark in marks if mark.kind == "cite"),
        identifiers=planted(text, marks),
        summary=_neutral("summary_short" if draft.short else "summary", draft),
    )


def _section(label: str, draft: Draft, *, headings: bool) -> str:
    """The text of one section, marked with its label; `prior` (what the lower court held) counts as formal."""
    paragraphs = _paragraphs(label, draft)
    heading_bank = draft.style.one(f"heading_{label}", "")
    if label == "dissent":
        heading_bank, headings = draft.style.one("dissent_open"), True
    if headings and heading_bank:
        choices = heading_bank.split(" | ")
        paragraphs.insert(0, choices[draft.heading_style % len(choices)])
    return draft.marks.wrap("formal" if label == "prior" else label, "", "\n".join(paragraphs))


def _paragraphs(label: str, draft: Draft) -> list[str]:
    rng = draft.rng
    match label:
        case "header" | "footer":
            return [_line(label, draft)]
        case "formal":
            return _distinct(draft.style.all("formal"), rng.randint(1, 2), draft)
        case "ruling":
            if draft.short:
                return [_neutral("short_ruling", draft)]
            ruling = _line("ruling_uphold" if draft.upheld else "ruling_reverse", draft)
            return [ruling, *([_line("ruling_more", draft)] if rng.random() < 0.5 else [])]
        case "prior":
            return [_line("prior", draft, favourable=draft.claimant_wins == draft.upheld)]
        case "reasoning":
            return _reasoning(draft)
        case _:
            return _argued(label, draft)


def _reasoning(draft: Draft) -> list[str]:
    if draft.short:
        return [_neutral("short", draft)]
    rng = draft.rng
    keys = ["law"] if rng.random() < 0.8 else []
    keys += ["reasoning_yes" if draft.claimant_wins else "reasoning_no"]
    if not draft.upheld and draft.style.all("reverse"):
        keys.append("reverse")
    return _with_neutral([_line(key, draft) for key in keys], draft, most=3)


def _argued(label: str, draft: Draft) -> list[str]:
    """Claim, defense or dissent: the parties' and the minority's sections."""
    rng = draft.rng
    count = 1 if draft.short or rng.random() < 0.6 else 2
    # The minority sees the case the other way round.
    favourable = draft.claimant_wins if label != "dissent" else not draft.claimant_wins
    paragraphs = _distinct(draft.style.all(label), count, draft, favourable=favourable)
    if draft.short:
        return paragraphs
    return _with_neutral(paragraphs, draft, most=2, plants=label != "dissent")


def _with_neutral(paragraphs: list[str], draft: Draft, *, most: int, plants: bool = True) -> list[str]:
    rng = draft.rng
    for _ in range(most):
        if rng.random() < _NEUTRAL_SHARE:
            tell(draft.dispute, draft.slots, favourable=rng.random() < 0.5)
            line = _neutral(rng.choice(("facts", "facts", "law", "findings", "result")), draft)
            if line not in paragraphs:
                paragraphs.insert(rng.randint(0, len(paragraphs)), line)
    if plants and rng.random() < _PLANT_SHARE:
        sentence = plant_sentence(valid=rng.random() < 0.6, marks=draft.marks, slots=draft.slots)
        paragraphs.insert(rng.randint(0, len(paragraphs)), sentence)
    return paragraphs


def _distinct(templates: tuple[str, ...], count: int, draft: Draft, *, favourable: bool | None = None) -> list[str]:
    chosen = draft.rng.sample(templates, min(count, len(templates)))
    return [_told(template, draft, favourable=favourable) for template in chosen]


def _line(key: str, draft: Draft, *, favourable: bool | None = None) -> str:
    return _told(draft.rng.choice(draft.style.all(key)), draft, favourable=favourable)


def _neutral(key: str, draft: Draft) -> str:
    return _told(draft.rng.choice(load_bank("styles.txt")["neutral"].all(key)), draft, retell=False)


def _told(template: str, draft: Draft, *, favourable: bool | None = None, retell: bool = True) -> str:
    """Render a line with a fresh telling of the dispute and a fresh citation, each only if it asks for one."""
    values = draft.slots.values
    values["p"], values["d"] = _parties(template, draft)
    if retell or "facts" not in values:
        tell(draft.dispute, draft.slots, favourable=draft.claimant_wins if favourable is None else favourable)
    if "{cite" in template:
        values["cite"] = _citation(draft)
    return render(template, draft.slots)


def _parties(template: str, draft: Draft) -> tuple[str, str]:
    """What the two sides are called: counsel speaks of the client."""
    p, d = draft.style.one("p"), draft.style.one("d")
    if template.startswith("Davacı vekili") and draft.rng.random() < 0.6:
        return "müvekkili", d
    if template.startswith("Davalı vekili") and draft.rng.random() < 0.6:
        return p, "müvekkili"
    return p, d


def _citation(draft: Draft) -> str:
    article = draft.rng.choice(draft.articles)
    law = article.id.partition(":")[0]
    title = draft.titles[law]
    draft.slots.values |= {
        "law_number": law,
        "law_title_gen": inflect(title, "pgen", proper=False),
        "article": article.number,
        "rank": ordinal(int(article.number)),
    }
    phrase = render(draft.rng.choice(load_bank("styles.txt")["neutral"].all("cite")), draft.slots)
    return draft.marks.wrap("cite", article.id, phrase)
