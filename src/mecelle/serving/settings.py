"""Parameters of the service."""

import ipaddress
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field, ValidationInfo, field_validator

from mecelle.base.config import Config
from mecelle.models.endpoint import Endpoint
from mecelle.serving.answering.settings import AnswerSettings

Scope = Literal["search", "answer", "embed", "metrics", "takedown"]
"""What a token may be allowed: to search and read, to have questions answered, to embed texts, to read the figures of
operation, to take documents down."""

SCOPES: tuple[Scope, ...] = get_args(Scope)
OPEN_SCOPES: tuple[Scope, ...] = ("search", "answer", "embed", "metrics")
"""What needs no token on loopback. A takedown always needs one: somebody answers for it by name."""

LONGEST_QUERY = 1_000
"""Characters of a question; a service may allow fewer."""
LONGEST_FILTER = 100
"""Characters of a filter's value; the longest names of courts and chambers have about sixty."""
LONGEST_ID = 200
"""Characters of the id of a document; ours have about forty."""
LONGEST_KEY = 100
"""Characters of the key of an article."""
MOST_RESULTS = 1_000
"""Hits of a search; a service may allow fewer."""
MOST_TEXTS = 64
"""Texts of one request for embeddings; a service may allow fewer."""


class Limits(Config):
    """How much one client, and all together, may ask for."""

    requests_per_minute: int = Field(default=240, ge=1)
    """Of one client; twice as many for a moment are let through, then status 429 is answered."""
    answers_per_minute: int = Field(default=20, ge=1)
    """Of one client; an answer costs seconds of a language model."""
    failed_tokens_per_minute: int = Field(default=10, ge=1)
    """Wrong tokens from one address; further ones have status 429, right ones are let in."""
    body_bytes: int = Field(default=262_144, ge=1_024)
    """Longest body of a request."""
    query_characters: int = Field(default=1_000, ge=10, le=LONGEST_QUERY)
    """Longest question."""
    most_results: int = Field(default=50, ge=1, le=MOST_RESULTS)
    """Most hits of one search, and most documents like one."""
    document_characters: int = Field(default=400_000, ge=1_000)
    """Most characters of a document in one response; the rest is asked for by offset."""
    texts: int = Field(default=MOST_TEXTS, ge=1, le=MOST_TEXTS)
    """Most texts of one request for embeddings."""
    text_characters: int = Field(default=20_000, ge=1)
    """Longest text to embed."""
    search_seconds: float = Field(default=10.0, gt=0)
    """Longest time of a search, the waits for the question's vector and for a free thread included; then status 504."""
    answer_seconds: float = Field(default=60.0, gt=0)
    """Longest time that the language model has; then the best passages are the answer."""
    threads: int = Field(default=2, ge=1)
    """Searches at a time; a search is one thread's work. Much of it is Python's, of which one runs at a time: more
    threads than two made all of them slower on two cores."""
    waiting: int = Field(default=64, ge=0)
    """Searches that may wait for a thread, and questions for their vectors; further ones have status 503 at once."""


class ServiceSettings(Config):
    """What is served, to whom, and within which bounds."""

    index: Path
    """An index of `mecelle index build`."""
    host: str = Field(default="127.0.0.1", min_length=1)
    """Address to listen on. Anything but loopback needs `tokens`."""
    port: int = Field(default=8000, ge=0, le=65_535)
    """0 takes any free one."""
    names: tuple[str, ...] = ()
    """Names under which the service is reached, such as "ara.baro.example": requests for another host are refused.
    Loopback's own names are always right. A name needs `tokens`, since others reach the service by it."""
    tokens: Path | None = None
    """File of `mecelle serve token`: names, hashes and scopes. None: whoever reaches loopback may search."""
    anonymous: tuple[Scope, ...] | None = None
    """Scopes of who shows no token; None: all but takedowns without a file of tokens, nothing with one."""
    state: Path | None = None
    """Folder of what the service writes: the audit log and the log of takedowns; by default `service` beside the
    index."""
    endpoint: Endpoint | None = None
    """The language model that answers; None: the best passages are the answer."""
    answers: AnswerSettings = AnswerSettings()
    """How answers are made and checked."""
    reranker: str | None = None
    """Folder or hub id of a model that orders the best hits anew; slow without a GPU."""
    device: str = Field(default="cpu", min_length=1)
    """Where the re-ranker and the index's own model run: cpu, cuda, cuda:1, mps; models of packages stay on the
    processor."""
    limits: Limits = Limits()
    """Bounds of each request."""

    # Of one field each, so that an error names that field and not the whole of the settings.
    @field_validator("tokens")
    @classmethod
    def _strangers_need_tokens(cls, tokens: Path | None, info: ValidationInfo) -> Path | None:
        host, names = info.data.get("host"), info.data.get("names")
        if tokens is None and (names or (host and not is_loopback(host))):
            found = f"names {', '.join(names)}" if names else f"host {host}"
            raise ValueError(
                f"{found}: others than this machine can reach the service, so it needs a file of tokens: make one with "
                "`mecelle serve token`, and give it as `tokens`; or listen on 127.0.0.1"
            )
        return tokens

    @field_validator("anonymous")
    @classmethod
    def _takedowns_have_a_name(cls, anonymous: tuple[Scope, ...] | None) -> tuple[Scope, ...] | None:
        if anonymous and "takedown" in anonymous:
            raise ValueError("a takedown needs a token, since the audit log names who asked for it")
        return anonymous

    @property
    def anonymous_scopes(self) -> frozenset[Scope]:
        """Scopes of who shows no token."""
        if self.anonymous is not None:
            return frozenset(self.anonymous)
        return frozenset() if self.tokens else frozenset(OPEN_SCOPES)

    @property
    def allowed_hosts(self) -> list[str]:
        """What the header Host may say. Elsewhere than on loopback a name must be given, or any is taken: the token
        then guards alone."""
        own = ["localhost", "127.0.0.1", "[::1]", *([] if is_loopback(self.host) else [self.host])]
        return ["*"] if not is_loopback(self.host) and not self.names else [*own, *self.names]

    @property
    def state_folder(self) -> Path:
        """Where the service writes."""
        return self.state or self.index.resolve().parent / "service"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
