"""What guards every request before it is read: security headers, length and time of the body."""

import asyncio

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # A question stands in the address of the page: no other site may learn it.
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_NOT_STORED = {"Cache-Control": "no-store"}


class SecurityHeaders:
    """Puts the headers on every response, those of errors too; only static files may be kept by a browser."""

    def __init__(self, app: ASGIApp, *, stored_under: str = "/static/") -> None:
        self._app, self._stored_under = app, stored_under

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        more = {} if scope["path"].startswith(self._stored_under) else _NOT_STORED

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**HEADERS, **more}.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, with_headers)


class BodyLimit:
    """Refuses a body that is too long (413), said or not, or that takes too long to come (408)."""

    def __init__(self, app: ASGIApp, *, most_bytes: int, most_seconds: float = 15.0) -> None:
        self._app, self._most, self._seconds = app, most_bytes, most_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        messages: list[Message] | None
        try:
            async with asyncio.timeout(self._seconds):
                messages = await self._read(receive)
        except TimeoutError:
            await _refused(408, "too_slow", f"The body took more than {self._seconds:g} seconds.")(scope, receive, send)
            return
        if messages is None:
            await _refused(413, "too_large", f"The body has more than {self._most:,} bytes.")(scope, receive, send)
            return

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await self._app(scope, replay, send)

    async def _read(self, receive: Receive) -> list[Message] | None:
        """All of the body, since no route of ours takes one that does not fit into memory; None if it is too long."""
        messages: list[Message] = []
        length = 0
        while True:
            message = await receive()
            messages.append(message)
            length += len(message.get("body", b""))
            if length > self._most:
                return None
            if message["type"] != "http.request" or not message.get("more_body"):
                return messages


def _refused(status: int, kind: str, message: str) -> JSONResponse:
    return JSONResponse({"error": {"type": kind, "message": message}}, status_code=status)
