"""Originals under lock: deterministic authenticated encryption (AES-SIV, RFC 5297), so that builds stay byte-equal."""

from base64 import b64decode, b64encode
from typing import Any

from mecelle.base.errors import InputError, MismatchError, require
from mecelle.corpus.privacy.keys import Key
from mecelle.text.identifiers import Identifier


class Sealer:
    """Seals and opens values under one key.

    Kind, document and place are authenticated with the value: equal values in two documents have different seals, and a
    seal that was moved does not open.
    """

    def __init__(self, key: Key) -> None:
        """Raises MissingPackageError without the package cryptography."""
        aead = require("cryptography.hazmat.primitives.ciphers.aead", extra="privacy", why="masking with a key")
        self._invalid = require("cryptography.exceptions", extra="privacy", why="masking with a key").InvalidTag
        self._cipher: Any = aead.AESSIV(key.derive("seals"))

    def seal(self, one: Identifier, *, document_id: str) -> str:
        """The text of an identifier, encrypted, in base64."""
        sealed: bytes = self._cipher.encrypt(one.text.encode(), _context(one.kind, one.start, document_id))
        return b64encode(sealed).decode()

    def open(self, sealed: str, *, kind: str, start: int, document_id: str) -> str:
        """What was sealed. Raises MismatchError if key, kind, place or document is another, InputError if damaged."""
        try:
            value: bytes = self._cipher.decrypt(b64decode(sealed, validate=True), _context(kind, start, document_id))
        except self._invalid:
            raise MismatchError(
                f"{kind} at character {start} of document {document_id!r} does not open: the key is not the one that "
                "the build had, or the row belongs to another document; pass the key of that build"
            ) from None
        except ValueError as error:
            raise InputError(
                f"{kind} at character {start} of document {document_id!r}: no sealed value: {error}"
            ) from None
        return value.decode()


def _context(kind: str, start: int, document_id: str) -> list[bytes]:
    return [kind.encode(), str(start).encode(), document_id.encode()]
