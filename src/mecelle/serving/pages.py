"""The pages' data: each page is a call of the service, shown by a template."""

from typing import Annotated

from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment

from mecelle.serving import views
from mecelle.serving.access import needs
from mecelle.serving.service import Service

# A placeholder until serving/page/ brings its own. Autoescape: nothing in a document or a question becomes markup.
_TEMPLATES = Environment(autoescape=True)
_SEARCH = _TEMPLATES.from_string("""<!doctype html>
<html lang="tr"><head><meta charset="utf-8"><title>Mecelle</title></head><body>
<form role="search"><label>Soru <input name="q" value="{{ query }}" maxlength="1000"></label><button>Ara</button></form>
{% if query and not hits %}<p>Sonuç yok.</p>{% endif %}
<ol>{% for hit in hits %}<li><h2><a href="/v1/documents/{{ hit.document_id | urlencode }}">{{ hit.citation }}</a></h2>
<p>{{ hit.passage }}</p></li>{% endfor %}</ol></body></html>
""")


def add_to(app: FastAPI) -> None:
    """Put the pages into the application."""

    @app.get("/", response_class=HTMLResponse, dependencies=[Depends(needs("search"))], include_in_schema=False)
    async def home(request: Request, q: Annotated[str, Query(max_length=views.LONGEST_QUERY)] = "") -> HTMLResponse:
        service: Service = request.app.state.service
        hits: list[views.HitView] = []
        if q.strip():
            hits = (await service.search(views.SearchRequest(query=q))).hits
        return HTMLResponse(_SEARCH.render(query=q, hits=hits))
