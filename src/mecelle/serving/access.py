"""Who asks, and whether they may: tokens, scopes, rates."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from mecelle.serving.errors import ServiceError
from mecelle.serving.rates import RateLimiter, network_of
from mecelle.serving.settings import Scope, ServiceSettings
from mecelle.serving.tokens import Tokens

COOKIE = "mecelle_token"
"""Holds the token of a person who uses the page: HttpOnly, SameSite=Strict."""

ANONYMOUS = "-"
_BEARER = re.compile(r"(?i:bearer) +(?P<secret>\S+) *")
_SCHEME = HTTPBearer(
    description="Of `mecelle serve token`. On loopback, a service without a file of tokens asks for none.",
    auto_error=False,
)
"""For the schema alone: who asks is found by `Access`, which also reads the cookie and counts wrong tokens."""


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks."""

    name: str
    """Of the token; `-` without one."""
    scopes: frozenset[Scope]
    key: str
    """What its requests are counted by."""


class Access:
    """Decides on every request."""

    def __init__(self, settings: ServiceSettings) -> None:
        """Raises ConfigError if the file of tokens cannot be read."""
        limits = settings.limits
        self.tokens = Tokens(settings.tokens) if settings.tokens else None
        self._anonymous = settings.anonymous_scopes
        self._requests = RateLimiter(limits.requests_per_minute)
        self._answers = RateLimiter(limits.answers_per_minute)
        self._failures = RateLimiter(limits.failed_tokens_per_minute)

    def admit(self, request: Request, scope: Scope) -> Client:
        """The client, if it may. Raises ServiceError: 401 no or a wrong token, 403 not its scope, 429 too often."""
        client = self.identify(request)
        request.scope["state"]["client"] = client.name
        _require_rate(self._requests.wait(client.key))
        self.check(client, scope)
        return client

    def check(self, client: Client, scope: Scope) -> None:
        """Raises ServiceError if the client lacks the scope (401, 403) or asks for too many answers (429)."""
        if scope not in client.scopes:
            if client.name == ANONYMOUS:
                raise ServiceError(401, "no_token", "This needs a token: send it as `Authorization: Bearer ...`.")
            raise ServiceError(403, "not_allowed", f"The token '{client.name}' lacks the scope '{scope}'.")
        if scope == "answer":
            _require_rate(self._answers.wait(client.key))

    def identify(self, request: Request) -> Client:
        """The client by its token, or else as anonymous. Raises ServiceError for a token that is none."""
        stranger = Client(ANONYMOUS, self._anonymous, f"address {_network(request)}")
        secret = _secret(request)
        if secret is None or (self.tokens is None and "authorization" not in request.headers):
            return stranger  # browsers send a cookie to every port of a host: it may be of another service
        return self.recognise(secret, request)

    def recognise(self, secret: str, request: Request) -> Client:
        """The client whose token this is. Raises ServiceError: 401 for none, 429 after too many wrong ones."""
        token = self.tokens.find(secret) if self.tokens else None
        if token is None:  # a right one is never slowed: others may share its address, behind a proxy or an office's
            _require_rate(self._failures.wait(_network(request)))
            raise ServiceError(401, "wrong_token", "This token is unknown or has ended.")
        return Client(token.name, frozenset(token.scopes), f"token {token.name}")


def needs(scope: Scope) -> Callable[..., Awaitable[Client]]:
    """The dependency of a route that needs `scope`."""

    token = Security(_SCHEME, scopes=[scope])

    async def admit(request: Request, _: Annotated[HTTPAuthorizationCredentials | None, token]) -> Client:
        access: Access = request.app.state.access
        return access.admit(request, scope)

    return admit


def free_for(schema: dict[str, Any], anonymous: frozenset[Scope]) -> dict[str, Any]:
    """The OpenAPI schema, which names a scope for each call: no token is asked for where strangers have that scope."""
    for operations in schema["paths"].values():
        for operation in operations.values():
            asked = operation.get("security", [])
            if asked and all(anonymous.issuperset(scopes) for one in asked for scopes in one.values()):
                operation["security"] = [{}, *(one for one in asked if one)]
    return schema


def _network(request: Request) -> str:
    return network_of(request.client.host if request.client else "-")


def _secret(request: Request) -> str | None:
    header = request.headers.get("authorization")
    if header is None:
        return request.cookies.get(COOKIE)
    match = _BEARER.fullmatch(header)
    if match is None:
        raise ServiceError(401, "wrong_token", "Expected `Authorization: Bearer ...`.")
    return match["secret"]


def _require_rate(seconds: float) -> None:
    if seconds:
        message = f"Too many requests; the next one may come in {seconds:.0f} seconds."
        raise ServiceError(429, "too_many_requests", message, retry_after=max(1.0, seconds))
