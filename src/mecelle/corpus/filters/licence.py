"""Documents that nobody has said may be used."""

import re
from fnmatch import fnmatchcase
from typing import Literal

from mecelle.base.document import Document
from mecelle.corpus.filters import Filter, filters
from mecelle.corpus.verdict import Verdict, drop, keep
from mecelle.text.casing import ascii_fold, fold

_SEVERAL = re.compile(r"\s+/\s+|\s*[;,]\s*")
"""Between licences of the parts of one work: all must be allowed."""
_NOTHING_SAID = frozenset((
    "", "-", "?", "none", "none stated", "not stated", "no licence", "no license", "unknown", "unclear", "other", "n/a",
    "na", "null", "yok", "belirtilmemis", "bilinmiyor", "belirsiz",
))  # fmt: skip


@filters.register("licence.v1")
class Licence(Filter):
    """Drop documents of unclear or unsuitable licence. Source: Mecellem §3.3.4 and App. D, which name no licences.

    Official texts need none: laws, regulations and court decisions that were officially published may be copied,
    adapted and used freely (Law on Intellectual and Artistic Works, FSEK, No. 5846, art. 31).
    """

    filter: Literal["licence.v1"] = "licence.v1"
    allowed: tuple[str, ...] = (
        "public domain*", "cc0*", "cc by [1-4]*", "cc-by-[1-4]*", "cc by-sa*", "cc-by-sa*", "mit*", "apache*", "bsd*",
        "psf*", "odc-by*", "odbl*", "kamu mali*",
    )  # fmt: skip
    """Patterns (`*`, `?`, `[1-4]`) over the whole of the metadata field `licence`; case and Turkish letters do not
    matter. Licences that forbid commercial use or changes (NC, ND) match none."""
    official_kinds: tuple[str, ...] = ("decision", "statute", "article", "regulation")
    """Kinds that FSEK art. 31 frees."""

    def judge(self, document: Document) -> Verdict:
        """Names the licence as it stands."""
        if document.metadata.get("kind") in self.official_kinds:
            return keep()
        said = document.metadata.get("licence")
        # An identifier is no Turkish text: "MIT" and "mit" are one, whatever the case mapping of I.
        plain = ascii_fold(fold(str(said if said is not None else ""))).strip()
        parts = [plain] if plain in _NOTHING_SAID else _SEVERAL.split(plain)
        if not _NOTHING_SAID.isdisjoint(parts):
            return drop("unclear_licence", licence=said)
        if all(any(fnmatchcase(part, pattern) for pattern in self.allowed) for part in parts):
            return keep()
        return drop("licence_not_allowed", licence=said)
