"""Texts full of profanity."""

import re
from functools import cache
from typing import Literal

from pydantic import Field

from mecelle.corpus.filters import TextFilter, filters
from mecelle.corpus.filters.word_lists import own_list
from mecelle.corpus.verdict import Verdict, drop, keep
from mecelle.corpus.view import view

_I, _A = "[ıiuü]", "[ae]"
_ENDINGS = (
    f"'?(?:l{_A}r)?(?:{_I}m{_I}z|{_I}n{_I}z|{_I}m|{_I}n|s{_I}|{_I})?"  # plural, possessive
    f"(?:n?{_I}n|[yn]?{_A}|[yn]?{_I}|n?[dt]{_A}n?|y?l{_A}|[cç]{_A})?"  # case
    f"(?:l{_I}[kğ]{_I}?|s{_I}z|l{_I})?"  # -lik, -siz, -li
    f"(?:y?{_I}m|s{_I}n(?:{_I}z|l{_A}r)?|y?{_I}z|[dt]{_I}r(?:l{_A}r)?|y?[dt]{_I}[mnk]?|y?m{_I}ş|y?s{_A})?"  # copula
)


@filters.register("profanity.v1")
class Profanity(TextFilter):
    """Drop text with much Turkish profanity. Source: Mecellem App. E, "removes profanity", without a list or measure.

    Words are matched by form: a listed stem with any endings (data/profanity.txt). Decisions on insult quote what was
    said, so decisions are spared; elsewhere one quoted word in a long text does no harm, so a share decides.
    """

    filter: Literal["profanity.v1"] = "profanity.v1"
    spared_kinds: tuple[str, ...] = ("decision",)
    """Kinds (mecelle.base.document.KINDS) that are not judged."""
    most_share: float = Field(default=0.005, ge=0.0, le=1.0)
    """Profane words among all words, 0..1."""

    def measure(self, text: str) -> Verdict:
        """Measures the share."""
        parts = view(text)
        found = sum(count for form, count in parts.forms.items() if is_profane(form))
        share = round(found / (len(parts.folded) or 1), 5)
        return keep(share=share) if share <= self.most_share else drop("profanity", share=share, words=found)


def is_profane(form: str) -> bool:
    """Whether a word in one case (`View.folded`) is a listed one with its endings."""
    heads, pattern = _profane()
    return form[:2] in heads and pattern.fullmatch(form) is not None


@cache
def _profane() -> tuple[frozenset[str], re.Pattern[str]]:
    """First two letters of all entries, which settle nearly every word, and what a whole word must match."""
    entries = own_list("profanity")
    exact = [entry[:-1] for entry in entries if entry.endswith("=")]
    starts = [entry[:-1] for entry in entries if entry.endswith("*")]
    stems = [entry for entry in entries if not entry.endswith(("=", "*"))]
    pattern = f"(?:{'|'.join(exact)})|(?:{'|'.join(starts)}).*|(?:{'|'.join(stems)}){_ENDINGS}"
    return frozenset(entry[:2] for entry in entries), re.compile(pattern)
