"""The same calls as tools for lawyers' assistants, by the Model Context Protocol."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Annotated, Any, TypeVar

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Send
from starlette.types import Scope as Connection

from mecelle.base.errors import MecelleError
from mecelle.serving import views
from mecelle.serving.access import Access, Client
from mecelle.serving.errors import as_service_error
from mecelle.serving.service import Service
from mecelle.serving.settings import Scope

PATH = "/mcp"
_INSTRUCTIONS = (
    "Turkish law: court decisions and articles of acts. Search first, then read what you cite. Cite decisions by the "
    "field `citation`, word for word. `answer` gives sentences that were checked against their passages; other text "
    "of yours was not."
)
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)

T = TypeVar("T")
M = TypeVar("M", bound=views.Asked)
_client: ContextVar[Client | None] = ContextVar("client", default=None)


def make_server(service: Service, *, guard: Callable[[Scope], None] = lambda scope: None) -> MCPServer[Any]:
    """The tools over a service. guard: raises ServiceError if the client may not use a scope; on stdio all may."""
    server: MCPServer[Any] = MCPServer("mecelle", title="Mecelle", instructions=_INSTRUCTIONS)

    async def told(scope: Scope, call: Callable[[], Awaitable[T]]) -> T:
        try:
            guard(scope)
            return await call()
        except MecelleError as error:
            raise ToolError(
                str(as_service_error(error)).replace(str(service.settings.index), "the collection")
            ) from None

    @server.tool(annotations=_READS)
    async def search(
        query: Annotated[str, Field(description="A question, words, a case number (2024/3494), an article (TBK 49).")],
        k: Annotated[int, Field(ge=1, le=50)] = 10,
        kind: Annotated[str | None, Field(description="decision, statute, article, regulation, ...")] = None,
        court: Annotated[str | None, Field(description="Yargıtay, Danıştay, ...")] = None,
        law_number: Annotated[str | None, Field(description="Act that is searched itself: 6098.")] = None,
        sections: Annotated[
            tuple[str, ...], Field(description="Only passages from: reasoning, ruling, dissent, claim, defense, ...")
        ] = (),
    ) -> views.SearchResult:
        """Search decisions and articles; the best passage of each comes with its citation."""
        filters = {"kind": kind, "court": court, "law_number": law_number, "sections": sections}
        return await told("search", lambda: service.search(_asked(views.SearchRequest, query, filters, k=k)))

    @server.tool(annotations=_READS)
    async def read_document(
        document_id: Annotated[str, Field(description="As search gives it.")],
        start: Annotated[int, Field(ge=0, description="First character.")] = 0,
        characters: Annotated[int, Field(ge=1, le=400_000)] = 20_000,
    ) -> views.DocumentView:
        """Read a document, or a part of it, with its sections and what it cites."""
        return await told("search", lambda: service.document(document_id, start=start, characters=characters))

    @server.tool(annotations=_READS)
    async def read_sections(document_id: str) -> views.SectionsView:
        """The sections of a decision: reasoning, ruling, dissent and so on, where they are known."""
        return await told("search", lambda: service.sections(document_id))

    @server.tool(annotations=_READS)
    async def similar_documents(document_id: str, k: Annotated[int, Field(ge=1, le=50)] = 10) -> views.SimilarResult:
        """The documents most like one."""
        return await told("search", lambda: service.similar(document_id, k=k))

    @server.tool(annotations=_READS)
    async def read_article(
        key: Annotated[str, Field(description="As citations give it: 6098:m49.")],
        on: Annotated[str | None, Field(description="As it stood on this day, as 2024-05-29.")] = None,
    ) -> views.ArticleView:
        """An article of an act, with cautions where it is repealed or has changed since."""
        return await told("search", lambda: service.article(key, on=on))

    @server.tool(annotations=_READS)
    async def answer(query: str) -> views.AnswerResult:
        """A short answer whose every sentence was checked against the passages it names; else the passages alone."""
        return await told("answer", lambda: service.answer(_asked(views.AnswerRequest, query, {})))

    return server


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
        try:
            client = self._access.admit(Request(scope), "search")
        except MecelleError as error:
            fault = as_service_error(error)
            body = {"error": {"type": fault.kind, "message": str(fault)}}
            await JSONResponse(body, status_code=fault.status)(scope, receive, send)
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


def _asked(model: type[M], query: str, filters: dict[str, Any], **more: Any) -> M:
    given = {name: value for name, value in filters.items() if value}
    return views.parse(model, {"query": query, "filters": given, **more})
