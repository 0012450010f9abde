"""Which words a written form may be an inflection of: for finding a list's words in running text.

Inflection only: "alacaklının" is one of "alacaklı", not of "alacak", which derivation parts from it.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from mecelle.text.casing import fold, without_circumflex
from mecelle.text.morphology import analyse, split
from mecelle.text.morphology.segments import layouts, stems
from mecelle.text.morphology.suffixes import VOWELS, written
from mecelle.text.words import split_suffix

_WORD_MAKERS: Final = ("Agt", "With", "Without", "Related", "Ness", "BecomeVerb", "NounToVerb")
_NOUN_SLOTS: Final = (
    ("A3pl", None),
    ("P3sg", "P3pl", None),
    ("Acc", "Dat", "Loc", "Abl", "Gen", "Ins", "Equ", None),
)
_LEAST_STEM: Final = 3
"""Letters that are left of a word that no analyser knows: shorter stems fit by chance."""
_HARDENED: Final = {"b": "p", "c": "ç", "d": "t", "ğ": "k", "g": "k"}


def key(word: str) -> str:
    """A word in small letters without circumflex, as `bases` gives them: "Hâkim" and "hakim" are one."""
    return without_circumflex(fold(word))


def bases(word: str) -> tuple[str, ...]:
    """The words that `word`, in any case, may be an inflection of, as `key` writes them; itself first.

    Stems as written and as a dictionary has them stand side by side ("kitab", "kitap"), the shorter ones after
    "kitabından" itself: a list's own spelling decides.

    >>> bases("Yargıtay'ın"), bases("ipoteğinden")
    (("yargıtay'ın", 'yargıtay'), ('ipoteğinden', 'ipoteğ', 'ipotek', 'ipoteği'))
    """
    form = key(word)
    if "'" in form and not split_suffix(form)[1]:  # the apostrophe is the word's own: def'i
        return (form, *_stems_of_unknown(form))
    pieces = split(form)
    found = [form]
    for count in range(1, len(pieces)):
        if not _makes_a_word(pieces[count:]):
            base = "".join(pieces[:count])
            found += [base, *_unchanged(base, before=pieces[count])]
    lemma = _lemma(form)
    if len(pieces) == 1 and lemma is None:
        found += _stems_of_unknown(form)
    elif len(pieces) > 1 and lemma and found[1:2] == [pieces[0]] and pieces[0] in stems(form, lemma):
        found.append(lemma)
    return tuple(dict.fromkeys(found))


def compound_bases(word: str) -> tuple[str, ...]:
    """What the last word of a compound ("tazminat davası") is without the -(s)I that compounds end in; () without it.

    >>> compound_bases("davası"), compound_bases("hakkı"), compound_bases("dava")
    (('dava',), ('hakk', 'hak'), ())
    """
    form = key(word)
    pieces = split(form)
    if len(pieces) < 2 or pieces[-1] not in _spelt(("P3sg",)):
        return ()
    base = form[: -len(pieces[-1])]
    lemma = _lemma(form)
    found = [base, *_unchanged(base, before=pieces[-1]), *([lemma] if lemma and base in stems(form, lemma) else [])]
    return tuple(dict.fromkeys(found))


def verb_stem(word: str) -> str | None:
    """The stem of an infinitive, as inflected verbs have it; None for other words.

    >>> verb_stem("etmek"), verb_stem("emek")
    ('et', None)
    """
    form = key(word)
    return form[:-3] if form.endswith(("mak", "mek")) and len(split(form)) > 1 else None


def _makes_a_word(suffixes: Sequence[str]) -> bool:
    """-lA alone is "with"; followed by others it makes a verb."""
    last = len(suffixes) - 1
    made = _spelt(_WORD_MAKERS)
    return any(one in made and not (number == last and one in ("la", "le")) for number, one in enumerate(suffixes))


def _unchanged(base: str, *, before: str) -> Iterator[str]:
    """The base with the hard consonant that a vowel softened."""
    if before[0] in VOWELS and base[-1] in _HARDENED:
        yield base[:-1] + _HARDENED[base[-1]]


def _lemma(form: str) -> str | None:
    reading = analyse([form])[0]
    return without_circumflex(reading.lemma) if reading else None


def _stems_of_unknown(form: str) -> Iterator[str]:
    if form.replace("'", "").isalpha():
        for end in range(_LEAST_STEM, len(form)):
            if any(letter in VOWELS for letter in form[:end]) and any(layouts(form, end, _NOUN_SLOTS)):
                base = form[:end]
                yield base
                yield from _unchanged(base, before=form[end:])


@cache
def _spelt(names: tuple[str, ...]) -> frozenset[str]:
    """Every single suffix that is written for one of the morphemes."""
    return frozenset(
        one.text[start:end]
        for name in names
        for one in {one for group in written(name).values() for one in group}
        for start, end in zip(one.starts, (*one.starts[1:], len(one.text)), strict=False)
    )
