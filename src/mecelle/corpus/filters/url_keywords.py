"""Web pages whose address says that they are not for a legal corpus."""

import re
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from mecelle.base.document import Document
from mecelle.corpus.filters import Filter, filters, stamp
from mecelle.corpus.filters.word_lists import own_list, user_list
from mecelle.corpus.verdict import Verdict, drop, keep
from mecelle.text.casing import ascii_fold, fold

_NO_LETTER = re.compile(r"[^a-z]+")


@filters.register("url_keywords.v1")
class UrlKeywords(Filter):
    """Drop pages with an adult, explicit or gambling keyword in their URL (metadata `url`); others are not judged.

    Source: Mecellem §3.2.3, "URL Filtering" and the allow list of legitimate sources and terms. The lists are ours:
    data/url_denied.txt and data/url_allowed.txt, which say how an entry is matched.
    """

    filter: Literal["url_keywords.v1"] = "url_keywords.v1"
    denied: Path | None = None
    """A list to use in place of data/url_denied.txt."""
    allowed: Path | None = None
    """A list to use in place of data/url_allowed.txt."""

    def files(self) -> tuple[Path, ...]:
        """The lists that take the place of ours."""
        return tuple(path for path in (self.denied, self.allowed) if path)

    def judge(self, document: Document) -> Verdict:
        """Names the keyword."""
        url = document.metadata.get("url")
        if not isinstance(url, str) or not url:
            return keep()
        domains, terms = _allowed(self.allowed, stamp(self.allowed))
        if is_within(host_of(url), domains):
            return keep(allowed=host_of(url))
        spoken = _spoken(url)
        for term in terms:
            spoken = spoken.replace(f" {term} ", " ")
        whole, parts = _denied(self.denied, stamp(self.denied))
        found = next((word for word in spoken.split() if word in whole), None)
        found = found or next((part for part in parts if part in spoken), None)
        return drop("denied_url", keyword=found) if found else keep()


def host_of(url: str) -> str:
    """The host of a URL in small letters, without `www.` and port; empty if there is none."""
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:  # "http://[": no address
        return ""
    return host.removeprefix("www.").rstrip(".")


def is_within(host: str, domains: frozenset[str]) -> bool:
    """Whether `host` or a domain above it is listed: `adalet.gov.tr` is within `gov.tr`."""
    labels = host.split(".")
    return any(".".join(labels[start:]) in domains for start in range(len(labels)))


def _spoken(url: str) -> str:
    """Runs of letters of a URL in small ASCII letters, with a space around each."""
    plain = ascii_fold(fold(unquote(url).replace("I", "i")))  # an address is no Turkish text: I is i
    return f" {' '.join(_NO_LETTER.split(plain))} "


@cache
def _denied(path: Path | None, _: tuple[int, int] | None) -> tuple[frozenset[str], tuple[str, ...]]:
    """Whole words, and parts of words (`*part*` in the list)."""
    entries = user_list(path) if path else own_list("url_denied")
    parts = tuple(entry.strip("*") for entry in entries if entry.startswith("*"))
    return frozenset(entry for entry in entries if not entry.startswith("*")), parts


@cache
def _allowed(path: Path | None, _: tuple[int, int] | None) -> tuple[frozenset[str], tuple[str, ...]]:
    """Domains (entries with a dot), and terms: words in a row that are left out before keywords are looked for."""
    entries = user_list(path) if path else own_list("url_allowed")
    terms = tuple(entry for entry in entries if "." not in entry)
    return frozenset(entry for entry in entries if "." in entry), terms
