"""Bytes of a text file to characters: UTF-8, UTF-16, Windows-1254, ISO-8859-9, and by statistics what is left."""

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins with the mark of UTF-16, so it comes first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TURKISH = frozenset("çğıöşüâîûÇĞİÖŞÜÂÎÛ’‘“”…–—•§°²³´«»½©®€\xa0\xad")
_LEAST_TURKISH = (
    0.8  # of the characters beyond ASCII; misread UTF-8 has Ã, Ä, Å before each of them and stays under 0.6
)
_MOST_DAMAGED = 0.001  # U+FFFD per character: a few broken bytes are damage, more are another encoding
_MOST_CONTROL = 0.05  # control characters per character: above it the file is no text
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SAMPLE = 200_000


@dataclass(frozen=True, slots=True)
class Decoded:
    """Characters, and how they were read."""

    text: str
    encoding: str
    damaged: int = 0
    """Bytes that fitted nothing and became U+FFFD."""


class UndecodableError(ValueError):
    """Bytes that are no text in any encoding that is tried."""


def decode(data: bytes, *, declared: str | None = None) -> Decoded:
    """The text of `data`. declared: an encoding that the file claims (HTML); believed only if it fits without an error.

    A byte order mark decides; else strict UTF-8; else UTF-8 with a few damaged bytes; else Windows-1254 or ISO-8859-9
    if what stands beyond ASCII is Turkish; else the guess of charset-normalizer.
    Raises UndecodableError if nothing fits, or if the result has more control characters than a text has.
    """
    found = _by_mark(data) or _utf8(data) or _declared(data, declared) or _turkish(data) or _guessed(data)
    if found is None:
        raise UndecodableError("no known encoding fits (UTF-8, UTF-16, Windows-1254, ISO-8859-9): save it as UTF-8")
    control = len(_CONTROL.findall(found.text, 0, _SAMPLE))
    if control > _MOST_CONTROL * min(len(found.text), _SAMPLE):
        raise UndecodableError(f"{control:,} control characters in its beginning: it is no text file")
    return found


def _strict(data: bytes, encoding: str) -> Decoded | None:
    try:
        return Decoded(data.decode(encoding), encoding)
    except (UnicodeError, LookupError):  # pages declare "undefined", too, a codec that refuses all bytes
        return None


def _by_mark(data: bytes) -> Decoded | None:
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    if encoding is None:
        zeros = data[:_SAMPLE].count(0)  # UTF-16 without a mark: every second byte of Latin text is zero
        if not 0.2 < zeros / max(1, len(data[:_SAMPLE])) < 0.6:
            return None
        encoding = "utf-16-le" if data[1::2][:_SAMPLE].count(0) > data[::2][:_SAMPLE].count(0) else "utf-16-be"
    return _strict(data, encoding)


def _utf8(data: bytes) -> Decoded | None:
    if found := _strict(data, "utf-8"):
        return found
    text = data.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    right = sum(map(text.count, "çğıöşüİÇĞÖŞÜ"))
    return Decoded(text, "utf-8", damaged) if damaged <= _MOST_DAMAGED * len(text) and damaged < right else None


def _declared(data: bytes, declared: str | None) -> Decoded | None:
    # Pages that declare ISO-8859-1 or -9 are written in the Windows page that contains it; ISO-8859-1 has no ğ, ı, ş.
    return None if declared is None or declared.startswith("iso-8859") else _strict(data, declared)


def _turkish(data: bytes) -> Decoded | None:
    for encoding in ("cp1254", "iso-8859-9"):  # they differ in 0x80..0x9f: quotes and dashes, or control characters
        found = _strict(data, encoding)
        beyond = [c for c in found.text[: 5 * _SAMPLE] if c >= "\x80"] if found else []
        if beyond and sum(c in _TURKISH for c in beyond) >= _LEAST_TURKISH * len(beyond):
            return found
    return None


def _guessed(data: bytes) -> Decoded | None:
    best = from_bytes(data).best()
    return Decoded(str(best), best.encoding) if best else None
