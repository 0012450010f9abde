"""The pages: each is a call of the service, shown by a template."""

import asyncio
import datetime
from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from mecelle.retrieval.holdings import NotHeldError
from mecelle.serving import views
from mecelle.serving.access import COOKIE, Access, Client, needs
from mecelle.serving.errors import ServiceError, invalid, not_found, note_fault
from mecelle.serving.page.faults import PageRoute, login_page
from mecelle.serving.page.form import PAGE, document_address, read_form
from mecelle.serving.page.overview import Overviews
from mecelle.serving.page.reading import article_keys, lay_out
from mecelle.serving.page.rendering import page, static_files, static_headers
from mecelle.serving.service import Service
from mecelle.serving.settings import LONGEST_KEY

_PART = 120_000
"""Characters of a document on one page."""
_SIMILAR = 5
_LOGIN_DAYS = 30
_LOGIN_FIELDS = 8

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Searcher = Annotated[Client, Depends(needs("search"))]


def add_to(app: FastAPI) -> None:
    """Put the pages into the application."""
    app.state.overviews = Overviews(app.state.service)
    for name in static_files():
        app.add_api_route(f"/static/{name}", _file(name), methods=["GET"], include_in_schema=False)
    app.include_router(router)


@router.get("/")
async def search(request: Request, client: Searcher) -> Response:
    """Home, or the results of a question."""
    form = read_form(request.query_params)
    overview = await _overviews(request).current()
    shown: dict[str, Any] = {"form": form, "client": client, "overview": overview}
    if not form.query and not form.num_filters:
        return page(request, "home.html", **shown)
    result, has_next = None, False
    if form.is_asked:
        most = _service(request).limits.most_results
        try:
            result = await _service(request).search(form.asked(most=most), beyond=1)
        except ServiceError as error:
            if not isinstance(error.__cause__, NotHeldError):
                raise
            shown["form"] = form = form.with_unheld(error.__cause__.field)
        else:
            has_next = len(result.hits) > PAGE
            result.hits = result.hits[:PAGE]
    status = 422 if form.faults else 200
    return page(
        request, "results.html", status=status, result=result, has_next=has_next, first=(form.page - 1) * PAGE + 1,
        can_answer=_can_answer(request, client), **shown,
    )  # fmt: skip


@router.get("/documents/{document_id}")
async def document(
    request: Request,
    client: Searcher,
    document_id: Annotated[str, Path(min_length=1, max_length=200)],
    start: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
    at: Annotated[str | None, Query(pattern=r"^\d{1,9}-\d{1,9}$")] = None,
) -> Response:
    """A document by its sections, what it cites in the margin, and others like it."""
    service = _service(request)
    part = min(_PART, service.limits.document_characters)
    passage = tuple(int(one) for one in at.split("-")) if at else None
    if passage and not start:
        start = passage[0] // part * part
        if passage[1] > start + part:  # it would be torn
            start = max(0, passage[0] - part // 4)
    found, similar = await asyncio.gather(
        service.document(document_id, start=start, characters=part), _similar(service, document_id)
    )
    articles = await service.articles(article_keys(found.citations), on=found.date)
    sections = lay_out(found, articles, (passage[0], passage[1]) if passage else None)
    return page(
        request, "document.html", document=found, sections=sections, similar=similar, client=client, part=part,
    )  # fmt: skip


@router.get("/article")
async def article(
    request: Request,
    client: Searcher,
    key: Annotated[str, Query(min_length=1, max_length=LONGEST_KEY)],
    on: datetime.date | None = None,
) -> Response:
    """An article as it stood on a day, with what must be known of that wording."""
    day = on.isoformat() if on else None
    found = await _service(request).article(key, on=day)
    return page(request, "article.html", article=found, on=day, client=client)


@router.get("/cited")
async def cited(
    request: Request,
    client: Searcher,
    kind: Annotated[str, Query(pattern="^(?:law|decision)$")],
    key: Annotated[str, Query(min_length=1, max_length=200)],
) -> Response:
    """The act or decision that a citation names; a choice where the collection has several."""
    found = await _service(request).cited(kind, key)
    if not found:
        raise not_found("This document")
    if len(found) == 1:
        return RedirectResponse(document_address(found[0].document_id), status_code=303)
    return page(request, "cited.html", documents=found, client=client)


@router.get("/answer")
async def answer(request: Request, client: Annotated[Client, Depends(needs("answer"))]) -> Response:
    """A checked answer with its passages; the script of the results puts it above them."""
    form = read_form(request.query_params)
    if not form.is_asked:
        raise invalid("the question is empty, or a filter is wrong")
    asked = views.parse(views.AnswerRequest, {"query": form.query, "filters": form.filters()})
    result = await _service(request).answer(asked)
    return page(request, "answer.html", form=form, result=result, client=client)


@router.get("/login")
async def login(request: Request) -> Response:
    """The form that takes a token."""
    return login_page(request, fault=None, back="/", status=200)


@router.post("/login")
async def log_in(request: Request) -> Response:
    """Keep the token of the form in a cookie that no script reads, if it is one."""
    body = (await request.body()).decode("utf-8", "replace")
    try:
        sent = parse_qs(body, max_num_fields=_LOGIN_FIELDS)
    except ValueError:
        raise invalid(f"the form has more than {_LOGIN_FIELDS} fields; it needs `token` and `back`") from None
    secret, back = (sent.get(name, [""])[0].strip() for name in ("token", "back"))
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise ServiceError(403, "not_allowed", "Another site sent this form.")
    if not secret:
        return RedirectResponse("/login", status_code=303)
    access: Access = request.app.state.access
    try:
        access.recognise(secret, request)
    except ServiceError as error:
        if error.status != 401:
            raise
        return login_page(request, fault="login_wrong", back=_own(back))
    response = RedirectResponse(_own(back), status_code=303)
    response.set_cookie(
        COOKIE, secret, max_age=_LOGIN_DAYS * 86_400, httponly=True, samesite="strict",
        secure=request.url.scheme == "https",
    )  # fmt: skip
    return response


@router.post("/logout")
async def log_out(request: Request) -> Response:
    """Forget the token."""
    response = RedirectResponse("/login", status_code=303)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


async def _similar(service: Service, identity: str) -> list[views.HitView] | None:
    """Documents like one; None where the search fails, which must not keep anybody from reading."""
    try:
        return (await service.similar(identity, k=min(_SIMILAR, service.limits.most_results))).hits
    except Exception as error:
        if not isinstance(error, ServiceError):
            note_fault(error)
        return None


def _file(name: str) -> Callable[[], Coroutine[Any, Any, Response]]:
    async def file() -> Response:
        found = static_files()[name]
        return Response(found.body, media_type=found.media_type, headers=static_headers(name))

    return file


def _own(address: str) -> str:
    """An address of this service; the first page for any other."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    is_own = address.startswith("/") and not address.startswith(("//", "/\\")) and not (parts.scheme or parts.netloc)
    return address if is_own and address.isprintable() else "/"


def _can_answer(request: Request, client: Client) -> bool:
    return _service(request).settings.endpoint is not None and "answer" in client.scopes


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _overviews(request: Request) -> Overviews:
    overviews: Overviews = request.app.state.overviews
    return overviews
