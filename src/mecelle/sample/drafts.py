"""A decision before it is written: its subject, court, numbers, parties and result."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mecelle.sample.bank import Block, load_bank, load_json
from mecelle.sample.clauses import Dispute, draw_dispute
from mecelle.sample.marks import Marks
from mecelle.sample.records import Act, Article
from mecelle.sample.templates import Slots, render
from mecelle.sample.values import MAKERS, date, docket, person
from mecelle.text.casing import upper

_REGIONAL_SHARE: Final = 0.2  # civil disputes that end at a regional court (BAM)
_SHORT_SHARE: Final = 0.08  # decisions on procedure alone
_REORGANISED: Final = 2016  # chambers exchanged work: earlier decisions come from the first chamber of a subject
_STYLES: Final = {"hukuk": "yargitay_hukuk", "ceza": "yargitay_ceza", "idare": "danistay", "aym": "aym"}


@dataclass(slots=True)
class Draft:
    """A decision while it is being written."""

    subject: Block
    style: Block
    dispute: Dispute
    slots: Slots
    marks: Marks
    articles: Sequence[Article]
    titles: dict[str, str]
    claimant_wins: bool
    upheld: bool
    short: bool
    heading_style: int  # the same numbering of headings throughout

    @property
    def rng(self) -> random.Random:
        return self.slots.rng


def start_draft(acts: Sequence[Act], rng: random.Random) -> Draft:
    """Draw subject, court, result and names of a decision; nothing is written yet."""
    subject = rng.choice(list(load_bank("subjects.txt").values()))
    branch = subject.one("branch")
    regional = branch == "hukuk" and rng.random() < _REGIONAL_SHARE
    style = load_bank("styles.txt")["bam" if regional else _STYLES[branch]]
    year = rng.randint(2012, 2024)
    words = {key: tuple(items) for key, items in load_json("words.json").items()}
    # What is told happened before the decision, and after the memory of courts begins.
    makers = MAKERS | {
        "date": lambda rng: date(rng, year - 8, year - 2),
        "docket": lambda rng: docket(rng, year - 8, year - 2),
        "year": lambda rng: str(rng.randint(year - 8, year - 2)),
    }
    slots = Slots(rng, makers, words, {"title": subject.one("title"), "law_number": "9101"})
    upheld = rng.random() < 0.5
    # The Constitutional Court rules on the claim itself: rejecting it lets the challenged act stand.
    claimant_wins = not upheld if style.name == "aym" else rng.random() < 0.55
    law = {act.law_number: act for act in acts}.get(subject.one("law"), acts[0])
    draft = Draft(
        subject=subject,
        style=style,
        dispute=draw_dispute(subject, rng),
        slots=slots,
        marks=Marks(),
        articles=[article for article in law.articles if article.topic != "general"] or law.articles,
        titles={law.law_number: law.title},
        claimant_wins=claimant_wins,
        upheld=upheld,
        short=rng.random() < _SHORT_SHARE,
        heading_style=rng.randrange(6),
    )
    _fill_names(draft, year)
    return draft


def _fill_names(draft: Draft, year: int) -> None:
    """Court, chamber, numbers, parties and results of the decision, as slots."""
    rng, values, style = draft.rng, draft.slots.values, draft.style.name
    chambers = [chamber.strip() for chamber in draft.subject.one("chambers").split("|")]
    if style == "bam":
        regional = f"{_city(rng)} Bölge Adliye Mahkemesi"
        values |= {"court": regional, "bam_upper": upper(regional), "chamber": f"{rng.randint(1, 40)}. Hukuk Dairesi"}
    else:
        old, *new = chambers
        values |= {
            "court": draft.style.one("court"),
            "chamber": old if year < _REORGANISED or not new else rng.choice(new),
        }
    values |= {
        "chamber_upper": upper(values["chamber"]),
        "case_number": f"{year - rng.randint(0, 2)}/{rng.randint(100, 29000)}",
        "decision_number": f"{year}/{rng.randint(100, 19000)}",
        "decision_date": date(rng, year, year),
        "trial_full": f"{_city(rng)} {rng.randint(1, 12)}. {draft.subject.one('trial')}",
        "bam": f"{_city(rng)} Bölge Adliye Mahkemesi {rng.randint(1, 40)}. Hukuk Dairesi",
        "party_p": _party(draft),
        "party_d": _party(draft),
        "authority": render(rng.choice(load_bank("styles.txt")["neutral"].all("authority")), draft.slots),
        "date8": date(rng, year - 3, year - 1),
        "docket8": docket(rng, year - 5, year - 3),
        "docket9": f"{year - 1}/{rng.randint(100, 3900)}",
        "docket10": f"{year - 1}/{rng.randint(100, 3900)}",
    }
    first_for_claimant = draft.claimant_wins == draft.upheld
    if draft.subject.one("branch") == "ceza":
        values["first_result"] = "mahkûmiyet" if first_for_claimant else "beraat"
    else:
        values["first_result"] = rng.choice(("kabulü", "kısmen kabulü")) if first_for_claimant else "reddi"
    values["contrary"], values["contrary_request"] = ("bozulması", "kabulü") if draft.upheld else ("onanması", "reddi")
    values["second_result"] = "KABULÜ" if draft.claimant_wins else "REDDİ"
    loser = "davalı" if first_for_claimant else "davacı"
    values["appellant"] = loser


def _party(draft: Draft) -> str:
    rng = draft.rng
    if draft.style.name in ("yargitay_hukuk", "bam", "danistay") and rng.random() < 0.35:
        return str(rng.choice(load_json("words.json")["company"]))
    return person(rng)


def _city(rng: random.Random) -> str:
    return str(rng.choice(load_json("words.json")["city"]))
