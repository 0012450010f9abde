"""The same calls as tools for lawyers' assistants, by the Model Context Protocol."""

import datetime
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Annotated, Any, TypeAlias, TypeVar

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Send
from starlette.types import Scope as Connection

from mecelle.base.errors import MecelleError
from mecelle.retrieval.config import Mode
from mecelle.serving import views
from mecelle.serving.access import Access, Client
from mecelle.serving.errors import ServiceError, as_service_error, headers_of, note_fault
from mecelle.serving.service import Service
from mecelle.serving.settings import LONGEST_ID, LONGEST_KEY, MOST_RESULTS, Scope

PATH = "/mcp"
_INSTRUCTIONS = (
    "Turkish law: court decisions and articles of acts. Search first, then read what you cite. Cite decisions by the "
    "field `citation`, word for word. `answer` gives sentences that were checked against their passages; other text "
    "of yours was not."
)
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)

T = TypeVar("T")
Most: TypeAlias = Annotated[int, Field(ge=1, le=MOST_RESULTS, description="Most hits.")]
DocumentId: TypeAlias = Annotated[str, Field(min_length=1, max_length=LONGEST_ID, description="As search gives it.")]
Narrowed: TypeAlias = Annotated[views.FilterView | None, Field(description="What every hit must be.")]
_client: ContextVar[Client | None] = ContextVar("client", default=None)


def make_server(service: Service, *, guard: Callable[[Scope], None] = lambda scope: None) -> MCPServer[Any]:
    """The tools over a service. guard: raises ServiceError if the client may not use a scope; on stdio all may."""
    server: MCPServer[Any] = MCPServer("mecelle", title="Mecelle", instructions=_INSTRUCTIONS)

    _keep_silent()

    async def told(scope: Scope, call: Callable[[], Awaitable[T]]) -> T:
        try:
            guard(scope)
            return await call()
        except MecelleError as error:
            raise ToolError(str(as_service_error(error))) from None
        except Exception as error:
            note_fault(error)
            raise ToolError("Something went wrong on our side; it has been noted.") from None

    @server.tool(annotations=_READS)
    async def search(
        query: Annotated[str, Field(description="A question, words, a case number (2024/3494), an article (TBK 49).")],
        k: Most = 10,
        skip: Annotated[int, Field(ge=0, le=MOST_RESULTS, description="Best hits that are passed over.")] = 0,
        filters: Narrowed = None,
        mode: Annotated[
            Mode | None, Field(description="By words, by meaning, or both; without it, as the index was built.")
        ] = None,
    ) -> views.SearchResult:
        """Search decisions and articles; the best passage of each comes with its citation."""
        asked = {"query": query, "filters": filters or {}, "k": k, "skip": skip, "mode": mode}
        return await told("search", lambda: service.search(views.parse(views.SearchRequest, asked)))

    @server.tool(annotations=_READS)
    async def read_document(
        document_id: DocumentId,
        start: Annotated[int, Field(ge=0, description="First character.")] = 0,
        characters: Annotated[int, Field(ge=1, le=400_000)] = 20_000,
    ) -> views.DocumentView:
        """Read a document, or a part of it, with its sections and what it cites."""
        return await told("search", lambda: service.document(document_id, start=start, characters=characters))

    @server.tool(annotations=_READS)
    async def read_sections(document_id: DocumentId) -> views.SectionsView:
        """The sections of a decision: reasoning, ruling, dissent and so on, where they are known."""
        return await told("search", lambda: service.sections(document_id))

    @server.tool(annotations=_READS)
    async def similar_documents(document_id: DocumentId, k: Most = 10) -> views.SimilarResult:
        """The documents most like one."""
        return await told("search", lambda: service.similar(document_id, k=k))

    @server.tool(annotations=_READS)
    async def read_article(
        key: Annotated[str, Field(min_length=1, max_length=LONGEST_KEY, description="As citations give it: 6098:m49.")],
        on: Annotated[datetime.date | None, Field(description="As it stood on this day: 2024-05-29.")] = None,
    ) -> views.ArticleView:
        """An article of an act, with cautions where it is repealed or has changed since."""
        return await told("search", lambda: service.article(key, on=on.isoformat() if on else None))

    @server.tool(annotations=_READS)
    async def answer(query: str, filters: Narrowed = None) -> views.AnswerResult:
        """A short answer whose every sentence was checked against the passages it names; else the passages alone."""
        asked = {"query": query, "filters": filters or {}}
        return await told("answer", lambda: service.answer(views.parse(views.AnswerRequest, asked)))

    return server


class _Faults(logging.Handler):
    """Keeps of the SDK's log where faults came from. Its messages hold what clients typed."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and isinstance(error := record.exc_info[1], Exception):
            note_fault(error)


def _keep_silent() -> None:
    logger = logging.getLogger("mcp")
    logger.handlers, logger.propagate = [_Faults()], False


def _refuse(fault: ServiceError, headers: dict[str, str]) -> JSONResponse:
    body = {"error": {"type": fault.kind, "message": str(fault)}}
    return JSONResponse(body, status_code=fault.status, headers=headers)


class HttpTools:
    """The tools over HTTP, behind the same tokens, scopes and rates as the rest. Keeps no sessions."""

    def __init__(self, service: Service, access: Access) -> None:
        self._access = access
        self._server = make_server(service, guard=self._guard)
        self._server.streamable_http_app(
            stateless_http=True,
            json_response=True,
            max_request_body_size=service.limits.body_bytes,
            # Hosts are checked for the whole service.
            transport_security=None,
            host="0.0.0.0",
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While the service runs."""
        async with self._server.session_manager.run():
            yield

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["route"] = PATH
        if scope["method"] != "POST":
            # The SDK would open a stream for the server's own messages. There are none, so it would only hold a place.
            fault = ServiceError(405, "not_allowed", f"{PATH} takes POST alone: this server sends nothing unasked.")
            await _refuse(fault, {"Allow": "POST"})(scope, receive, send)
            return
        try:
            client = self._access.admit(Request(scope), "search")
        except MecelleError as error:
            fault = as_service_error(error)
            await _refuse(fault, headers_of(fault))(scope, receive, send)
            return
        token = _client.set(client)
        try:
            await self._server.session_manager.handle_request(scope, receive, send)
        finally:
            _client.reset(token)

    def _guard(self, scope: Scope) -> None:
        client = _client.get()
        assert client is not None, "the tools run within the request that carries them"
        self._access.check(client, scope)
