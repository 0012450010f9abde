"""What can be read off prompt and answer without a model: whether their citations agree, and how much is said.

Ours: a head that sees a backbone's state alone cannot tell one number from another (docs/results/decoders.md).
"""

from collections.abc import Iterable, Sequence
from itertools import takewhile
from math import log1p

import numpy as np
from numpy.typing import NDArray

from mecelle.reward.conversation import Conversation
from mecelle.text.casing import fold
from mecelle.text.citations import article_of, find_citations
from mecelle.text.citations.laws import UNKNOWN
from mecelle.text.words import words

EVIDENCE = (
    "articles_shared",
    "articles_other",
    "acts_shared",
    "decisions_shared",
    "decisions_other",
    "words_shared",
    "begins_alike",
    "length",
    "length_squared",
    "repeated",
)
"""Columns. *_shared: share of what the answer cites, or says, that stands in the prompt, too; *_other: of its articles,
those of an act of which the prompt cites other articles alone, and of its decisions, all others where the prompt cites
some; begins_alike: share of the reference with which the answer begins, in words; repeated: share of the answer's runs
of three words that stood in it before. 0 where there is nothing to share."""

_USUAL_LOG_WORDS = 3.5
"""About 30 words: near it, the square says something of its own."""


def evidence(conversations: Sequence[Conversation]) -> NDArray[np.float64]:
    """(len(conversations), len(EVIDENCE)); shares in 0..1."""
    return np.array([_row(one) for one in conversations]).reshape(-1, len(EVIDENCE))


def _row(one: Conversation) -> list[float]:
    asked, said = _Cited(one.user_turn), _Cited(one.answer)
    prompt, answer = set(words(fold(one.user_turn))), words(fold(one.answer))
    acts_with_articles = {key.partition(":")[0] for key in asked.articles}
    length = log1p(len(answer))
    return [
        _share(said.articles, asked.articles),
        _share((key.partition(":")[0] for key in said.articles - asked.articles), acts_with_articles),
        _share(said.acts, asked.acts),
        _share(said.decisions, asked.decisions),
        1.0 - _share(said.decisions, asked.decisions) if said.decisions and asked.decisions else 0.0,
        _share(answer, prompt),
        _begins(answer, words(fold(one.reference))),
        length,
        (length - _USUAL_LOG_WORDS) ** 2,
        _repeated(answer),
    ]


class _Cited:
    """Keys of what a text cites; acts that are not known are left out."""

    def __init__(self, text: str) -> None:
        found = [(one.kind, key) for one in find_citations(text) for key in one.normalised]
        known = [(kind, key) for kind, key in found if key.partition(":")[0] != UNKNOWN]
        self.articles = {article_of(key) for kind, key in known if kind == "article"}
        self.acts = {key.partition(":")[0] for kind, key in known if kind in ("article", "law")}
        self.decisions = {key for kind, key in found if kind == "decision"}


def _begins(answer: Sequence[str], reference: Sequence[str]) -> float:
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(answer, reference, strict=False))
    return len(list(alike)) / max(1, len(reference))


def _repeated(answer: Sequence[str]) -> float:
    runs = list(zip(answer, answer[1:], answer[2:], strict=False))
    return 1.0 - len(set(runs)) / len(runs) if runs else 0.0


def _share(mine: Iterable[str], theirs: set[str]) -> float:
    found = [one in theirs for one in mine]
    return sum(found) / len(found) if found else 0.0
