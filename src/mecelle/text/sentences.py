"""Sentences of a Turkish legal text, by rule.

A full stop ends a sentence unless it belongs to an abbreviation (``md.``, ``Av.``, ``T.C.``), an initial, an ordinal
(``4. Hukuk Dairesi``), a list number or a case number (``2024/3494 E.``). Lines end one too, since headings and the
clauses of a ruling have no full stop, unless the next line goes on in small letters.
"""

import re
from functools import cache

from mecelle.text.casing import fold
from mecelle.text.tables import table

_CLOSERS = "\"'”’»)\\]"
_OPENERS = "\"'“‘«([\\-–—•*"
_CANDIDATE = re.compile(
    rf"(?<![.!?…])(?P<stop>[.!?…]++)[{_CLOSERS}]*+(?=\s|$)"  # a run of stops is read once, from its first
    rf"|(?<=[^\W\d_]{{4}})(?P<glued>[.!?])(?=[A-ZÇĞİÖŞÜ][^\W\d_]*[\s,])"  # "edilmiştir.Mahkemece"
    r"|(?P<line>\n)"
)
_NEXT = re.compile(rf"[\s{_OPENERS}]*(?P<first>\S)?")
_LAST_TOKEN = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*\Z")
_ROMAN = re.compile(r"[IVXLC]+")
_LINE_GOES_ON = re.compile(r"\n[ \t]*[^\W\d_](?![).\-])")  # "b)" is a new clause
_TOKEN_CHARS = 40  # no abbreviation is longer


@cache
def _abbreviations(name: str, *, capital: bool) -> frozenset[str]:
    return frozenset(fold(entry) for entry in table(name) if capital or not entry[0].isupper())


def _is_abbreviation(token: str, name: str) -> bool:
    return fold(token) in _abbreviations(name, capital=token[0].isupper())


def sentences(s: str) -> list[str]:
    """Sentences in order, as written, without the white space around them.

    >>> sentences("Yargıtay 4. HD, E. 2019/1234 sayılı kararı bozdu. Av. A. Y. temyiz etti.")
    ['Yargıtay 4. HD, E. 2019/1234 sayılı kararı bozdu.', 'Av. A. Y. temyiz etti.']
    """
    return [s[start:end] for start, end in sentence_spans(s)]


def sentence_spans(s: str) -> list[tuple[int, int]]:
    """Half-open character offsets of `sentences`: sorted, disjoint, none empty; what they leave out is white space."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _CANDIDATE.finditer(s):
        if _ends(s, match, start):
            _append(spans, s, start, match.end())
            start = match.end()
    _append(spans, s, start, len(s))
    return spans


def _append(spans: list[tuple[int, int]], s: str, start: int, end: int) -> None:
    piece = s[start:end]
    if stripped := piece.strip():
        start += len(piece) - len(piece.lstrip())
        spans.append((start, start + len(stripped)))


def _ends(s: str, match: re.Match[str], start: int) -> bool:
    if match["line"]:
        return _line_ends(s, match.start())
    if match["glued"]:
        return _may_end(s, match.start())
    follower = _NEXT.match(s, match.end())
    first = follower["first"] if follower else None
    if first is None:
        return True
    if first.islower():
        return False
    if match["stop"] == ".":
        return _may_end(s, match.start())
    if match["stop"][0] in "!?":
        return True
    # Courts write dots in a row for names (S.. T.., davalı ... vekili); attached to a word they close like others.
    attached = match.start() > start and not s[match.start() - 1].isspace()
    return attached and not (match["stop"].startswith("..") and _is_initial(_last_token(s, match.start())))


def _line_ends(s: str, at: int) -> bool:
    """Whether the line end at `at` ends a sentence; it does not if the next line goes on in small letters."""
    rest = _LINE_GOES_ON.match(s, at)
    if rest is None or not s[rest.end() - 1].islower():
        return True
    return s[max(0, at - _TOKEN_CHARS) : at].rstrip().endswith((".", "!", "?", ":", ";"))


def _last_token(s: str, end: int) -> str:
    match = _LAST_TOKEN.search(s[max(0, end - _TOKEN_CHARS) : end])
    return match.group() if match else ""


def _is_initial(token: str) -> bool:
    """``A``, ``A.Y``, ``T.C``: single letters with full stops between them."""
    return all(len(letter) == 1 and letter.isalpha() for letter in token.split("."))


def _may_end(s: str, at: int) -> bool:
    """Whether the full stop at `at`, before a capital or a number, may close a sentence: by the token before it."""
    token = _last_token(s, at)
    if not token:
        return True
    if token.isdigit():
        return _number_ends(s, at, token)
    if _is_abbreviation(token, "abbreviations_final"):
        return True
    return not (_is_initial(token) or _ROMAN.fullmatch(token) or _is_abbreviation(token, "abbreviations"))


def _number_ends(s: str, at: int, token: str) -> bool:
    """Short plain numbers are ordinals or list numbers; years and the last part of 2019/1234 or 1.250,75 may end."""
    before = s[at - len(token) - 1 : at - len(token)]
    return len(token) > 3 or (before != "" and before in "/,-:%")
