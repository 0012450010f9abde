"""The HTTP interface: each route needs a scope, and hands its request to the service."""

import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from mecelle.serving import metrics, views
from mecelle.serving.access import Client, needs
from mecelle.serving.service import Service
from mecelle.serving.settings import LONGEST_ID, LONGEST_KEY, MOST_RESULTS

_FAULTS: dict[int | str, dict[str, Any]] = {
    400: {"model": views.FaultView, "description": "The body is not JSON."},
    401: {"model": views.FaultView, "description": "A token is needed, or this one is not known."},
    403: {"model": views.FaultView, "description": "The token lacks the scope."},
    404: {"model": views.FaultView, "description": "The collection does not hold it."},
    408: {"model": views.FaultView, "description": "The body came too slowly."},
    413: {"model": views.FaultView, "description": "The body is too long."},
    422: {"model": views.FaultView, "description": "A value is not allowed."},
    429: {"model": views.FaultView, "description": "Too many requests."},
    503: {"model": views.FaultView, "description": "Busy, or the collection is being replaced."},
    504: {"model": views.FaultView, "description": "No result in time."},
}

router = APIRouter(prefix="/v1", responses=_FAULTS)
open_router = APIRouter()

DocumentId = Annotated[str, Path(min_length=1, max_length=LONGEST_ID, description="As `search` gives it.")]


async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Asks = Annotated[Service, Depends(_service)]
Searches = Depends(needs("search"))


@router.post("/search", dependencies=[Searches])
async def search(asked: views.SearchRequest, service: Asks) -> views.SearchResult:
    """Search by words, by meaning, by case number or by article."""
    return await service.search(asked)


@router.get("/documents/{document_id}", dependencies=[Searches])
async def document(
    document_id: DocumentId,
    service: Asks,
    start: Annotated[int, Query(ge=0, le=1_000_000_000, description="First character.")] = 0,
    characters: Annotated[int | None, Query(ge=1, le=1_000_000_000, description="At most so many.")] = None,
) -> views.DocumentView:
    """A document with its sections and what it cites."""
    return await service.document(document_id, start=start, characters=characters)


@router.get("/documents/{document_id}/sections", dependencies=[Searches])
async def sections(document_id: DocumentId, service: Asks) -> views.SectionsView:
    """The sections of a decision, with their text."""
    return await service.sections(document_id)


@router.get("/documents/{document_id}/similar", dependencies=[Searches])
async def similar(
    document_id: DocumentId,
    service: Asks,
    k: Annotated[int, Query(ge=1, le=MOST_RESULTS, description="Most hits.")] = 10,
) -> views.SimilarResult:
    """The documents most like one."""
    return await service.similar(document_id, k=k)


@router.get("/article", dependencies=[Searches])
async def article(
    service: Asks,
    key: Annotated[str, Query(min_length=1, max_length=LONGEST_KEY, description="As citations give it: `6098:m49/2`.")],
    on: Annotated[datetime.date | None, Query(description="As it stood on this day, ISO; else the newest.")] = None,
) -> views.ArticleView:
    """An article of an act, with cautions where it is repealed or has changed since."""
    return await service.article(key, on=on.isoformat() if on else None)


@router.post("/answer", dependencies=[Depends(needs("answer"))])
async def answer(asked: views.AnswerRequest, service: Asks) -> views.AnswerResult:
    """A checked answer with its passages, or the passages alone and why."""
    return await service.answer(asked)


@router.post("/embeddings", dependencies=[Depends(needs("embed"))])
async def embeddings(asked: views.EmbeddingRequest, service: Asks) -> views.EmbeddingResponse:
    """Vectors of texts, in OpenAI's form; `usage` counts words."""
    return await service.embeddings(asked)


@router.post("/takedowns")
async def take_down(
    asked: views.TakedownRequest, service: Asks, client: Annotated[Client, Depends(needs("takedown"))]
) -> views.TakedownView:
    """Take a document and its copies out of the index, now; the audit log names the token."""
    return await service.take_down(asked, by=client.name)


@open_router.get("/health", responses={503: {"model": views.FaultView}})
async def health(service: Asks) -> views.HealthView:
    """Whether the service can search; needs no token."""
    return await service.health()


@open_router.get("/metrics", dependencies=[Depends(needs("metrics"))], response_class=Response, responses=_FAULTS)
async def figures(service: Asks) -> Response:
    """Figures of operation, in Prometheus' text format."""
    return Response(service.figures(), media_type=metrics.CONTENT_TYPE)
