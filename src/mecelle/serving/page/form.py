"""The form of a search: what stands in the address, checked, and the addresses of pages."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams

from mecelle.base.document import KINDS
from mecelle.base.errors import ConfigError
from mecelle.retrieval.filters import Filters
from mecelle.sample.records import SECTION_LABELS
from mecelle.serving import views
from mecelle.serving.settings import LONGEST_FILTER

PAGE = 10
"""Hits on a page."""
_FIELDS = ("court", "chamber", "kind", "law_number", "year_from", "year_to", "cites")
_NOT_HELD = {
    "court": "unheld_court",
    "chamber": "unheld_chamber",
    "kind": "unheld_kind",
    "law_number": "unheld_law_number",
    "sections": "unheld_sections",
}
"""Messages for filters that fit no document."""


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed, as it was typed."""

    query: str = ""
    values: dict[str, str] = field(default_factory=dict)
    """Of the filters, without empty ones."""
    sections: tuple[str, ...] = ()
    page: int = 1
    faults: dict[str, str] = field(default_factory=dict)
    """Field and key of the message that says what is wrong with it."""

    @property
    def num_filters(self) -> int:
        """How many filters are set."""
        return len(self.values) + bool(self.sections)

    @property
    def is_asked(self) -> bool:
        """Whether there is a question that can be searched."""
        return bool(self.query) and not self.faults

    def value(self, name: str) -> str:
        """What stands in a field."""
        return self.values.get(name, "")

    def filters(self) -> dict[str, object]:
        """As `views.FilterView` takes them."""
        years: dict[str, object] = {
            name: int(value) for name in ("year_from", "year_to") if (value := self.values.get(name))
        }
        return {**self.values, **years, "sections": self.sections}

    def asked(self, *, most: int) -> views.SearchRequest:
        """The request of the service for this page, as a client of the API asks for it."""
        return views.parse(
            views.SearchRequest,
            {
                "query": self.query,
                "filters": self.filters(),
                "k": min(PAGE, most),
                "skip": min((self.page - 1) * PAGE, most),
            },
        )

    def with_unheld(self, name: str) -> "Form":
        """The form with the fault that no document has what a filter asks for."""
        return replace(self, faults={**self.faults, name: _NOT_HELD[name]})

    def address(self, *, without: str | None = None, page: int = 1, path: str = "/") -> str:
        """The address of this search, of another page of it, or without one filter."""
        pairs = [("q", self.query), *((name, value) for name, value in self.values.items() if name != without)]
        pairs += [("section", one) for one in self.sections if without != "sections"]
        if page > 1:
            pairs.append(("page", str(page)))
        return f"{path}?{urlencode(pairs)}"


def read_form(params: QueryParams) -> Form:
    """The form in an address. What is wrong stands in its `faults`; nothing is raised."""
    values = {name: value for name in _FIELDS if (value := params.get(name, "").strip()[:LONGEST_FILTER])}
    query = params.get("q", "").encode("utf-8", "replace").decode().strip()
    sections = tuple(one for one in SECTION_LABELS if one in params.getlist("section"))
    page = params.get("page", "")
    faults = _faults(query, values)
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 4 else 1
    return Form(query, values, sections, max(1, number), faults)


def _faults(query: str, values: dict[str, str]) -> dict[str, str]:
    faults = {}
    if len(query) > views.LONGEST_QUERY:
        faults["q"] = "fault_query_long"
    years = [name for name in ("year_from", "year_to") if name in values]
    for name in years:
        if not (values[name].isascii() and values[name].isdigit() and len(values[name]) == 4):
            faults[name] = "fault_year"
    if len(years) == 2 and not faults and int(values["year_from"]) > int(values["year_to"]):
        faults["year_to"] = "fault_years"
    if "kind" in values and values["kind"] not in KINDS:
        faults["kind"] = "fault_kind"
    if "cites" in values:
        try:
            Filters(cites=values["cites"]).where()
        except ConfigError:
            faults["cites"] = "fault_cites"
    return faults


def document_address(identity: str, span: Sequence[int] | None = None) -> str:
    """The page of a document, and there the passage that was found."""
    passage = f"?at={span[0]}-{span[1]}#passage" if span else ""
    return f"/documents/{quote(identity, safe='')}{passage}"


def article_address(key: str, *, on: str | None = None) -> str:
    """The page of an article as it stood on a day."""
    return "/article?" + urlencode({"key": key, **({"on": on} if on else {})})


def cited_address(kind: str, key: str) -> str:
    """The page of the act or decision that a citation names."""
    return "/cited?" + urlencode({"kind": kind, "key": key})
