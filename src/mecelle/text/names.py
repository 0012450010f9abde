"""Names of private parties, counsel and witnesses in decisions: "Davacı Ahmet Yılmaz", "Vekili : Av. Ayşe KAYA".

A role word opens (data/party_roles.txt), one name or a list of names follows; what was named so is then found wherever
the decision repeats it. Judges, prosecutors, rapporteurs, courts, institutions, companies and the parties of cited
decisions are not private parties of this one and stay, as do the initials and dots that the court left in their place.
A forename alone counts if it is a common one (data/given_names.txt); a surname alone is not looked for.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from mecelle.text.casing import fold, lower, title, upper
from mecelle.text.identifiers import Identifier, disjoint
from mecelle.text.tables import table

_UPPER, _SMALL = "A-ZÇĞİÖŞÜÂÎÛ", "a-zçğıöşüâîû"
_TITLE_CASE = rf"[{_UPPER}][{_SMALL}]+(?:-[{_UPPER}][{_SMALL}]+)?"
_WORD = re.compile(rf"{_TITLE_CASE}|[{_UPPER}]{{2,}}|[{_UPPER}]\.")
_RUN = re.compile(rf"(?:{_WORD.pattern})(?:[ \xa0](?:{_WORD.pattern})){{0,6}}(?!\w)")
_CAPITALISED = re.compile(rf"(?:{_WORD.pattern})(?:[ \xa0](?:{_WORD.pattern}))*(?!\w)")
_PHRASE = re.compile(r"[^,;:\n('’\"]{0,80}?(?=[,;:\n('’\"]| ve | ile | vekil| tarafından|\Z)|.{0,80}")
_SUFFIXES = ("lar", "ler", "lardan", "lerden", "ları", "leri", "dan", "den", "e", "i", "ı", "u", "ü", "sı", "si")
_ENTRY = r"(?:\d{1,2}\s?[-.)]-?\s{0,2})?"
_NEXT = re.compile(
    rf"(?:['’][{_SMALL}]{{1,6}})?(?: v(?:el|es)ayeten)?"
    rf"(?:\s?[,;]\s?(?:ve )?| ve | ile |\s{{1,2}}(?=\d{{1,2}}\s?[-.)])){_ENTRY}"
)
# What the court put in place of a name: "...", "A.. B..", "A.B."; and an entry of a numbered list that is no name.
_BLANKED = re.compile(rf"(?:\.{{2,}}|…|(?:[{_UPPER}]\.{{1,3}} ?){{1,3}})(?: ?(?:\.{{2,}}|…))*")
_OTHER = re.compile(r"[^\n,;:]{1,90}?(?=\s{1,2}\d{1,2}\s?[-.)])")
_INSIDE_SENTENCE = re.compile(r"[\w,;'’\"] \Z")
_BEHIND_A_NAME = ("av", "hakkında", "adına", "aleyhine", "lehine", "yönünden", "tarafından", "hüküm", "karar", "dosya")
_LONGEST = 5  # words of a name


def find_names(s: str) -> list[Identifier]:
    """Names of private parties in a decision, sorted by offset and disjoint, kind "name". Linear time.

    >>> [i.text for i in find_names("Davacı Ahmet Yılmaz vekili Av. Ayşe KAYA, davalı Güneş Sigorta A.Ş. aleyhine")]
    ['Ahmet Yılmaz', 'Ayşe KAYA']
    """
    named = disjoint(_behind_roles(s))
    return disjoint([*named, *_repeated(s, named)]) if named else []


def _behind_roles(s: str) -> Iterator[Identifier]:
    done = 0
    # The pattern starts with what is no letter, since `re` tries its many roles at no other place then: a sixth of the
    # time. So the text needs such a character before its first word, and offsets are one less.
    for role in _roles().finditer(" " + s):
        at = role.end() - 1 if role.end() > done else None
        heading = role.group("colon") is not None
        while at is not None:
            end = _name_end(s, at, heading=heading)
            if end:
                yield Identifier("name", at, end, s[at:end])
            elif passed := _BLANKED.match(s, at) or (_OTHER.match(s, at) if heading else None):
                end = passed.end()
            done = end or done
            following = _NEXT.match(s, end) if end else None
            at = following.end() if following else None


def _name_end(s: str, at: int, *, heading: bool) -> int | None:
    """Where the name ends that starts at `at`; None if no name does."""
    run = _RUN.match(s, at)
    if run is None:
        return None
    words = list(_WORD.finditer(run.group()))
    words = words[: next((i for i, word in enumerate(words) if _is_stop(word.group())), len(words))]
    words = words[: _shape([word.group() for word in words])]
    while words and words[-1].group().endswith("."):
        words.pop()
    if not words or not _is_person([word.group() for word in words], heading=heading):
        return None
    phrase = _PHRASE.match(s, at)
    if phrase and _institution().search(fold(phrase.group())):
        return None
    return at + words[-1].end()


def _shape(words: Sequence[str]) -> int:
    """How many words the name has: small ones with their capitals behind ("Ali Can YILMAZ"), or all of one sort."""
    changes = [i for i in range(1, len(words)) if words[i - 1].isupper() and not words[i].isupper() and i > 1]
    return min(changes[0] if changes else len(words), _LONGEST)


def _is_person(words: Sequence[str], *, heading: bool) -> bool:
    common = any(fold(word) in _given_names() for word in words[:2])
    if len(words) == 1:
        return common
    surname_in_capitals = words[-1].isupper() and not words[0].isupper()
    return common or surname_in_capitals or heading


def _repeated(s: str, named: Sequence[Identifier]) -> Iterator[Identifier]:
    """Other places of the names: full ones in any case, a forename alone inside a sentence ("Meltem'in yanında")."""
    known = {tuple(fold(one.text).split()) for one in named}
    for run in _CAPITALISED.finditer(s):
        words = list(_WORD.finditer(run.group()))
        folded = [fold(word.group()) for word in words]
        for first in range(len(words)):
            for last in range(first + 1, min(first + _LONGEST, len(words))):
                if tuple(folded[first : last + 1]) in known:
                    start, end = run.start() + words[first].start(), run.start() + words[last].end()
                    yield Identifier("name", start, end, s[start:end])
        alone = len(words) == 1 and (folded[0],) in known
        if alone and _INSIDE_SENTENCE.search(s, max(0, run.start() - 2), run.start()):
            yield Identifier("name", run.start(), run.end(), run.group())


def _is_stop(word: str) -> bool:
    return fold(word) in _stops()


@cache
def _stops() -> frozenset[str]:
    """Words that a name does not go on with: roles in all their endings, and what stands behind a party."""
    roles = (fold(role) for role in table("party_roles"))
    return frozenset((*(role + ending for role in roles for ending in ("", *_SUFFIXES)), *_BEHIND_A_NAME))


@cache
def _given_names() -> frozenset[str]:
    return frozenset(map(fold, table("given_names")))


@cache
def _institution() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:(?:aş|bank)(?!\w)|{'|'.join(re.escape(fold(word)) for word in table('institution_words'))})"
    )


@cache
def _roles() -> re.Pattern[str]:
    """A role with its ending and a colon or a blank; "Av." alone opens a name, too."""
    roles = sorted({case(role) for role in table("party_roles") for case in (lower, title, upper, _sentence_case)})
    endings = "|".join(sorted({case(ending) for ending in _SUFFIXES for case in (lower, upper)}))
    return re.compile(
        rf"[\W_](?:(?:{'|'.join(roles)})(?:{endings})?\)?(?:(?P<colon>\s{{0,3}}:\s{{0,3}}{_ENTRY})|[ \xa0])"
        r"|(?:Av|AV)\. ?)"
        rf"(?:(?:Av\.|AV\.|Avukat|Dr\.|Prof\.|Doç\.|Sayın|Hukuk Müşaviri|Hazine Vekili) ?)*(?=[{_UPPER}.…])"
    )


def _sentence_case(s: str) -> str:
    return upper(s[0]) + s[1:]
