"""Tokens of clients: random, shown once, kept as a hash with a name, scopes and a last day."""

import datetime
import hashlib
import os
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import orjson
from pydantic import Field, ValidationError

from mecelle.base.config import Config
from mecelle.base.errors import ConfigError
from mecelle.serving.settings import SCOPES, Scope

_PREFIX = "mecelle_"
_NAME = re.compile(r"[\w.-]{1,64}")


class Token(Config):
    """One client."""

    name: str = Field(pattern=rf"^{_NAME.pattern}$")
    """Who it is: stands in logs, so no person's name."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Of the secret. It has 256 random bits, so that a fast hash without salt tells nothing."""
    scopes: tuple[Scope, ...]
    last_day: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    """ISO; None does not end."""


class Tokens:
    """The file of tokens, read again when it has changed, so that a token that is taken out is refused at once."""

    def __init__(self, path: Path) -> None:
        """Raises ConfigError if the file is absent or not of this kind."""
        self.path = path
        self._seen: tuple[int, int] | None = None
        self._by_hash: dict[str, Token] = {}
        self._refresh()

    def find(self, secret: str, *, today: datetime.date | None = None) -> Token | None:
        """The token with this secret, if it is there and its last day has not passed."""
        self._refresh()
        token = self._by_hash.get(digest(secret))
        day = (today or datetime.date.today()).isoformat()
        return token if token and (token.last_day is None or day <= token.last_day) else None

    def _refresh(self) -> None:
        try:
            status = self.path.stat()
        except FileNotFoundError:
            raise ConfigError(f"{self.path}: no such file of tokens; make one with `mecelle serve token`") from None
        seen = (status.st_mtime_ns, status.st_size)
        if seen != self._seen:
            self._by_hash, self._seen = {token.sha256: token for token in read_tokens(self.path)}, seen


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def read_tokens(path: Path) -> list[Token]:
    """All tokens of a file, one JSON object a line. Raises ConfigError for a line that is none."""
    tokens = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            tokens.append(Token.model_validate_json(line))
        except ValidationError as error:
            raise ConfigError(f"{path}: line {number}: {error.errors()[0]['msg']}; make it anew") from None
    return tokens


def add_token(path: Path, name: str, scopes: Sequence[str], *, last_day: str | None = None) -> str:
    """Add a token to the file, which only its owner may read, and return its secret, which nobody can read later.

    Raises ConfigError for an unknown scope, a last day that is no ISO date, or a name that is there or has other
    characters than letters, digits, `._-`.
    """
    if not scopes or (unknown := [scope for scope in scopes if scope not in SCOPES]):
        found = f"scope '{unknown[0]}' is unknown" if scopes else "no scope"
        raise ConfigError(f"{found}; allowed: {', '.join(SCOPES)}")
    if not _NAME.fullmatch(name):
        raise ConfigError(f"name '{name}': allowed are up to 64 letters, digits and ._-")
    if last_day is not None and not _is_day(last_day):
        raise ConfigError(f"last day '{last_day}': expected a day such as 2027-12-31")
    tokens = read_tokens(path) if path.exists() else []
    if any(token.name == name for token in tokens):
        raise ConfigError(f"{path}: there is a token '{name}' already; choose another name, or remove it first")
    secret = _PREFIX + secrets.token_urlsafe(32)
    new = Token.model_validate_json(
        orjson.dumps({"name": name, "sha256": digest(secret), "scopes": list(scopes), "last_day": last_day})
    )
    _write(path, [*tokens, new])
    return secret


def remove_token(path: Path, name: str) -> None:
    """Take a token out; a running service refuses it from then on. Raises ConfigError if it is not there."""
    tokens = read_tokens(path) if path.exists() else []
    left = [token for token in tokens if token.name != name]
    if len(left) == len(tokens):
        raise ConfigError(f"{path}: no token '{name}'; there are: {', '.join(t.name for t in tokens) or 'none'}")
    _write(path, left)


def _is_day(text: str) -> bool:
    with suppress(ValueError):
        return datetime.date.fromisoformat(text).isoformat() == text
    return False


def _write(path: Path, tokens: list[Token]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(token.model_dump_json() + "\n" for token in tokens)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
