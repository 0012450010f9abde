"""Words of documents as the page shows them."""

import re

from mecelle.text.casing import title, upper

_BEGINNING = re.compile(r"^\s*(?:(?:ek|geçici|mükerrer)\s+)*madde\s+\d+\S*\s*[-–—:.]?\s*", re.IGNORECASE)
_LONG_WORD = re.compile(r"[^\W\d_]{5}")
_SMALL = re.compile(r"(?<= )(?:Ve|Veya|İle)(?= )")


def calm(text: str | None) -> str:
    """A title that is all capitals in plain letters; any other, and abbreviations, as they are.

    >>> calm("TÜRK BORÇLAR KANUNU"), calm("6. HD")
    ('Türk Borçlar Kanunu', '6. HD')
    """
    if not text or text != upper(text) or not _LONG_WORD.search(text):
        return text or ""
    return _SMALL.sub(lambda match: {"Ve": "ve", "Veya": "veya", "İle": "ile"}[match[0]], title(text))


def beginning(text: str, most: int = 150) -> str:
    """The first words of an article, without its number.

    >>> beginning("MADDE 315- Kiracı, kira bedelini ödemezse kiraya veren süre verir.", most=40)
    'Kiracı, kira bedelini ödemezse kiraya …'
    """
    plain = " ".join(_BEGINNING.sub("", text).split())
    return plain if len(plain) <= most else plain[: plain.rfind(" ", 0, most) or most].rstrip(" ,;:") + " …"
