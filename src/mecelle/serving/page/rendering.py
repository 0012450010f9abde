"""Templates, filled and sent; static files under an address that changes with them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from mecelle.retrieval.references import find_references
from mecelle.serving import views
from mecelle.serving.access import COOKIE
from mecelle.serving.page import form, marking
from mecelle.serving.page.messages import LANGUAGES, Language, messages
from mecelle.serving.page.wording import beginning, calm
from mecelle.text.casing import fold

LANGUAGE_COOKIE = "mecelle_language"
_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
_EXCERPT = 420
"""Characters of a passage in a list of results."""
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Static:
    """A file as it is sent."""

    body: bytes
    media_type: str

    @property
    def version(self) -> str:
        """Of its bytes."""
        return hashlib.blake2b(self.body, digest_size=6).hexdigest()


@cache
def static_files() -> Mapping[str, Static]:
    """All static files by name, read once: no path from a request to the file system."""
    folder = files("mecelle.serving.page").joinpath("static")
    found = sorted(one.name for one in folder.iterdir())
    return {name: Static(folder.joinpath(name).read_bytes(), _TYPES[name.rpartition(".")[2]]) for name in found}


def static_headers(name: str) -> dict[str, str]:
    """A browser may keep a file for a year: its address changes with its bytes."""
    return {"Cache-Control": f"public, max-age={_YEAR}, immutable", "ETag": f'"{static_files()[name].version}"'}


def language_of(request: Request) -> Language:
    """What the address asks for, else what was chosen before, else Turkish."""
    asked = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    return next((one for one in LANGUAGES if one == asked), "tr")


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A filled template as a response."""
    language = language_of(request)
    said = messages(language)
    shown = {"form": form.Form(), "client": None, "t": said, "language": language, **values}
    html = (
        _environment()
        .get_template(template)
        .render(
            other_language=_address_in(request, "en" if language == "tr" else "tr"),
            is_logged_in=COOKIE in request.cookies,
            **shown,
        )
    )
    response = HTMLResponse(html.encode("utf-8", "replace"), status_code=status)
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=_YEAR, httponly=True, samesite="lax")
    return response


def _address_in(request: Request, language: Language) -> str:
    if request.method != "GET":
        return f"/?lang={language}"
    return "?" + request.url.include_query_params(lang=language).query


@cache
def _environment() -> Environment:
    # Autoescape: nothing in a document, a question or a fault becomes markup.
    environment = Environment(
        loader=PackageLoader("mecelle.serving.page"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,  # an upgrade under a running service must not mix templates and code
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "static": lambda name: f"/static/{name}?v={static_files()[name].version}",
        "pieces_of": pieces_of,
        "excerpt_of": excerpt_of,
        "address_of": address_of,
        "is_named": is_named,
        "document_address": form.document_address,
        "article_address": form.article_address,
    }
    environment.filters |= {"calm": calm, "beginning": beginning}
    return environment


def pieces_of(one: views.PassageView) -> list[marking.Piece]:
    """A whole passage with the words of the question marked."""
    return marking.pieces(one.passage, 0, len(one.passage), marks=one.spans)


def excerpt_of(one: views.PassageView) -> tuple[list[marking.Piece], bool, bool]:
    """The telling stretch of a passage, and whether the passage goes on before and behind it."""
    start, end = marking.excerpt(one.passage, one.spans, most=_EXCERPT)
    return marking.pieces(one.passage, start, end, marks=one.spans), start > 0, end < len(one.passage)


def address_of(hit: views.HitView) -> str:
    """Where a hit is read: an article's page, else the document at its passage."""
    # A key without its act (m5) would open the article of another act.
    if hit.article and ":" in hit.article:
        return form.article_address(hit.article)
    return form.document_address(hit.document_id, (hit.start, hit.end))


def is_named(hit: views.HitView, query: str) -> bool:
    """Whether the question names this decision or article by its number."""
    named = find_references(query)
    numbers = {hit.case_number, hit.decision_number} & set(named.decisions)
    return bool(numbers) or (hit.article is not None and fold(hit.article) in named.articles)
