"""One form for characters that look alike or cannot be seen: NFC, spaces, quotes, control characters."""

import re
import unicodedata

_SURROGATE = re.compile("[\ud800-\udfff]")
_OTHER_LINE_END = re.compile("[\r\x0b\x0c\x85\u2028\u2029]")
UNSEEN = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters but tab and line ends
    "\u00ad"  # soft hyphen: a hint for the printer, no part of the word
    "\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"  # zero width, direction marks
)
"""Characters that `clean` drops, as the inside of a class of a regular expression."""
_UNSEEN = re.compile(f"[{UNSEEN}]")
_APOSTROPHE = re.compile("[’‘‚‛`´ʼ′＇]")
_QUOTE = re.compile("[“”„‟«»″＂]")
_OTHER_SPACE = re.compile("[\t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_SPACES = re.compile("[ \t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_SPACE_AT_LINE_END = re.compile(" ?\n ?")


def nfc(s: str) -> str:
    """The text in Unicode normal form C, the form of every text in the package."""
    return unicodedata.normalize("NFC", s)


def _without_surrogates(s: str) -> str:
    """Surrogate pairs joined to their character; lone halves, which no encoder can write, become U+FFFD."""
    if not _SURROGATE.search(s):
        return s
    return s.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def clean(s: str) -> str:
    """The text in NFC with one kind of space, apostrophe, quote and line end; idempotent. Lengths and offsets change.

    Apostrophes become ``'``, double quotes (also ``''``) ``"``, spaces and tabs one space, line ends a newline; no line
    begins or ends with a space, and empty lines stay. Control characters, NUL, soft hyphens, zero width and direction
    marks go; a lone surrogate becomes U+FFFD, so that the damage can be seen. Letters and digits are never touched.

    >>> clean("TBK’nın\\u00a0 49. mad\\u00addesi")
    "TBK'nın 49. maddesi"
    """
    # Each pattern is of single characters, or spared to the texts that have nothing for it: a third of the time.
    s = _OTHER_LINE_END.sub("\n", _without_surrogates(s).replace("\r\n", "\n"))
    s = nfc(_UNSEEN.sub("", s))
    s = _QUOTE.sub('"', _APOSTROPHE.sub("'", s).replace("''", '"'))
    if "  " in s or _OTHER_SPACE.search(s):
        s = _SPACES.sub(" ", s)
    if " \n" in s or "\n " in s:
        s = _SPACE_AT_LINE_END.sub("\n", s)
    return s.strip(" ")
