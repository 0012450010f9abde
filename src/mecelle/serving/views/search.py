"""A question, and the hits that it gets."""

from dataclasses import fields
from typing import Any, Literal, get_type_hints

from pydantic import Field, create_model, field_validator

from mecelle.base.document import KINDS
from mecelle.retrieval.config import Mode
from mecelle.retrieval.search import Filters
from mecelle.sample.records import SECTION_LABELS
from mecelle.serving.settings import LONGEST_FILTER, LONGEST_QUERY, MOST_RESULTS
from mecelle.serving.views.base import Asked, Told, View
from mecelle.text.unicode import clean

_TOLD = {
    "kind": f"One of {', '.join(KINDS)}.",
    "court": "Yargıtay, yargitay, AYM, Bölge Adliye Mahkemesi, Yarg. HGK; 422 for any other names those held.",
    "chamber": "In full or cut: `4. Hukuk Dairesi`, `4. HD`, `HGK`.",
    "law_number": "Of the act that is searched itself: `6098` or `TBK`.",
    "year_from": "First year of the decision's date.",
    "year_to": "Last year of the decision's date.",
    "sections": f"Only passages from these sections of a decision, any of {', '.join(SECTION_LABELS)}.",
    "cites": "What the document cites anywhere: an act (`6098`), an article (`6098:m49`, `TBK 49`) or a decision.",
}
"""What a client is told of a filter."""
_CHOICES: dict[str, Any] = {
    "kind": Literal[KINDS] | None,
    "sections": tuple[Literal[SECTION_LABELS], ...],  # type: ignore[valid-type]
}
"""Types of filters that have few values: lower floors check them as well, the schema names them."""
_BOUNDS: dict[Any, dict[str, Any]] = {
    int | None: {"ge": 0, "le": 9_999, "strict": True},
    str | None: {"max_length": LONGEST_FILTER},
}
"""By the type of a filter. Years: SQLite's numbers have bounds too; strict, as pydantic would take `false` for the
year 0. Text: what is compared with every court of an index is no longer than a name."""


def _fields_of_filters() -> dict[str, Any]:
    """The fields of the retrieval floor's filters: a new one is in the interface without a line here."""
    hints = get_type_hints(Filters)
    return {
        one.name: (
            _CHOICES.get(one.name, hints[one.name]),
            Field(
                default=one.default,
                description=_TOLD.get(one.name),
                **({} if one.name in _CHOICES else _BOUNDS.get(hints[one.name], {})),
            ),
        )
        for one in fields(Filters)
    }


FilterView: Any = create_model("Filters", __base__=Asked, **_fields_of_filters())


class Question(Asked):
    """A question and what its hits must be."""

    query: str = Field(min_length=1, max_length=LONGEST_QUERY)
    """A question in everyday words, a case number (2024/3494) or an article (TBK 49)."""
    filters: FilterView = Field(default_factory=FilterView)
    """What every hit must be."""

    @field_validator("query")
    @classmethod
    def _says_something(cls, query: str) -> str:
        query = clean(query).strip()
        if not query:
            raise ValueError("the question is empty; type a few words, a case number or an article")
        return query

    def found_filters(self) -> Filters:
        """The filters as the retrieval floor takes them."""
        return Filters(**self.filters.model_dump())


class SearchRequest(Question):
    """What `search` is asked."""

    k: int = Field(default=10, ge=1, le=MOST_RESULTS, strict=True)
    """Most hits."""
    skip: int = Field(default=0, ge=0, le=MOST_RESULTS, strict=True)
    """Best hits that are passed over: with one `k`, 0, `k`, 2 `k` and so on are pages of one order."""
    mode: Mode | None = None
    """By words (bm25), by meaning (dense), or both (hybrid); None leaves it to the index."""


class PassageView(View):
    """A passage of a hit."""

    passage: str
    start: int
    """Half-open characters of the passage in the document."""
    end: int
    section: str | None
    """Section of the decision that the passage is from, where it is known."""
    spans: tuple[tuple[int, int], ...]
    """Half-open characters of the passage: words of the question, in another form perhaps."""


class HitView(PassageView):
    """A decision or other document, or one article of an act, with the passage that fits best."""

    document_id: str
    kind: str
    title: Told
    court: Told
    chamber: Told
    case_number: Told
    """Esas no."""
    decision_number: Told
    """Karar no."""
    date: Told
    """ISO."""
    law_number: Told
    article: str | None
    """As `6098:m264`."""
    citation: str
    """As Turkish legal writing cites it: `Yargıtay 4. HD, E. 2024/3494, K. 2024/5460, 29.05.2024`."""
    others: tuple[PassageView, ...]
    """The next best passages of the same document."""
    score: float | None
    """Of words, of meaning, of both fused, or the re-ranker's if `ranks` has `rerank`: compares within one answer only.
    0 for what the question named outright; null for hits behind those that a re-ranker ordered anew."""
    ranks: dict[str, int]
    """Place, from 1, in each kind of search that found it: `exact` (named outright), `bm25`, `dense`; and `rerank`, the
    place that the re-ranker gave it."""


class SearchResult(View):
    """What `search` answers."""

    query: str
    """As it was understood: with one kind of space and quote, without characters that cannot be seen."""
    mode: Mode
    """How it was searched."""
    notice: Literal["words_only"] | None = None
    """words_only: the vectors cannot be searched right now, so words alone were."""
    missing: list[str]
    """What the question names by number and the collection lacks: `2020/123`, `6098 sayılı Kanun m. 999`. The hits are
    then what its words find."""
    hits: list[HitView]
    generation: int
    """Of the index: a build or a takedown makes a new one."""
    milliseconds: float


class SimilarResult(View):
    """Documents that are like one."""

    document_id: str
    hits: list[HitView]
