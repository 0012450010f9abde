"""What a request can fail by, and what the client is told: never a path of this machine, never a traceback."""

from mecelle.base.errors import ConfigError, InputError, MecelleError

UNAVAILABLE = "The collection cannot be searched right now; please try again in a moment."


class ServiceError(MecelleError):
    """A request that has no result, with its HTTP status."""

    def __init__(self, status: int, kind: str, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status, self.kind, self.retry_after = status, kind, retry_after


def not_found(what: str) -> ServiceError:
    """The collection does not hold it."""
    return ServiceError(404, "not_found", f"{what} is not in this collection")


def busy() -> ServiceError:
    """Too many searches wait already."""
    return ServiceError(503, "busy", "Too many requests at once; please try again in a moment.", retry_after=1)


def too_late(seconds: float) -> ServiceError:
    """The time of a request is over."""
    return ServiceError(504, "too_late", f"No result within {seconds:g} seconds; ask for less, or try again.")


def as_service_error(error: MecelleError) -> ServiceError:
    """The fault of a lower floor as a client is told it; what is wrong with this machine stays here."""
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, InputError | ConfigError):
        return ServiceError(422, "invalid_request", str(error))
    return ServiceError(503, "unavailable", UNAVAILABLE, retry_after=5)
