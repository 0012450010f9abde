"""The page as a file."""

from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, StrictUndefined

from mecelle.segmentation.entities.links import Articles
from mecelle.segmentation.page import names
from mecelle.segmentation.page.view import blocks
from mecelle.segmentation.record import Segmented
from mecelle.text.headers import citation_form, decision_metadata


def write_page(decision: Segmented, out: Path, articles: Articles | None = None) -> None:
    """Write the page of a decision; same decision and articles, same bytes."""
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(out.name + ".partial")
    partial.write_text(render_page(decision, articles), encoding="utf-8")
    partial.replace(out)


def page_name(decision: Segmented) -> str:
    """Name of the file of a decision's page, by its id.

    >>> page_name(Segmented(id="2023/1 E.", text=""))
    '2023%2F1%20E..html'
    """
    return f"{quote(decision.id or 'decision', safe='')}.html"


def render_page(decision: Segmented, articles: Articles | None = None) -> str:
    """A self-contained HTML page: it asks the network for nothing and runs no script but its own.

    articles: the collection to which the citations of the decision were linked, for the words of the articles.
    """
    data = files("mecelle.segmentation.page").joinpath("data")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["percent"] = names.percent
    shown = blocks(decision, articles)
    kinds = {one.kind for one in decision.entities} - {"article"}
    return environment.from_string(data.joinpath("page.html.j2").read_text(encoding="utf-8")).render(
        title=_title(decision),
        decision=decision,
        outcome=names.OUTCOMES.get(decision.outcome or "", ""),
        blocks=shown,
        kinds={kind: name for kind, name in names.ENTITIES.items() if kind in kinds},
        cited=sum(len(block.cited) for block in shown),
        css=data.joinpath("page.css").read_text(encoding="utf-8"),
        js=data.joinpath("page.js").read_text(encoding="utf-8"),
    )


def _title(decision: Segmented) -> str:
    """As Turkish legal writing cites the decision, by its metadata before its own words; else its id."""
    told, read = decision.metadata, decision_metadata(decision.text)
    parts = (
        told.get(name) or getattr(read, name) for name in ("court", "chamber", "case_number", "decision_number", "date")
    )
    return citation_form(*parts) or decision.id or "Karar"
