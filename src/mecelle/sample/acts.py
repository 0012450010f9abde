"""Invented acts (kanun) with articles, and the citizens' questions that the articles answer."""

import random
from dataclasses import dataclass, replace
from typing import Final

from mecelle.sample.bank import Block, load_bank, load_json
from mecelle.sample.records import Act, Article, Question
from mecelle.sample.templates import Slots, render
from mecelle.sample.values import MAKERS
from mecelle.text.casing import lower, upper

_NOUNS: Final = ("a", "b", "obj", "a_lay", "b_lay", "obj_lay")
_PARTS: Final = ("BİRİNCİ BÖLÜM", "İKİNCİ BÖLÜM", "ÜÇÜNCÜ BÖLÜM")
_PART_TITLES: Final = (
    ("Amaç, Kapsam ve Tanımlar", "Genel Hükümler"),
    ("Haklar ve Yükümlülükler", "Esaslar", "Tarafların Hak ve Borçları"),
    ("Çeşitli ve Son Hükümler", "Son Hükümler"),
)
_CORE_TOPIC: Final = "general"
_SPECIFIC_SHARE: Final = 0.75  # questions about rules that only one act has
_NUM_FRAMED: Final = 4  # per article, beside two in everyday words
_CONTEXT_SHARE: Final = 0.4  # everyday questions that name the matter first


@dataclass(frozen=True, slots=True)
class _Planned:
    """An article before it has a number: heading, text, topic and the questions that it answers."""

    part: int
    heading: str
    text: str
    topic: str
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Legislation:
    """Acts, and for every article the questions that can be asked about it."""

    acts: tuple[Act, ...]
    questions: tuple[tuple[str, str], ...]


def write_legislation(num_acts: int, *, seed: int) -> Legislation:
    """The first `num_acts` of the invented acts (at most 40); the wording of their articles depends on `seed`."""
    acts: list[Act] = []
    questions: list[tuple[str, str]] = []
    for block in list(load_bank("acts.txt").values())[:num_acts]:
        act, asked = _write_act(block, random.Random(f"{seed}:act:{block.name}"))
        acts.append(act)
        questions += asked
    return Legislation(tuple(acts), tuple(questions))


def ask_questions(legislation: Legislation, count: int, *, seed: int) -> tuple[Question, ...]:
    """`count` questions (fewer if the acts do not hold as many) with the article that answers each."""
    rng = random.Random(f"{seed}:questions")
    general = {article.id for act in legislation.acts for article in act.articles if article.topic == _CORE_TOPIC}
    by_query: dict[str, set[str]] = {}
    for query, article in legislation.questions:
        by_query.setdefault(query, set()).add(article)
    # Articles that every act has are alike from act to act: few of the questions are about them.
    specific = [query for query in sorted(by_query) if not by_query[query] & general]
    common = [query for query in sorted(by_query) if by_query[query] & general]
    chosen = rng.sample(specific, min(len(specific), round(count * _SPECIFIC_SHARE)))
    chosen += rng.sample(common, min(len(common), count - len(chosen)))
    rng.shuffle(chosen)
    return tuple(
        Question(id=f"question-{number:04d}", query=query, gold=tuple(sorted(by_query[query])))
        for number, query in enumerate(chosen, start=1)
    )


def _write_act(block: Block, rng: random.Random) -> tuple[Act, list[tuple[str, str]]]:
    title = block.one("title")
    words = {key: tuple(items) for key, items in load_json("words.json").items()}
    planned = _plan(block, words, rng)
    date = f"{rng.randint(1, 28)}/{rng.randint(1, 12)}/{rng.randint(1990, 2021)}"
    lines = [upper(title), "", f"Kanun Numarası : {block.name}", f"Kabul Tarihi : {date}"]
    part_titles = [rng.choice(titles) for titles in _PART_TITLES]
    articles: list[Article] = []
    questions: list[tuple[str, str]] = []
    open_part = -1
    number = 0
    for item in planned:
        transitional = item.part < 0
        if not transitional and item.part != open_part:
            open_part = item.part
            lines += ["", _PARTS[open_part], part_titles[open_part]]
        number += not transitional
        printed = "Geçici 1" if transitional else str(number)
        identity = f"{block.name}:{'mGeçici_1' if transitional else f'm{number}'}"
        label = "Geçici Madde 1" if transitional else f"MADDE {number}"
        lines += ["", item.heading, f"{label} – {item.text}"]
        articles.append(
            Article(
                id=identity,
                number=printed,
                heading=item.heading,
                text=item.text,
                path=(_PARTS[open_part], part_titles[open_part]),
                topic=item.topic,
            )
        )
        questions += [(question, identity) for question in item.questions]
    day, month, year = (int(piece) for piece in date.split("/"))
    act = Act(
        id=f"act-{block.name}",
        law_number=block.name,
        title=title,
        date=f"{year}-{month:02d}-{day:02d}",
        text="\n".join(lines),
        articles=tuple(articles),
    )
    return act, questions


def _plan(block: Block, words: dict[str, tuple[str, ...]], rng: random.Random) -> list[_Planned]:
    """The articles in their order: opening, the field's own rules among the common ones, closing, transitional."""
    nouns = {noun: block.one(noun) for noun in _NOUNS}
    by_part: dict[str, list[_Planned]] = {"opening": [], "middle": [], "closing": [], "transitional": []}
    for common in load_bank("articles.txt").values():
        part = common.one("part")
        if part == "transitional" and rng.random() < 0.4:
            continue
        slots = Slots(rng, MAKERS, words, dict(nouns))
        by_part[part].append(
            _Planned(
                part={"opening": 0, "middle": 1, "closing": 2, "transitional": -1}[part],
                heading=rng.choice(common.one("heading").split(" | ")),
                text=render(rng.choice(common.all("text")), slots),
                topic=_CORE_TOPIC,
                questions=tuple(render(question, slots) for question in common.all("question")),
            )
        )
        if common.all("question"):
            by_part[part][-1] = _with_registers(by_part[part][-1], slots)
    for rule in block.all("rule"):
        heading, text, asked = rule.split(" || ")
        slots = Slots(rng, MAKERS, words, dict(nouns))
        rule_article = _Planned(1, heading, render(text, slots), heading, tuple(asked.split(" ;; ")))
        by_part["middle"].append(_with_registers(rule_article, slots))
    rng.shuffle(by_part["middle"])
    closing = by_part["closing"]
    return [*by_part["opening"], *by_part["middle"], *closing[:-2], *by_part["transitional"], *closing[-2:]]


def _with_registers(planned: _Planned, slots: Slots) -> _Planned:
    """The same article asked about in more ways: by its heading, and with a word on what the matter is."""
    bank = load_bank("questions.txt")["register"]
    rng = slots.rng
    slots.values["topic"] = lower(planned.heading)
    framed = [render(template, slots) for template in rng.sample(bank.all("framed"), _NUM_FRAMED)]
    everyday = [
        f"{render(rng.choice(bank.all('context')), slots)} {question}" if rng.random() < _CONTEXT_SHARE else question
        for question in planned.questions
    ]
    return replace(planned, questions=(*everyday, *framed))
