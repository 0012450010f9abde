"""The application: the service behind its guards."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Route

from mecelle import __version__
from mecelle.base.errors import MecelleError
from mecelle.base.protocols import TextEncoder
from mecelle.serving import api, mcp, pages
from mecelle.serving.access import Access, free_for
from mecelle.serving.access_log import AccessLog
from mecelle.serving.errors import as_service_error, headers_of
from mecelle.serving.page.faults import unknown_page
from mecelle.serving.security import BodyLimit, SecurityHeaders
from mecelle.serving.service import Service
from mecelle.serving.settings import ServiceSettings

_DESCRIPTION = "Search over Turkish law: decisions by section, articles in force, answers with checked citations."


def create_app(settings: ServiceSettings, *, encoder: TextEncoder | None = None) -> FastAPI:
    """The service as an ASGI application; index and models are loaded here.

    encoder: the index's model if it is loaded already. Raises what `Service` and `Access` raise.
    """
    access, service = Access(settings), Service(settings, encoder=encoder)
    tools = mcp.HttpTools(service, access)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with tools.running():
            yield
        await service.close()

    app = FastAPI(
        title="Mecelle",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=lifespan,
        # Their pages load scripts from elsewhere, which the security headers forbid; /openapi.json is there.
        docs_url=None,
        redoc_url=None,
    )
    app.state.service, app.state.access = service, access
    app.include_router(api.router)
    app.include_router(api.open_router)
    app.router.routes.append(Route(mcp.PATH, tools))  # an ASGI application, which is given any method
    pages.add_to(app)
    app.openapi_schema = free_for(app.openapi(), settings.anonymous_scopes)
    _tell_faults(app)
    # The last is the outermost: whatever fails within is counted, and leaves with the headers.
    app.add_middleware(BodyLimit, most_bytes=settings.limits.body_bytes)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=settings.allowed_hosts, www_redirect=False)
    app.add_middleware(AccessLog, metrics=service.metrics)
    app.add_middleware(SecurityHeaders)
    return app


def _tell_faults(app: FastAPI) -> None:
    """Every fault in one form, without what was sent and without a path of this machine."""

    @app.exception_handler(MecelleError)
    async def _(request: Request, error: MecelleError) -> JSONResponse:
        fault = as_service_error(error)
        return _fault(fault.status, fault.kind, str(fault), headers_of(fault))

    @app.exception_handler(RequestValidationError)
    async def _(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return _fault(422, "invalid_request", f"{where}: {first['msg']}", {})

    @app.exception_handler(HTTPException)
    async def _(request: Request, error: HTTPException) -> Response:
        if page := unknown_page(request, error):
            return page
        kinds = {400: "invalid_request", 404: "not_found", 405: "not_allowed"}
        kind = kinds.get(error.status_code, "refused")
        return _fault(error.status_code, kind, str(error.detail), dict(error.headers or {}))


def _fault(status: int, kind: str, message: str, headers: dict[str, str]) -> JSONResponse:
    safe = message.encode("utf-8", "replace").decode()  # a lone surrogate of a key would break the answer
    return JSONResponse({"error": {"type": kind, "message": safe}}, status_code=status, headers=headers)
