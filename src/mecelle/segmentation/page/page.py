"""The pages as files, and the one that lists them."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, StrictUndefined

from mecelle.segmentation.entities.links import Articles
from mecelle.segmentation.page import names
from mecelle.segmentation.page.view import blocks
from mecelle.segmentation.record import Segmented
from mecelle.text.headers import citation_form, decision_metadata

_DATA = files("mecelle.segmentation.page").joinpath("data")
INDEX = "index.html"
"""Name of the page that lists the others."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page, as the list has it."""

    link: str
    """From the list to the page."""
    title: str
    outcome: str | None
    characters: int


def write_page(decision: Segmented, out: Path, articles: Articles | None = None) -> Page:
    """Write the page of a decision; same decision and articles, same bytes."""
    _write(render_page(decision, articles), out)
    return Page(quote(out.name), _title(decision), decision.outcome, len(decision.text))


def write_index(pages: Sequence[Page], folder: Path) -> None:
    """Write the page that lists `pages`, in their order, into the folder they lie in."""
    _write(_render("index.html.j2", pages=pages, outcomes=names.OUTCOMES), folder / INDEX)


def page_name(decision: Segmented) -> str:
    """Name of the file of a decision's page, by its id; none is called as the list of all is.

    >>> page_name(Segmented(id="2023/1 E.", text="")), page_name(Segmented(id="index", text=""))
    ('2023%2F1%20E..html', '%69ndex.html')
    """
    name = f"{quote(decision.id or 'decision', safe='')}.html"
    return f"%{ord(name[0]):x}{name[1:]}" if name == INDEX else name


def render_page(decision: Segmented, articles: Articles | None = None) -> str:
    """A self-contained HTML page: it asks the network for nothing and runs no script but its own.

    articles: the collection to which the citations of the decision were linked, for the words of the articles.
    """
    shown = blocks(decision, articles)
    kinds = {one.kind for one in decision.entities} - {"article"}
    return _render(
        "page.html.j2",
        title=_title(decision),
        decision=decision,
        outcome=names.OUTCOMES.get(decision.outcome or "", ""),
        blocks=shown,
        kinds={kind: name for kind, name in names.ENTITIES.items() if kind in kinds},
        cited=sum(len(block.cited) for block in shown),
        js=_DATA.joinpath("page.js").read_text(encoding="utf-8"),
    )


def _render(template: str, **values: object) -> str:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"percent": names.percent, "thousands": names.thousands}
    css = _DATA.joinpath("page.css").read_text(encoding="utf-8")
    return environment.from_string(_DATA.joinpath(template).read_text(encoding="utf-8")).render(css=css, **values)


def _write(page: str, out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(out.name + ".partial")
    partial.write_text(page, encoding="utf-8")
    partial.replace(out)


def _title(decision: Segmented) -> str:
    """As Turkish legal writing cites the decision, by its metadata before its own words; else its id."""
    told, read = decision.metadata, decision_metadata(decision.text)
    parts = (
        told.get(name) or getattr(read, name) for name in ("court", "chamber", "case_number", "decision_number", "date")
    )
    return citation_form(*parts) or decision.id or "Karar"
