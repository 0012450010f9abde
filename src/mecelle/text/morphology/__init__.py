"""Lemma, case and suffixes of Turkish word forms, read out of context and remembered: one file per analyser.

A form is analysed once in a process, so that running text costs one look-up per distinct word. The price is the
context: "kararı" is always read the same way. benchmarks/morphology.py measures what that costs.
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import pairwise
from typing import Final, NamedTuple, Protocol

from mecelle.base.registry import Registry
from mecelle.text.casing import fold

CASES: Final = ("Nom", "Acc", "Dat", "Loc", "Abl", "Gen", "Ins", "Equ")
"""Cases of Universal Dependencies in Turkish: yalın, belirtme, yönelme, bulunma, ayrılma, tamlayan, vasıta, eşitlik."""

DEFAULT: Final = "akana.v1"

MOST_FORMS: Final = 300_000
"""Forms that are remembered, about 120 MB; then the memory starts anew."""


class Reading(NamedTuple):
    """What a word form is."""

    lemma: str
    """Dictionary form in small letters; of a verb its stem, as in Universal Dependencies."""
    case: str | None
    """One of CASES for nouns and for verbs used as nouns; None for everything else."""


class Analyser(Protocol):
    """Reads word forms. A reading depends on the form alone: no state, no context."""

    def read(self, form: str) -> Reading | None:
        """The likeliest reading of a folded form (`mecelle.text.casing.fold`), or None if there is no analysis."""

    def cuts(self, form: str) -> tuple[int, ...]:
        """Where the suffixes of a folded form begin, by the convention of `segments`; () for what is not known."""

    def knows(self, form: str, *, names: bool) -> bool:
        """Whether a folded form is a word of Turkish, bare or inflected; names: whether names are words."""


analysers: Registry[type[Analyser]] = Registry("mecelle.text.morphology", kind="analyser")


class Readings(dict[str, Reading | None]):
    """Readings by form, made when first asked for. What is remembered never changes what is answered."""

    def __init__(self, analyser: Analyser, *, most: int = MOST_FORMS) -> None:
        super().__init__()
        self._analyser, self._most = analyser, most

    def __missing__(self, form: str) -> Reading | None:
        if len(self) >= self._most:
            self.clear()
        found = self[form] = self._analyser.read(form)
        return found


@cache
def readings(analyser: str = DEFAULT) -> Readings:
    """The readings of this process by the analyser of that name. Raises ConfigError for an unknown name."""
    return Readings(_analyser(analyser))


def analyse(forms: Iterable[str], *, analyser: str = DEFAULT) -> list[Reading | None]:
    """The readings of folded forms, in order.

    >>> analyse(["mahkemesinin", "verilmesine", "2019/12"])
    [Reading(lemma='mahkeme', case='Gen'), Reading(lemma='ver', case='Dat'), None]
    """
    return list(map(readings(analyser).__getitem__, forms))


@lru_cache(maxsize=MOST_FORMS)
def split(form: str, *, analyser: str = DEFAULT) -> tuple[str, ...]:
    """The stem of a word and its suffixes as they are written; they join to `form`, whose case is kept.

    form: one word in any case, NFC. What is not known, and numbers, come back whole. Convention: `segments`.

    >>> split("kararlarından"), split("İÇTİHADI"), split("TBK'nın")
    (('karar', 'lar', 'ı', 'ndan'), ('İÇTİHAD', 'I'), ('TBK', "'nın"))
    """
    folded = fold(form)
    head, apostrophe, _ = folded.partition("'")
    if len(folded) != len(form):  # folding that changes lengths: no Turkish word
        return (form,)
    starts = (0, *_analyser(analyser).cuts(head), *([len(head)] if apostrophe and head else []))
    return tuple(form[start:end] for start, end in pairwise((*starts, len(form))))


def is_word(form: str, *, analyser: str = DEFAULT) -> bool:
    """Whether `form`, in any case, is a Turkish word, bare or inflected. Names are if they have a capital letter."""
    return _analyser(analyser).knows(fold(form), names=form[:1].isupper())


@cache
def _analyser(name: str) -> Analyser:
    return analysers.get(name)()
