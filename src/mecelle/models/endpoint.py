"""A model behind an OpenAI-compatible server (vLLM, llama.cpp, a hosted one), asked with bounded retries."""

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from pydantic import Field

from mecelle.base.config import Config
from mecelle.base.errors import ConfigError, MecelleError

_TRY_AGAIN = frozenset({408, 425, 429})  # and every 5xx: busy or broken now, perhaps not in a moment
_EXCERPT = 200  # characters of a server's complaint that an error repeats

T = TypeVar("T")


class EndpointError(MecelleError):
    """One request had no usable answer, after all its retries."""


class RefusedError(EndpointError):
    """The server refuses the request as it is (wrong key, unknown model, too long), so that asking again is useless."""


class Endpoint(Config):
    """Where a model is served, and how patient its clients are."""

    url: str = Field(pattern=r"^https?://[^\s/]+(/\S*)?$")
    """Base URL with the version of the protocol, such as `http://localhost:8000/v1`."""
    model: str = Field(min_length=1)
    """Name of the model, as the server knows it."""
    api_key_variable: str | None = None
    """Environment variable that holds the key; none: requests carry no key. The key itself is never written down."""
    timeout_seconds: float = Field(default=120.0, gt=0)
    """Longest wait for one whole answer, in seconds."""
    retries: int = Field(default=4, ge=0)
    """Times that a request is sent again after a timeout, a lost connection, 408, 425, 429, 5xx or a broken answer."""
    first_wait_seconds: float = Field(default=1.0, ge=0)
    """Wait before the first retry; each further one doubles it. The server's Retry-After goes before it."""
    longest_wait_seconds: float = Field(default=60.0, ge=0)
    """Bound of each wait. A server that asks for a longer one is given up, rather than asked too early."""
    requests_in_flight: int = Field(default=16, ge=1)
    """Requests that one client has open at a time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said, why it stopped, and what the server counted (0 where it counts nothing)."""

    text: str
    finish_reason: str
    """`stop` when the model ended by itself, `length` when it reached the limit of new tokens."""
    prompt_tokens: int = 0
    output_tokens: int = 0
    attempts: int = 1
    """Requests that it took, the successful one included."""


class Client:
    """A client with a pool of connections, to be used by `async with`."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Raises ConfigError if the variable of the key is not set."""
        self.endpoint = endpoint
        self._free = asyncio.Semaphore(endpoint.requests_in_flight)
        self._http = httpx.AsyncClient(
            headers=_key_header(endpoint.api_key_variable),
            timeout=endpoint.timeout_seconds,
            limits=httpx.Limits(max_connections=endpoint.requests_in_flight),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def post(self, path: str, payload: Mapping[str, Any], read: Callable[[Any], T]) -> T:
        """What `read` finds in the answer to one request body of `path`; the model's name is added to `payload`.

        read: raises ValueError, LookupError, TypeError or AttributeError for JSON that is no answer.
        Raises RefusedError if the server will not have it, EndpointError if no attempt gave a usable answer.
        """
        return (await self._post(path, payload, read))[0]

    async def _post(self, path: str, payload: Mapping[str, Any], read: Callable[[Any], T]) -> tuple[T, int]:
        """The same, and how many requests it took."""
        endpoint = self.endpoint
        for attempt in range(1, endpoint.retries + 2):
            try:
                async with self._free, asyncio.timeout(endpoint.timeout_seconds):
                    return await self._ask(path, payload, read), attempt
            except TimeoutError:
                fault = _AttemptError(f"no whole answer within {endpoint.timeout_seconds:g} s")
            except httpx.RequestError as error:
                fault = _AttemptError(f"{type(error).__name__}: {error}".rstrip(": "))
            except _AttemptError as found:
                fault = found
            wait = fault.retry_after
            if wait is None:
                wait = min(endpoint.longest_wait_seconds, endpoint.first_wait_seconds * 2 ** (attempt - 1))
            if attempt > endpoint.retries or wait > endpoint.longest_wait_seconds:
                break
            await asyncio.sleep(wait)
        asks = f"; it asks to wait {wait:g} s" if fault.retry_after is not None else ""
        raise EndpointError(f"{endpoint.url}: {fault}{asks} (attempt {attempt} of {endpoint.retries + 1})")

    async def _ask(self, path: str, payload: Mapping[str, Any], read: Callable[[Any], T]) -> T:
        url = f"{self.endpoint.url.rstrip('/')}/{path}"
        response = await self._http.post(url, json={"model": self.endpoint.model, **payload})
        if response.status_code in _TRY_AGAIN or response.status_code >= 500:
            raise _AttemptError(f"status {response.status_code}", retry_after=_retry_after(response.headers))
        if not response.is_success:
            raise RefusedError(
                f"{url}: status {response.status_code}: {response.text[:_EXCERPT]!r}; check url, model "
                f"({self.endpoint.model!r}), api_key_variable and the length of the request"
            )
        try:
            return read(response.json())
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise _AttemptError(f"no answer of /{path} in its JSON ({type(error).__name__}: {error})") from error


class Chat(Client):
    """A chat model: `async with Chat(endpoint) as chat: await chat.post_chat(payload)`."""

    async def post_chat(self, payload: Mapping[str, Any]) -> Answer:
        """The answer to one request body of `/chat/completions`. Raises what `post` raises."""
        answer, attempts = await self._post("chat/completions", payload, _read)
        return replace(answer, attempts=attempts)


class _AttemptError(Exception):
    """An attempt that failed and may be made again."""

    def __init__(self, what: str, *, retry_after: float | None = None) -> None:
        super().__init__(what)
        self.retry_after = retry_after


def _read(body: Any) -> Answer:
    choice = body["choices"][0]
    text, reason = choice["message"]["content"], choice["finish_reason"]
    usage = body.get("usage") or {}
    prompt_tokens, output_tokens = (int(usage.get(name) or 0) for name in ("prompt_tokens", "completion_tokens"))
    if not isinstance(text, str) or not isinstance(reason, str):
        raise ValueError("no text or no finish_reason")
    return Answer(text, reason, prompt_tokens, output_tokens)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from `Retry-After`, which is a number or a date; None if it is absent or neither."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _key_header(variable: str | None) -> dict[str, str]:
    if variable is None:
        return {}
    if not (key := os.environ.get(variable)):
        raise ConfigError(f"api_key_variable: the environment has no {variable}: export it, or leave the field out")
    return {"Authorization": f"Bearer {key}"}
