"""E-mail addresses and URLs."""

import re
from collections.abc import Iterator

from mecelle.text.identifiers.identifier import Identifier, identifier

_DOMAIN = r"(?:[\w\-]+\.)+"
_PUBLIC_SUFFIX = (
    r"(?:(?:com|net|org|gov|edu|av|bel|gen|k12|pol|tsk|web|info|biz|name|dr|kep|uets)\.tr|com|net|org|edu|gov|info)"
)
_EMAIL = re.compile(rf"(?<![\w.+\-])[\w.+\-]*\w@{_DOMAIN}[^\W\d_]{{2,}}")
_HINTS = ("://", "www.", "WWW.", "Www.", ".com", ".net", ".org", ".edu", ".gov", ".info", ".tr")  # every URL has one
_URL = re.compile(r"[hHwW](?<!\w.)(?:(?<=[hH])[tT][tT][pP][sS]?://|(?<=[wW])[wW][wW]\.)[^\s<>\"'’“”()\[\]{}|]*[\w/]")
_BARE_URL = re.compile(rf"(?<![\w.@\-]){_DOMAIN}{_PUBLIC_SUFFIX}(?![\w@])(?!\.\w)(?:/[^\s<>\"'’“”()]*[\w/])?")
_INVENTED = re.compile(r"\.invalid(?![\w\-])")
"""The top-level domain that RFC 2606 keeps for names that do not exist: pseudonyms are made with it."""


def find_emails(s: str) -> Iterator[Identifier]:
    """Addresses with a domain of two parts at least."""
    if "@" in s:
        for match in _EMAIL.finditer(s):
            if not _INVENTED.search(match.group()):
                yield identifier("email", match)


def find_urls(s: str) -> Iterator[Identifier]:
    """URLs with a scheme or www, and bare hosts under a common public suffix, with their paths."""
    if any(hint in s for hint in _HINTS):
        for pattern in (_URL, _BARE_URL):
            for match in pattern.finditer(s):
                if not _INVENTED.search(match.group()):
                    yield identifier("url", match)
