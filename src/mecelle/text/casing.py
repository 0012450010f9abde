"""Turkish casing: the only module of the package that changes the case of a text.

Python follows Unicode's language-neutral mapping, in which ``"I".lower()`` is ``i`` and ``"İ".lower()`` is two
characters (``i`` and U+0307). Turkish pairs I with ı and İ with i. Every function here takes any string and gives NFC.
"""

import re
import unicodedata

_UNUSUAL = re.compile("[^\n -~çğıöşüÇĞİÖŞÜâîûÂÎÛ’‘“”–—…§°]")
_DOT = "\u0307"  # combining dot above, left behind by a language-neutral lower-casing of İ
_OTHER_APOSTROPHE = re.compile("[’‘`´ʼ]")
_TITLE_WORD = re.compile(r"[^\W\d_]+(?:['’‘`´ʼ][^\W\d_]+)*")
_ROMAN_NUMERAL = re.compile(r"(?=[IVX]{2})X{0,3}(?:IX|IV|V?I{0,3})")
_CIRCUMFLEX = str.maketrans("âîûÂÎÛ", "aiuAİU")
_TO_ASCII = str.maketrans("çğıöşüâîûÇĞİÖŞÜÂÎÛ", "cgiosuaiuCGIOSUAIU")


def _composed(s: str) -> str:
    """NFC without the superfluous dot of ``i̇``; ``I`` with a combining dot composes to ``İ``."""
    s = unicodedata.normalize("NFC", s)
    while "i" + _DOT in s:
        s = unicodedata.normalize("NFC", s.replace("i" + _DOT, "i"))
    return s


def lower(s: str) -> str:
    """Lower case by Turkish rules, NFC: ``I`` to ``ı``, ``İ`` and ``i̇`` to ``i``; the circumflex stays.

    >>> lower("IĞDIR İCRA DAİRESİ")
    'ığdır icra dairesi'
    """
    return _composed(_composed(s).replace("İ", "i").replace("I", "ı").lower())


def upper(s: str) -> str:
    """Upper case by Turkish rules, NFC: ``i`` to ``İ``, ``ı`` to ``I``; the circumflex stays.

    >>> upper("ığdır icra dairesi")
    'IĞDIR İCRA DAİRESİ'
    """
    return _composed(_composed(s).replace("i", "İ").replace("ı", "I").upper())


def _title_word(match: re.Match[str]) -> str:
    word = match.group()
    if _ROMAN_NUMERAL.fullmatch(word):
        return word
    return upper(word[0]) + lower(word[1:])


def title(s: str) -> str:
    """Each word with a capital first letter by Turkish rules, NFC.

    What follows an apostrophe is a suffix and stays small. Roman numerals of two or more letters are kept
    (``II. Dava``). Conjunctions are not treated apart.

    >>> title("İSTANBUL'UN ILICA MAHALLESİ")
    "İstanbul'un Ilıca Mahallesi"
    """
    return _TITLE_WORD.sub(_title_word, _composed(s))


def fold(s: str) -> str:
    """Key for caseless comparison by Turkish rules, NFC: equal for two spellings that differ only in case.

    ``I`` and ``ı`` give ``ı``; ``İ``, ``i`` and ``i̇`` give ``i``; the apostrophe variants give ``'``. The circumflex,
    diacritics and digits are kept: ``hala`` and ``hâlâ`` are two words. Idempotent.

    >>> fold("İİK’NIN") == fold("iik'nın")
    True
    """
    if not _UNUSUAL.search(s):  # nothing to compose or decompose: the same result at a quarter of the time
        return s.replace("İ", "i").replace("I", "ı").lower().replace("’", "'").replace("‘", "'").replace("`", "'")
    # Decomposed first, as Unicode's canonical caseless match asks; apostrophes last, since ŉ folds to one and an n.
    folded = _composed(unicodedata.normalize("NFD", lower(s)).casefold())
    return _OTHER_APOSTROPHE.sub("'", folded)


def without_circumflex(s: str) -> str:
    """The text with plain vowels for â, î and û, NFC.

    ``kâr`` (profit) becomes ``kar`` (snow): for search, not for a comparison that decides what is a duplicate.
    """
    return _composed(s).translate(_CIRCUMFLEX)


def ascii_fold(s: str) -> str:
    """The text with ASCII letters for Turkish ones; case and everything else stay.

    Only for queries typed without Turkish letters (``isci alacagi``). Never for a comparison that decides what is a
    duplicate: ``ölüm`` (death) and ``olum`` become one.
    """
    return _composed(s).translate(_TO_ASCII)
