"""The default analyser: akana's readings, of which simplemma's lemma and a few preferences choose one.

akana (Rust, Zemberek's lexicon) gives all readings of a form; its own order takes "eden" for the noun "ede". The vote
of simplemma raises the accuracy of lemmas, the preferences that of cases: benchmarks/morphology.py measures both.
"""

from collections.abc import Sequence
from typing import Any

import akana
import simplemma

from mecelle.text.casing import fold, without_circumflex
from mecelle.text.morphology import CASES, Reading, analysers
from mecelle.text.morphology.segments import cuts
from mecelle.text.morphology.suffixes import forms

_TO_NOUN = frozenset({"Inf", "ActN", "Manner", "DevN", "DevGi", "DevGin", "DevGen", "Ness", "Agt"})
_TO_ADJECTIVE = frozenset({"With", "Without", "Related", "RelClitic"})
_TO_PARTICIPLE = frozenset({"PresPart", "PastPart", "FutPart", "AorPart"})
_TO_VERB = frozenset({"NounToVerb", "BecomeVerb", "CausVerb"})
_TO_ADVERB = frozenset({"Ly", "While", "Dup"})
_CLASS_AFTER = {
    **dict.fromkeys(_TO_NOUN, "Noun"),
    **dict.fromkeys(_TO_ADJECTIVE, "Adj"),
    **dict.fromkeys(_TO_PARTICIPLE, "Part"),
    **dict.fromkeys(_TO_VERB, "Verb"),
    **dict.fromkeys(_TO_ADVERB, "Adv"),
}
_POSSESSIVES = frozenset({"P1sg", "P2sg", "P3sg", "P1pl", "P2pl", "P3pl"})

_ADDRESSING = frozenset({"P1sg", "P2sg", "P2pl", "A2sg", "A2pl", "CopPres2sg", "CopPres2pl"})
_LEAST_SCORE = 0.9  # akana gives 0.95 to its own lexicon, 0.6 to names and abbreviations
_LEAST_ROOT = 2  # letters; one-letter roots are abbreviations ("ve" as the dative of "v"), save the pronoun o

_WORD_MAKERS = frozenset({"Agt", "With", "Without", "Related", "Ness"})  # -ci, -li, -siz, -sel, -lik

# Uninflected readings of open classes, the likeliest first; function words stand before them, inflected words behind.
_BARE = {"Adj": 1, "Noun": 2, "Adv": 3, "Interj": 5}
_FUNCTION_WORD, _INFLECTED = 0, 4


@analysers.register("akana.v1")
class Akana:
    """akana 0.8 and simplemma 2.0."""

    def __init__(self) -> None:
        self._morphology = akana.Morphology()

    def read(self, form: str) -> Reading | None:
        """None for numbers and for what akana does not know, such as foreign words and damaged ones."""
        if not form.replace("'", "").isalpha():
            return None
        found = self._morphology.analyze(form)
        if not found:
            return None
        vote = simplemma.lemmatize(form, lang="tr")
        best = min([one for one in found if _voted_for(one, vote)] or found, key=_oddity)
        return Reading(_lemma(best), case_of(best["primary_pos"], best["morphemes"][1:]))

    def cuts(self, form: str) -> tuple[int, ...]:
        """A suffix alone, as a name's behind its apostrophe, is no word to be cut: "ndan" stays whole."""
        if not form.isalpha() or form in forms():
            return ()
        plain = without_circumflex(form)
        fitting = [
            (found, one)
            for one in self._morphology.analyze(form)
            if _has_root(one) and (found := cuts(plain, *_parts(one))) is not None
        ]
        if len({found for found, _ in fitting}) < 2:
            return fitting[0][0] if fitting else ()
        vote = simplemma.lemmatize(form, lang="tr")
        heard = [(found, one) for found, one in fitting if _voted_for(one, vote)] or fitting
        return min(heard, key=lambda pair: (_rarity(pair[1]), _oddity(pair[1])))[0]

    def knows(self, form: str, *, names: bool) -> bool:
        """Abbreviations are no words, or every second consonant would be one."""
        kinds = {"Abbrv"} if names else {"Abbrv", "Prop"}
        return form.isalpha() and any(
            _has_root(one) and one["secondary_pos"] not in kinds for one in self._morphology.analyze(form)
        )


