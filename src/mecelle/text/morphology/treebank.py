"""Where the suffixes of a treebank's word begin: gold for splits, made without an analyser.

Universal Dependencies give a lemma and features, not a split. The features say which suffixes must stand behind the
lemma and in which order; the word is gold if the forms of data/suffixes.txt make it up in exactly one way.
"""

from collections.abc import Iterator, Mapping, Sequence

from mecelle.text.casing import fold, without_circumflex
from mecelle.text.morphology.segments import Slot, layouts, stems

_CASES = {"Acc": "Acc", "Dat": "Dat", "Loc": "Loc", "Abl": "Abl", "Gen": "Gen", "Ins": "Ins", "Equ": "Equ"}
_PERSONS = {"1Sing": "A1sg", "2Sing": "A2sg", "3Sing": None, "1Plur": "A1pl", "2Plur": "A2pl", "3Plur": "A3pl"}
_OWNERS = {"1Sing": "P1sg", "2Sing": "P2sg", "3Sing": "P3sg", "1Plur": "P1pl", "2Plur": "P2pl", "3Plur": "P3pl"}
_VOICES: Mapping[str, tuple[Slot, ...]] = {
    "Cau": (("Caus",), ("Caus", None)),
    "Pass": (("Pass",),),
    "CauPass": (("Caus",), ("Caus", None), ("Pass",)),
    "Rcp": (("Recip",),),
    "Rfl": (("Reflex",),),
}
_VERBAL_NOUNS = ("Inf", "ActN", "Manner")
_PARTICIPLES = ("PresPart", "PastPart", "FutPart", "AorPart", "Evid")
_CONVERBS = ("AdvErek", "AdvIp", "AdvInce", "WithoutHavingDoneSo", "SinceDoingSo", "AsLongAs", "ByDoingSo")
_TENSES = ("Prog", "Past", "Evid", "Fut", "Nec", "Opt", "Cond")
_COPULAS = ("CopPast", "CopEvid", "CopCond", None)


def gold_cuts(form: str, lemma: str, word_class: str, features: Mapping[str, str]) -> tuple[int, ...] | None:
    """Where suffixes begin in `form`, () for a bare lemma; None if nothing fits or several cuts do.

    word_class, features: UPOS and FEATS of Universal Dependencies 2, Turkish guidelines.

    >>> gold_cuts("kitabından", "kitap", "NOUN", {"Case": "Abl", "Number[psor]": "Sing", "Person[psor]": "3"})
    (5, 6)
    """
    whole, root = (without_circumflex(fold(word)) for word in (form, lemma.partition("(")[0]))
    if whole == root:
        return ()
    found = {
        cuts
        for slots in _orders(word_class, features)
        for stem in stems(whole, root)
        for cuts in layouts(whole, len(stem), slots)
    }
    return found.pop() if len(found) == 1 else None


def _orders(word_class: str, features: Mapping[str, str]) -> Iterator[tuple[Slot, ...]]:
    if word_class in ("VERB", "AUX"):
        yield from _verb(features)
    else:
        yield _nominal(features, plural_is_written=word_class != "PRON")


def _nominal(features: Mapping[str, str], *, plural_is_written: bool = True) -> tuple[Slot, ...]:
    """Number, possessor, case."""
    plural: Slot = (None,)
    if features.get("Number") == "Plur":
        plural = ("A3pl",) if plural_is_written else ("A3pl", None)  # biz is plural as it stands
    owner = _OWNERS.get(features.get("Person[psor]", "") + features.get("Number[psor]", ""))
    return (plural, (owner,), (_CASES.get(features.get("Case", "")),))


def _verb(features: Mapping[str, str]) -> Iterator[tuple[Slot, ...]]:
    stem = (*_VOICES.get(features.get("Voice", ""), ()), *_negation(features))
    kind = features.get("VerbForm")
    if kind == "Vnoun" or (kind is None and "Case" in features):
        yield (*stem, _VERBAL_NOUNS, *_nominal(features))
    if kind == "Part" or (kind is None and "Case" in features):
        yield (*stem, _PARTICIPLES, *_nominal(features))
    if kind == "Conv":
        yield (*stem, _CONVERBS)
        yield (*stem, ("Prog", "Evid", "Fut", "Aor"), ("While", "AsIf"))
    if kind in ("Fin", None):
        negative = features.get("Polarity") == "Neg"
        imperative = features.get("Mood") == "Imp"
        # The aorist without letters (gelme·m) is met after a negation alone; AorPart has the written forms.
        tenses = ("Imp",) if imperative else (*_TENSES, "Aor" if negative else "AorPart")
        person = _PERSONS.get(features.get("Person", "") + features.get("Number", ""))
        for early, late in {(None, person), (person if person == "A3pl" else None, None)}:
            if early or late == person:
                yield (*stem, tenses, (early,), _COPULAS, _COPULAS, (late,), ("Cop", None))


def _negation(features: Mapping[str, str]) -> Sequence[Slot]:
    able, negative = "Pot" in features.get("Mood", ""), features.get("Polarity") == "Neg"
    if able and negative:
        return (("NegAbil",),)
    return (("Abil",),) if able else (("Neg",),) if negative else ()
