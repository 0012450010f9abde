"""Identifiers become typed tags or consistent pseudonyms; where they stood is kept, what they were only with a key."""

from typing import Any, Literal

from mecelle.base.config import Config
from mecelle.corpus.privacy.keys import Key, KeySource, read_key
from mecelle.corpus.privacy.pseudonyms import Pseudonyms
from mecelle.corpus.privacy.sealing import Sealer
from mecelle.text.identifiers import TAGS, Identifier, Kind, disjoint, find_identifiers, replace
from mecelle.text.names import find_names

IDENTIFIER_KINDS: tuple[Kind, ...] = tuple(kind for kind in TAGS if kind != "name")


class Masking(Config):
    """What is masked, by what, and whether it can be undone."""

    kinds: tuple[Kind, ...] = IDENTIFIER_KINDS
    """Kinds of mecelle.text.identifiers; an empty list masks none of them."""
    names: bool = False
    """Names of private parties, counsel and witnesses too (mecelle.text.names). Meant for decisions."""
    style: Literal["tags", "pseudonyms"] = "tags"
    """`[TCKN]`, or a stand-in that is the same for the same value."""
    key: KeySource | None = None
    """Where the key is; pseudonyms need one. With one the originals are kept, sealed; without, nothing comes back."""


class Masker:
    """Masks texts by one configuration. Holds the key: make it where it is used, do not store it in a step."""

    def __init__(self, config: Masking) -> None:
        """Raises ConfigError if pseudonyms are asked for without a key, or the key cannot be read."""
        self._kinds = frozenset(config.kinds)
        self._names = config.names or "name" in config.kinds
        key = _key(config)
        self._sealer = Sealer(key) if key else None
        self._pseudonyms = Pseudonyms(key) if key and config.style == "pseudonyms" else None

    def mask(self, text: str, *, document_id: str) -> tuple[str, list[dict[str, Any]]]:
        """The masked text, and {kind, start, end} of each identifier in the text as it was.

        With a key each row also has `sealed`, which `mecelle.corpus.privacy.reveal` opens; it fits this document alone.
        """
        found = self._find(text)
        rows: list[dict[str, Any]] = [{"kind": one.kind, "start": one.start, "end": one.end} for one in found]
        if self._sealer:
            for row, one in zip(rows, found, strict=True):
                row["sealed"] = self._sealer.seal(one, document_id=document_id)
        return replace(text, found, self._stand_in), rows

    def _find(self, text: str) -> list[Identifier]:
        found = [one for one in find_identifiers(text) if one.kind in self._kinds] if self._kinds else []
        return disjoint([*found, *find_names(text)]) if self._names else found

    def _stand_in(self, one: Identifier) -> str:
        return self._pseudonyms.of(one) if self._pseudonyms else TAGS[one.kind]


def key_fingerprint(config: Masking) -> str:
    """Eight characters that stand for the key of `config`, "" without one: half-done work of another key does not fit.

    Raises ConfigError if the key cannot be read: ask before hours of other steps.
    """
    key = _key(config)
    return key.fingerprint if key else ""


def _key(config: Masking) -> Key | None:
    return read_key(config.key or KeySource()) if config.key or config.style == "pseudonyms" else None


def mask_identifiers(text: str, config: Masking) -> tuple[str, list[dict[str, Any]]]:
    """One text masked by `config`: see `Masker`, which is faster for many. Sealed rows fit the document id ""."""
    return Masker(config).mask(text, document_id="")
