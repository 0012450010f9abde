"""Which terms of a list become tokens, and why the others do not: no row is lost.

A term of one word that stands in the corpus is given to the vocabulary in lower, title and upper case, since decisions
write it in all three. No token spans a space, and nothing would train the vector of a term that never occurs. A
circumflex is often left out, so `hâkim` brings `hakim`, if the corpus writes it; an initial I is read as İ if only that
occurs.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from mecelle.base.errors import InputError
from mecelle.tokenizer.seeding.terms import Fault, alternatives, fault, forms, spellings, with_dotted_initial

Reason = Fault | Literal["not_in_corpus", "too_rare", "no_room", "duplicate"]
"""Why a row was dropped; "duplicate": an earlier row gives the same terms."""

_FROM_FAR_TO_NEAR: tuple[Reason, ...] = (*get_args(Fault), "not_in_corpus", "too_rare", "no_room", "duplicate")
"""Of a row with several terms, the reason of the one that came nearest to being kept counts."""


class Kept(BaseModel):
    """A term that became tokens."""

    model_config = ConfigDict(frozen=True)

    term: str
    forms: tuple[str, ...]
    occurrences: int
    """In the corpus outside dictionaries, all forms together."""
    rows: tuple[str, ...]
    """Of the lists, as they stand there."""


class Dropped(BaseModel):
    """A row of the lists that gave no token."""

    model_config = ConfigDict(frozen=True)

    row: str
    reason: Reason
    occurrences: int
    """Of its terms in the corpus."""


class Seeds(BaseModel):
    """What became of the rows: `rows == rows_kept + len(dropped)`."""

    rows: int = 0
    rows_kept: int = 0
    kept: tuple[Kept, ...] = ()
    """In alphabetical (code point) order."""
    dropped: tuple[Dropped, ...] = ()
    """In the order of the lists."""

    @property
    def tokens(self) -> list[str]:
        """All forms of all kept terms, each once, sorted."""
        return sorted({form for one in self.kept for form in one.forms})

    @property
    def reasons(self) -> dict[str, int]:
        """How many rows each reason dropped, the most frequent first."""
        return dict(Counter(one.reason for one in self.dropped).most_common())


def choose(
    rows: Iterable[str],
    occurrences: Mapping[str, int],
    *,
    explained: Iterable[str] = (),
    least_occurrences: int = 1,
    room: int,
) -> Seeds:
    """Decide on each row of the lists, and of what the corpus brings along.

    explained: terms of the corpus's own dictionaries, behind `rows`: nobody chose them, so all of them may be unusable.
    occurrences: how often each run of letters stands in the corpus, outside dictionaries; least_occurrences: of all
    forms of a term together; room: how many forms there may be: the most frequent terms get them.
    Raises InputError if rows are given, and no term could be a token in any corpus.
    """
    given = list(rows)
    listed = [*given, *explained]
    candidates = [_candidates(row, occurrences) for row in listed]
    if given and not any(candidates):
        faults = ", ".join(f"{row!r} {_row_fault(row)}" for row in given[:3])
        raise InputError(
            f"none of the {len(given):,} seed terms can be a token ({faults}, ...); "
            "a seed is one word of letters alone; give other terms, or no list of seeds"
        )
    totals = {term: _total(term, occurrences) for found in candidates for term in found}
    verdicts = _verdicts(totals, least_occurrences, room)
    kept: dict[str, list[str]] = {}
    dropped: list[Dropped] = []
    seen: set[str] = set()
    for row, found in zip(listed, candidates, strict=True):
        reason = _reason(row, found, verdicts, seen)
        seen.update(found)
        if reason:
            dropped.append(Dropped(row=row, reason=reason, occurrences=sum(totals[term] for term in found)))
        for term in found:
            if verdicts[term] is None:
                kept.setdefault(term, []).append(row)
    return Seeds(
        rows=len(listed),
        rows_kept=len(listed) - len(dropped),
        kept=tuple(
            Kept(term=term, forms=forms(term), occurrences=totals[term], rows=tuple(kept[term]))
            for term in sorted(kept)
        ),
        dropped=tuple(dropped),
    )


def _candidates(row: str, occurrences: Mapping[str, int]) -> list[str]:
    """The terms of a row that could be tokens, in the spellings that the corpus has; in its own if it has none."""
    found: list[str] = []
    for term in alternatives(row):
        if fault(term):
            continue
        written = _written(term, occurrences)
        dotted = with_dotted_initial(term)
        if not written and dotted:
            written = _written(dotted, occurrences)
        found += written or spellings(term)[:1]
    return list(dict.fromkeys(found))


def _written(term: str, occurrences: Mapping[str, int]) -> list[str]:
    return [spelling for spelling in spellings(term) if _total(spelling, occurrences)]


def _total(term: str, occurrences: Mapping[str, int]) -> int:
    return sum(occurrences.get(form, 0) for form in forms(term))


def _verdicts(totals: Mapping[str, int], least: int, room: int) -> dict[str, Reason | None]:
    verdicts: dict[str, Reason | None] = {}
    for term in sorted(totals, key=lambda term: (-totals[term], term)):
        needed = len(forms(term))
        if not totals[term]:
            verdicts[term] = "not_in_corpus"
        elif totals[term] < least:
            verdicts[term] = "too_rare"
        elif needed > room:
            verdicts[term] = "no_room"
        else:
            verdicts[term] = None
            room -= needed
    return verdicts


def _reason(row: str, found: list[str], verdicts: Mapping[str, Reason | None], seen: set[str]) -> Reason | None:
    """Why the row is dropped, or None."""
    if not found:
        return _row_fault(row)
    if seen.issuperset(found):
        return "duplicate"
    reasons = [verdicts[term] for term in found]
    if None in reasons:
        return None
    return max((one for one in reasons if one), key=_FROM_FAR_TO_NEAR.index)


def _row_fault(row: str) -> Reason:
    faults = [found for term in alternatives(row) if (found := fault(term))]
    return max(faults, key=_FROM_FAR_TO_NEAR.index, default="empty")
