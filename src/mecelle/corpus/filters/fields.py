"""Documents whose fields are missing or make no sense."""

import re
from datetime import date
from typing import Any, Literal

from pydantic import Field

from mecelle.base.document import KINDS, Document
from mecelle.corpus.filters import Filter, filters
from mecelle.corpus.verdict import Verdict, drop, keep

_OFFICIAL_NUMBER = re.compile(r"(?:1[89]|20)\d\d/[\d-]{1,12}(?:\.\d+)?")
_LAW_NUMBER = re.compile(r"\d{1,6}(?:/\d+)?")


@filters.register("fields.v1")
class Fields(Filter):
    """Drop documents with a missing or invalid field. Source: Mecellem §3.2.3 (i)."""

    filter: Literal["fields.v1"] = "fields.v1"
    required: tuple[str, ...] = ("kind", "source")
    """Metadata (mecelle.base.document.METADATA_FIELDS) that every document must have."""
    required_of_kind: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Further metadata that documents of a kind must have: `{decision: [court, date]}`."""

    def judge(self, document: Document) -> Verdict:
        """Names the first field that is wrong."""
        metadata = document.metadata
        if not document.id or not document.text.strip():
            return drop("missing_field", field="text" if document.id else "id")
        kind = metadata.get("kind")
        for field in (*self.required, *self.required_of_kind.get(str(kind), ())):
            if metadata.get(field) in (None, ""):
                return drop("missing_field", field=field)
        wrong = next((field for field, value in metadata.items() if not _is_valid(field, value)), None)
        return drop("invalid_field", field=wrong) if wrong else keep()


def _is_valid(field: str, value: Any) -> bool:
    """Whether a field of a fixed form has it; other fields may say anything, and an empty one says nothing."""
    if value in (None, ""):
        return True
    if field == "kind":
        return value in KINDS
    if field == "date":
        return _is_date(value)
    if field in ("case_number", "decision_number"):
        return isinstance(value, str) and bool(_OFFICIAL_NUMBER.fullmatch(value))
    return field != "law_number" or bool(_LAW_NUMBER.fullmatch(str(value)))


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).year >= 1800
    except ValueError:
        return False
