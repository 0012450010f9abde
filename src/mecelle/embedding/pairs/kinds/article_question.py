"""A question made from the heading of an article -> its text: synthetic pairs, by rule."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from pydantic import Field

from mecelle.base.config import Config, parse, read_plain
from mecelle.base.document import Document
from mecelle.base.seeds import generator
from mecelle.documents.passages import Passage
from mecelle.embedding.pairs.articles import first_pieces
from mecelle.embedding.pairs.kinds import KINDS
from mecelle.embedding.pairs.record import Draft
from mecelle.text.casing import fold, lower

MOST_HEADING_WORDS = 8
"""Longer headings are sentences, or several headings that were run together."""


class Form(Config):
    """Questions that fit headings of one form."""

    ends: tuple[str, ...] = ()
    """Last words of the headings, folded; none: all headings that no other form fits."""
    questions: tuple[str, ...] = Field(min_length=1)
    """Questions with `{heading}` in them."""


class Forms(Config):
    """data/question_forms.yaml."""

    forms: tuple[Form, ...]


@KINDS.register("article_question.v1")
def article_question(document: Document, passages: list[Passage], *, seed: int) -> Iterator[Draft]:
    """ "Zamanaşımı süresi" -> "zamanaşımı süresi ne kadardır?" -> the article. Which question, the seed decides."""
    rng = generator(seed, "article_question", document.id)
    for piece in first_pieces(document, passages):
        heading = piece.heading
        if heading and len(heading.split()) <= MOST_HEADING_WORDS and not any(c.isdigit() for c in heading):
            questions = _questions(heading)
            question = questions[int(rng.integers(len(questions)))].format(heading=lower(heading))
            yield Draft(question, piece.text, document.id, document.id)


def _questions(heading: str) -> tuple[str, ...]:
    folded = fold(heading)
    fitting = [form for form in forms() if form.ends and folded.endswith(form.ends)]
    return (fitting or [form for form in forms() if not form.ends])[0].questions


@cache
def forms() -> tuple[Form, ...]:
    """The stated rules, in the order in which they are tried."""
    file = files("mecelle.embedding.pairs").joinpath("data", "question_forms.yaml")
    return parse(Forms, read_plain(file.read_text(encoding="utf-8")), where=str(file)).forms
