"""Lemma and case of Turkish word forms, read out of context and remembered: one file per analyser.

A form is analysed once in a process, so that running text costs one look-up per distinct word. The price is the
context: "kararı" is always read the same way. benchmarks/morphology.py measures what that costs.
"""

from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple, Protocol

from mecelle.base.registry import Registry

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
    return Readings(analysers.get(analyser)())


def analyse(forms: Iterable[str], *, analyser: str = DEFAULT) -> list[Reading | None]:
    """The readings of folded forms, in order.

    >>> analyse(["mahkemesinin", "verilmesine", "2019/12"])
    [Reading(lemma='mahkeme', case='Gen'), Reading(lemma='ver', case='Dat'), None]
    """
    return list(map(readings(analyser).__getitem__, forms))
