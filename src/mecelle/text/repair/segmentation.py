"""Words of a text whose spaces cannot be trusted."""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from math import log

from akana import SpellChecker

from mecelle.text.casing import fold
from mecelle.text.tables import table

LONGEST_WORD = 24
"""Letters; of 2.36 million words of court decisions, eleven are longer."""
_VOWELS = frozenset("aeıioöuüâîû")
_NO_WORD = re.compile("[aeıioöuüâîû]{4}|[^aeıioöuüâîû]{6}")  # at the beginning of a form that grows to the left
_SHORT_WORDS = frozenset(
    re.findall(
        r"\w+",
        "o ve bu de da ki mi mı mu mü ne en az al el iş il on üç iç öz ön an ad at ay aş ek et ev eş ok ol oy su uç un"
        " us ya şu tc hd cd tl no",
    )
)
# Costs in nats. A frequent form pays by its rank (Zipf's law), a form that only the morphology knows pays a fixed price
# and one by letter, a piece that is no word pays more by letter. Chosen on 1,200 real phrases, drawn apart
# from those that benchmarks/repair.py scores.
_KNOWN, _KNOWN_LETTER = 10.0, 1.0
_UNKNOWN, _UNKNOWN_LETTER = 10.0, 4.0
_RANK = 5.0


@cache
def _speller() -> SpellChecker:
    return SpellChecker()


@cache
def _frequent() -> dict[str, float]:
    """Cost of each frequent form: the logarithm of its rank, the function words before the legal ones."""
    forms = dict.fromkeys(map(fold, (*table("stop_words"), *table("frequent_forms"))))
    return {form: _RANK + log(rank) for rank, form in enumerate(forms, start=10)}


@lru_cache(maxsize=1 << 17)
def _cost(form: str) -> tuple[float, bool]:
    """What `form` costs as a word, and whether it is one."""
    if (frequent := _frequent().get(form)) is not None:
        return frequent, True
    if is_word(form):
        return _KNOWN + _KNOWN_LETTER * len(form), True
    return _UNKNOWN + _UNKNOWN_LETTER * len(form), False


def is_word(form: str) -> bool:
    """Whether `form`, of letters alone and folded, is a form of a Turkish word, by akana's morphology.

    Words of one and two letters come from a closed list, since akana knows every letter as an abbreviation.
    """
    if len(form) <= 2:
        return form in _SHORT_WORDS
    return len(form) <= LONGEST_WORD and not _VOWELS.isdisjoint(form) and bool(_speller().is_correct(form))


def segment(pieces: Sequence[str]) -> tuple[list[str], float]:
    """The likeliest words that `pieces` join to, and the share of letters that stand in known ones, 0..1.

    A word is one or more pieces in a row, none is cut, and no capital follows a small letter in a word. Viterbi search
    over a unigram model of forms; time is linear in the number of pieces.
    """
    folded = [fold(piece) for piece in pieces]
    best: list[tuple[float, int, bool]] = [(0.0, 0, True)]  # cost of the pieces so far, where the last word begins
    for end in range(1, len(pieces) + 1):
        form, found = "", (float("inf"), 0, False)
        for start in range(end - 1, -1, -1):
            form = folded[start] + form
            if start < end - 1 and _is_no_word(form, pieces[start], pieces[start + 1]):
                break
            cost, known = _cost(form)
            if best[start][0] + cost < found[0]:
                found = (best[start][0] + cost, start, known)
        best.append(found)
    words: list[str] = []
    letters = known_letters = 0
    end = len(pieces)
    while end:
        _, start, known = best[end]
        words.append("".join(pieces[start:end]))
        letters += len(words[-1])
        known_letters += known * len(words[-1])
        end = start
    return words[::-1], known_letters / max(1, letters)


def _is_no_word(form: str, first: str, second: str) -> bool:
    """Whether `form`, which begins with two pieces `first` and `second`, is no word, and nothing that ends in it."""
    return len(form) > LONGEST_WORD or bool(_NO_WORD.match(form)) or (first[-1].islower() and second[0].isupper())
