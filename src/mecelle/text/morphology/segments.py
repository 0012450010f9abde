"""Where the suffixes of a written word begin: a root and the names of its morphemes laid onto the form.

The convention, for splits and gold alike:

- A suffix begins with its buffer letter: araba·ya, karar·ı·ndan, gelme·diğ·i, masa·nın; the n of o, bu, şu too: o·nun.
- What changes stays where it stands: kitab·ı, ağz·ı, hakk·ı, ed·en, di·yor.
- The vowel before -yor is the suffix's: başl·ıyor, gel·m·iyor, yap·ıyor; but oku·yor, whose u is the stem's.
- lAr and I are always two, whoever owns what: karar·lar·ı. So are the negated ability (gel·e·me·di) and the parts of
  -lAndIr; -(y)Abil, -mAktA and -mAdAn are one. Morphemes without letters have no place.
- An apostrophe opens the suffix that it parts from a name; what stands behind it is not cut further: Ankara·'daki.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from mecelle.text.morphology.suffixes import VOWELS, is_listed, written

Slot = Sequence[str | None]
"""Names of data/suffixes.txt of which one stands at a place; None for nothing."""

_SOFTENED = {"p": "b", "ç": "c", "t": "d", "k": "ğg", "g": "ğ"}
_IRREGULAR = {"de": ("di",), "ye": ("yi",), "ben": ("ban",), "sen": ("san",)}
_PROGRESSIVE = ("ıyor", "iyor", "uyor", "üyor")


def cuts(form: str, root: str, names: Sequence[str]) -> tuple[int, ...] | None:
    """Where the suffixes called `names` begin in `form`, or None if root and suffixes do not make up the form.

    form, root: folded (`mecelle.text.casing.fold`), circumflex taken off. The root that changes least is tried first.

    >>> cuts("kitabından", "kitap", ["P3sg", "Abl"])
    (5, 6)
    """
    for stem in stems(form, root):
        before = len(stem) - 1
        found = _behind(form[before:], tuple(names))
        if found is not None:
            return tuple(before + start for start in found)
    return None


@lru_cache(maxsize=200_000)
def _behind(ending: str, names: tuple[str, ...]) -> tuple[int, ...] | None:
    """Where the suffixes begin in an ending with one letter of the stem before it: words share their endings."""
    if not all(map(is_listed, names)):
        return None
    return next(layouts(ending, 1, [(name,) for name in names]), None)


def layouts(form: str, start: int, slots: Sequence[Slot]) -> Iterator[tuple[int, ...]]:
    """All ways to fill `form` from `start` to its end with one suffix of each slot: where the suffixes begin."""
    if not slots:
        if start == len(form):
            yield ()
        return
    behind_vowel = form[start - 1] in VOWELS
    for name in slots[0]:
        if name is None:
            yield from layouts(form, start, slots[1:])
            continue
        known = written(name)
        for text, starts, after, narrowed in known.get(form[start : start + 1], known[""]):
            end = start + len(text)
            fits = form.startswith(text, start) and (not after or behind_vowel == (after == "vowel"))
            if fits and (not narrowed or form.startswith(_PROGRESSIVE, end)):
                for rest in layouts(form, end, slots[1:]):
                    yield (*[start + place for place in starts], *rest)


def stems(form: str, root: str) -> Iterator[str]:
    """What the root may be written like in front of the suffixes of `form`, least changed first."""
    if form.startswith(root):
        yield root
    yield from (stem for stem in _changed(root) if form.startswith(stem))
    if root[-1:] in ("a", "e") and form.startswith(_PROGRESSIVE, len(root) - 1) and form.startswith(root[:-1]):
        yield root[:-1]


@lru_cache(maxsize=100_000)
def _changed(root: str) -> tuple[str, ...]:
    last = root[-1:]
    soft = tuple(root[:-1] + softened for softened in _SOFTENED.get(last, ""))
    irregular = _IRREGULAR.get(root, ())
    if not last or last in VOWELS:
        return irregular
    dropping = len(root) > 3 and root[-2] in VOWELS and root[-3] not in VOWELS
    dropped = tuple(shape[:-2] + shape[-1] for shape in (root, *soft) if dropping)  # ağız, ağz-
    doubled = tuple(shape + shape[-1] for shape in (root, *soft))  # hak, hakk-; ret, redd-
    return (*irregular, *soft, *dropped, *doubled)
