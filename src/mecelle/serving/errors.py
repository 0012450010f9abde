"""What a request can fail by, and what the client is told: never a path of this machine, never a traceback."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

import orjson

from mecelle.base.errors import ConfigError, InputError, MecelleError

log = logging.getLogger("mecelle.serving")

UNAVAILABLE = "The collection cannot be searched right now; please try again in a moment."


class ServiceError(MecelleError):
    """A request that has no result, with its HTTP status."""

    def __init__(self, status: int, kind: str, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status, self.kind, self.retry_after = status, kind, retry_after


def not_found(what: str) -> ServiceError:
    """The collection does not hold it."""
    return ServiceError(404, "not_found", f"{what} is not in this collection")


def invalid(message: str) -> ServiceError:
    """The client asks for what is not allowed."""
    return ServiceError(422, "invalid_request", message)


def headers_of(fault: ServiceError) -> dict[str, str]:
    """The headers that go with the status of a fault."""
    headers = {"Retry-After": f"{fault.retry_after:.0f}"} if fault.retry_after else {}
    if fault.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return headers


def not_yet_deleted(number: int) -> ServiceError:
    """A takedown is logged, but the index could not be written."""
    return ServiceError(
        503,
        "not_yet_deleted",
        f"Takedown {number} is logged, and its documents are found no more. They leave the files of the index when the "
        "build that runs has ended, or when the service starts next.",
    )


def busy() -> ServiceError:
    """Too many searches wait already."""
    return ServiceError(503, "busy", "Too many requests at once; please try again in a moment.", retry_after=1)


def too_late(seconds: float) -> ServiceError:
    """The time of a request is over."""
    return ServiceError(504, "too_late", f"No result within {seconds:g} seconds; ask for less, or try again.")


@contextmanager
def of_the_request() -> Iterator[None]:
    """Where a lower floor's InputError and ConfigError are about what the client asks, who is told them."""
    try:
        yield
    except (InputError, ConfigError) as error:
        raise invalid(str(error)) from error


def as_service_error(error: MecelleError) -> ServiceError:
    """The fault of a lower floor as a client is told it; what is wrong with this machine goes to the log alone."""
    if isinstance(error, ServiceError):
        return error
    note_fault(error)
    return ServiceError(503, "unavailable", UNAVAILABLE, retry_after=5)


def note_fault(error: Exception) -> None:
    """Tell the operator what is wrong with this machine.

    Of errors that are not ours the places alone: their messages may hold what somebody asked.
    """
    said: dict[str, object] = {"message": str(error)} if isinstance(error, MecelleError) else {}
    if not isinstance(cause := error.__cause__ or error, MecelleError):
        said["at"] = places(cause.__traceback__)
    log.error(orjson.dumps({"fault": type(error).__name__, **said}).decode())


def places(trace: TracebackType | None) -> list[str]:
    """Where an error came from."""
    return [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(trace)]
