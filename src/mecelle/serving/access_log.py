"""One line a request, without personal data: no question, no address, no path, no message of an error."""

import logging
import time

import orjson
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mecelle.serving.errors import note_fault
from mecelle.serving.metrics import Metrics

log = logging.getLogger("mecelle.serving")

UNKNOWN_ROUTE = "unknown"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class AccessLog:
    """Writes the line, counts the request, and answers 500 for what nobody foresaw."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        scope.setdefault("state", {})
        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            note_fault(error)
            if status:  # the response has begun: all that is left is to break it off
                raise
            await _fault(scope)(scope, receive, noted)
        finally:
            self._note(scope, status, time.perf_counter() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or scope["state"].get("route", UNKNOWN_ROUTE)
        # A client may make up methods; each would stay in memory as figures of its own.
        known = scope["method"] if scope["method"] in _METHODS else "other"
        method = known if route != UNKNOWN_ROUTE else "any"
        self._metrics.requests.labels(method, route, str(status)).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "method": method,
            "route": route,
            "status": status,
            "ms": round(1000 * seconds, 1),
            "client": scope["state"].get("client", "-"),
        }
        log.info(orjson.dumps(line).decode())


def _fault(scope: Scope) -> Response:
    """What is told: by the route's own page if it is one, else in JSON."""
    if page := scope["state"].get("fault_page"):
        response: Response = page()
        return response
    fault = {"type": "internal", "message": "Something went wrong on our side; it has been noted."}
    return JSONResponse({"error": fault}, status_code=500)
