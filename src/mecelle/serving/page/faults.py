"""What a page says where it has nothing to show: in words, without what was sent and without a path of this machine."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from mecelle.base.errors import MecelleError
from mecelle.serving.access import COOKIE
from mecelle.serving.errors import ServiceError, as_service_error
from mecelle.serving.page.rendering import page

_TOLD = (401, 403, 404, 422, 429, 500, 503, 504)
"""Statuses that have words of their own in the catalogue."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """A route whose faults are pages."""

    def get_route_handler(self) -> Handler:
        """The route's handler, with faults told as pages."""
        handle = super().get_route_handler()

        async def told(request: Request) -> Response:
            request.scope["state"]["fault_page"] = lambda: fault_page(request, 500)
            try:
                return await handle(request)
            except RequestValidationError:
                return fault_page(request, 422)
            except MecelleError as error:
                return page_of(request, as_service_error(error))

        return told


def page_of(request: Request, fault: ServiceError) -> Response:
    """The page of a fault: for who is not known, the one to log in."""
    headers = {"Retry-After": f"{fault.retry_after:.0f}"} if fault.retry_after else {}
    if fault.status == 401:
        wrong = "login_ended" if fault.kind == "wrong_token" else None
        response: Response = login_page(request, fault=wrong, back=_address(request))
        response.headers["WWW-Authenticate"] = "Bearer"
        if wrong:
            response.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return response
    response = fault_page(request, fault.status)
    response.headers.update(headers)
    return response


def fault_page(request: Request, status: int) -> Response:
    """What went wrong, and what to do."""
    told = status if status in _TOLD else 500 if status >= 500 else 422
    return page(request, "fault.html", status=status, told=told, again=_address(request))


def unknown_page(request: Request, error: HTTPException) -> Response | None:
    """The page of an address that does not exist; None for a program, which is told in JSON."""
    if "text/html" not in request.headers.get("accept", "") or request.url.path.startswith("/v1/"):
        return None
    response = fault_page(request, error.status_code)
    response.headers.update(error.headers or {})
    return response


def login_page(request: Request, *, fault: str | None, back: str, status: int = 401) -> Response:
    """The form that takes a token. fault: key of the message; back: where to go on."""
    return page(request, "login.html", status=status, fault=fault, back=back)


def _address(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path + query if request.method == "GET" else "/"
