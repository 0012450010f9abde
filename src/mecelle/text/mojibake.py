"""Text that was decoded with the wrong code page, put right where it is certain."""

import re
from itertools import product

import ftfy

# UTF-8 read as a single-byte page: each Turkish letter became two signs, the first of them one of these.
_LEADS = "ÂÃÄÅâ"
_TAIL = "[\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
_MISREAD_UTF8 = re.compile(f"[ÂÃÄÅ]{_TAIL}|â[\x80€]")


def _misread_letters() -> dict[str, str]:
    """What the Turkish letters beyond ASCII look like after UTF-8 was read as ISO-8859-1, Windows-1252 or -1254."""
    forms: dict[str, str] = {}
    for letter, page in product("çğıöşüâîûÇĞİÖŞÜÂÎÛ", ("latin-1", "cp1252", "cp1254")):
        seen = letter.encode().decode(page, "ignore")
        if len(seen) == 2:
            forms[seen] = letter
    return forms


_LETTERS = _misread_letters()
_LETTER = re.compile("|".join(map(re.escape, _LETTERS)))

# The six letters in which Windows-1254 and ISO-8859-9 differ from Windows-1252 and ISO-8859-1.
_LATIN_FIVE = str.maketrans("ÐÝÞðýþ", "ĞİŞğış")
_SUSPECT = re.compile("[ÐÝÞðýþ]")
_SUSPECT_WORD = re.compile(r"[^\W\d_]*[ÐÝÞðýþ][^\W\d_]*")
_SOUND = re.compile("[ĞİŞğış]")
_FOREIGN = re.compile("[áàãäåæèéêëìíïñòóôõøùúāăąćčďēėęěģīįķľĺłńňņőŕřśšťūůűųźžżß]", re.IGNORECASE)
_MOST_FOREIGN = 0.25  # foreign letters per suspect letter; Icelandic has two, Czech more
_LEAST_SUSPECT = 3  # letters that tell, or two in one word: fewer may be a name
_LEAST_TURKISH = 0.9  # share of the suspect words that could be Turkish once they are read right
_NOT_TURKISH = re.compile(
    "[qwx]"
    "|(?<![aeıioöuüâîûAEIİOÖUÜÂÎÛýÝ])[ðÐ]"  # ğ stands behind a vowel
    "|[eioöuüEİOÖUÜ][^aeıioöuüâîûAEIİOÖUÜÂÎÛýÝ]*ý"  # ı follows a or ı
    "|[a-zçöüþðý]Ý"
    r"|(?<!\b[bçdsyBÇDSY]a)[ðÐ]\b"  # few words end in ğ (dağ, sağ, yağ); Icelandic ones do
)

# A page of its own, met in minutes of parliament of the 1990s; its ş is the underscore, its Ğ the slash.
_MINUTES = re.compile(r"[^\W\d_]\x9b|\x9b[^\W\d_]")
_MINUTES_LETTERS = str.maketrans({"\x9b": "ı", "\x8b": "İ", "¤": "ğ", "Þ": "Ş", "ñ": "–"})
_MINUTES_SH = re.compile(r"(?<=[^\W\d_])_|_(?=[^\W\d_])")
_MINUTES_G = re.compile("(?<=[A-ZÇÖÜİIŞ])/(?=[A-ZÇÖÜİIŞ])")

# Quotes and dashes of Windows stand where ISO-8859 has control characters.
_WINDOWS_SIGN = re.compile("[\x91-\x97]")
_TO_SIGNS = {byte: bytes([byte]).decode("cp1254") for byte in (0x85, *range(0x91, 0x98))}


def repair_mojibake(text: str) -> str:
    """The text as it was written, where it was read in the wrong encoding; all other text comes back as it is.

    Puts right, also one upon the other:
    - UTF-8 read as Windows-1252, -1254 or ISO-8859-1 (`ÅŸ`, `Ä±`, `Ã§`), line by line: Turkish letters by table, since
      a lone `ÄŸ` is not strange enough for ftfy, and the rest by ftfy;
    - Windows-1254 or ISO-8859-9 read as their Western twins (`ý`, `þ`, `ð` for ı, ş, ğ), which ftfy does not know. Only
      in lines without a letter that proves them sound, and only if the words of the document say that it is Turkish:
      Icelandic, Czech and a foreign name stay;
    - the code page of old minutes of parliament, known by its ı at 0x9B;
    - control characters that are quotes and dashes of Windows.
    Idempotent. Run it before anything that changes quotes or control characters.
    """
    if any(lead in text for lead in _LEADS) and _MISREAD_UTF8.search(text):
        lines = text.split("\n")
        text = "\n".join(_without_misread_utf8(line) if _MISREAD_UTF8.search(line) else line for line in lines)
    if "\x9b" in text and len(_MINUTES.findall(text)) >= _LEAST_SUSPECT:
        text = _MINUTES_G.sub("Ğ", _MINUTES_SH.sub("ş", text.translate(_MINUTES_LETTERS)))
    if any(letter in text for letter in "ÐÝÞðýþ"):
        text = _without_misread_letters(text)
    return text.translate(_TO_SIGNS) if _WINDOWS_SIGN.search(text) else text


def _without_misread_utf8(line: str) -> str:
    fixed = ""
    while fixed != line:  # a mistake made twice takes two turns; each turn is shorter than the last
        fixed, line = line, _LETTER.sub(lambda match: _LETTERS[match.group()], ftfy.fix_encoding(line))
    return line


def _without_misread_letters(text: str) -> str:
    lines = text.split("\n")
    suspect = [at for at, line in enumerate(lines) if _SUSPECT.search(line) and not _SOUND.search(line)]
    if not _is_turkish([lines[at] for at in suspect]):
        return text
    for at in suspect:
        lines[at] = _SUSPECT_WORD.sub(_read_right, lines[at])
    return "\n".join(lines)


def _is_turkish(lines: list[str]) -> bool:
    """Whether the suspect words of `lines` are Turkish, misread."""
    words = [word for line in lines for word in _SUSPECT_WORD.findall(line)]
    letters = sum(len(_SUSPECT.findall(word)) for word in words)
    enough = letters >= _LEAST_SUSPECT or len(words) == 1 < letters
    foreign = sum(len(_FOREIGN.findall(line)) for line in lines)
    turkish = sum(not _NOT_TURKISH.search(word) for word in words)
    return enough and foreign <= _MOST_FOREIGN * letters and turkish >= _LEAST_TURKISH * len(words)


def _read_right(match: re.Match[str]) -> str:
    word = match.group()
    return word if _FOREIGN.search(word) else word.translate(_LATIN_FIVE)
