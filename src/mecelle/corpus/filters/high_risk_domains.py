"""Web pages of domains that a list calls high-risk."""

from functools import cache
from pathlib import Path
from typing import Literal

from mecelle.base.document import Document
from mecelle.corpus.filters import Filter, filters, stamp
from mecelle.corpus.filters.url_keywords import host_of, is_within
from mecelle.corpus.filters.word_lists import user_list
from mecelle.corpus.verdict import Verdict, drop, keep


@filters.register("high_risk_domains.v1")
class HighRiskDomains(Filter):
    """Drop pages (metadata `url`) of listed domains and of all domains below them.

    Source: Mecellem App. E, "filters high-risk domains", without a list. Lists of this kind age within weeks: give a
    current one, such as the national CERT's (USOM) list of harmful links, or the UT1 categories.
    """

    filter: Literal["high_risk_domains.v1"] = "high_risk_domains.v1"
    domains: Path
    """A text file, one domain a line, `#` starts a comment."""

    def files(self) -> tuple[Path, ...]:
        """The list."""
        return (self.domains,)

    def judge(self, document: Document) -> Verdict:
        """Names the host."""
        url = document.metadata.get("url")
        if not isinstance(url, str) or not url:
            return keep()
        host = host_of(url)
        listed = _domains(self.domains, stamp(self.domains))
        return drop("high_risk_domain", host=host) if is_within(host, listed) else keep()


@cache
def _domains(path: Path, _: tuple[int, int] | None) -> frozenset[str]:
    return frozenset(host_of(entry) for entry in user_list(path))
