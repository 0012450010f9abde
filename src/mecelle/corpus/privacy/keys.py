"""The key of pseudonyms and sealed values: kept apart from the corpus, never written by Mecelle."""

import hmac
import os
import re
from pathlib import Path

from mecelle.base.config import Config
from mecelle.base.errors import ConfigError

_HEX = re.compile(r"[0-9a-fA-F]{64}")
_HOW = "make one with: python -c 'import secrets; print(secrets.token_hex(32))'"


class KeySource(Config):
    """Where the key is read from: 64 hexadecimal digits. Only this place enters the run record, never the key."""

    file: Path | None = None
    """A file with the key alone; null reads the environment variable."""
    variable: str = "MECELLE_PRIVACY_KEY"
    """An environment variable with the key."""


class Key:
    """A secret of 32 bytes, and the keys for single purposes that are drawn from it. Its `repr` does not show it."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def derive(self, purpose: str) -> bytes:
        """64 bytes for one purpose; nobody finds the secret, or the key of another purpose, from them."""
        return hmac.digest(self._secret, f"mecelle privacy: {purpose}".encode(), "sha512")

    @property
    def fingerprint(self) -> str:
        """Eight characters that tell two keys apart and say nothing about either: for keys of half-done work."""
        return self.derive("fingerprint").hex()[:8]


def read_key(source: KeySource) -> Key:
    """The key at `source`. Raises ConfigError, which never quotes what it found, if it is absent or malformed."""
    if source.file is not None:
        place = str(source.file)
        try:
            text = source.file.read_text(encoding="ascii", errors="replace")
        except OSError as error:
            raise ConfigError(f"key file {place}: {error.strerror}; {_HOW} and keep it apart from the corpus") from None
    else:
        place = f"environment variable {source.variable}"
        text = os.environ.get(source.variable, "")
        if not text:
            raise ConfigError(f"no key: {place} is not set and no key file is named; {_HOW}")
    if not _HEX.fullmatch(text.strip()):
        raise ConfigError(f"{place}: {len(text.strip())} characters; a key is 64 hexadecimal digits; {_HOW}")
    return Key(bytes.fromhex(text.strip()))