def case_of(word_class: str, tags: Sequence[str]) -> str | None:
    """The case of a reading: word class of the root, and akana's tags behind it.

    Nouns, verbs made nouns ("verilmesi") and adjectives or participles used as nouns ("davalının", "yapılanlar") have
    one; an unmarked noun is nominative. A bare adjective or participle, and a participle with a possessive alone
    ("olduğu", which stands before a noun three times in four) have none.
    """
    if word_class not in ("Noun", "Adj", "Verb"):
        return None
    case, plural, owned = None, False, False
    for tag in tags:
        if tag in _CLASS_AFTER:
            word_class, case, plural, owned = _CLASS_AFTER[tag], None, False, False
        elif tag in CASES:
            case = tag
        else:
            plural |= tag == "A3pl"
            owned |= tag in _POSSESSIVES
    if word_class in ("Verb", "Adv"):
        return None
    if word_class == "Noun" or plural or (word_class == "Adj" and owned):
        return case or "Nom"
    return case


def _lemma(reading: dict[str, Any]) -> str:
    return _stem(fold(reading["lemma"]), reading)


def _voted_for(reading: dict[str, Any], vote: str) -> bool:
    """A vote for "dava" is not heard for "davacı": such words are lemmas of their own."""
    return _lemma(reading) == _stem(vote, reading) and not _WORD_MAKERS.intersection(reading["morphemes"])


def _stem(lemma: str, reading: dict[str, Any]) -> str:
    """Without the infinitive's ending: akana lists most verbs twice, as stem and as infinitive."""
    infinitive = reading["primary_pos"] == "Verb" and len(lemma) > 4 and lemma.endswith(("mak", "mek"))
    return lemma[:-3] if infinitive else lemma


def _oddity(reading: dict[str, Any]) -> tuple[bool, bool, int]:
    """How far a reading is from what written prose usually means; of equals, akana's first is taken."""
    word_class, tags = reading["primary_pos"], reading["morphemes"][1:]
    predicate = word_class == "Noun" and any(tag.startswith("Cop") for tag in tags)  # "dedi" is no noun
    # "kararı" is "his decision" more often than "the decision" as an object.
    accusative = word_class != "Verb" and "Acc" in tags and not _POSSESSIVES.intersection(tags)
    bare = not tags or tags == ["A3sg", "Nom"]
    return predicate, accusative, _BARE.get(word_class, _FUNCTION_WORD) if bare else _INFLECTED


def _has_root(reading: dict[str, Any]) -> bool:
    return len(reading["root"]) >= _LEAST_ROOT or reading["primary_pos"] == "Pron"


def _parts(reading: dict[str, Any]) -> tuple[str, list[str]]:
    """Root and suffixes. Where akana reads a possessive of the second person for want of a better one, they are mended:
    "kurulunca" is the board's doing, not your board's, and "bunu" has no owner at all.
    """
    root, tags = reading["root"], reading["morphemes"][1:]
    if tags[:1] == ["P2sg"] and reading["primary_pos"] == "Pron":
        return root, tags[1:]
    if tags == ["P2sg", "Equ"]:
        return root.removesuffix("sı").removesuffix("si").removesuffix("su").removesuffix("sü"), ["P3sg", "Equ"]
    return root, tags


def _rarity(reading: dict[str, Any]) -> tuple[bool, int]:
    """Names and abbreviations as roots last, then what is said to a person: "kararın" is rarely "your decision"."""
    return reading["score"] < _LEAST_SCORE, sum(tag in _ADDRESSING for tag in reading["morphemes"])
