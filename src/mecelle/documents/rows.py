"""Rows of tables and JSON to records."""

from collections.abc import Mapping
from datetime import date, datetime
from math import isnan
from typing import Any

from mecelle.base.document import METADATA_FIELDS
from mecelle.documents.config import ExtractConfig
from mecelle.documents.kinds import TELLING_FIELDS
from mecelle.documents.records import Fault, Record

_FIELD_NAMES = {
    "metin": "text", "baslik": "title", "başlık": "title", "mahkeme": "court", "daire": "chamber",
    "esas_no": "case_number", "esas": "case_number", "karar_no": "decision_number", "karar_tarihi": "date",
    "tarih": "date", "kanun_no": "law_number", "kanun_numarasi": "law_number", "madde_no": "article", "ozet": "summary",
    "özet": "summary", "konu": "subject", "tur": "kind", "tür": "kind", "lisans": "licence", "license": "licence",
}  # fmt: skip
"""Names of fields that Turkish sources use -> ours; a row's own field of that name comes first."""

NO_TEXT_FIELD = "no_text_field"
"""Reason of a fault: the row has fields, but none that holds the text."""


def to_record(row: Any, position: str, config: ExtractConfig) -> Record | Fault:
    """The record of a row. Faults: "not_an_object", "no_text_field", "text_not_string", "empty"."""
    if not isinstance(row, Mapping):
        return Fault("not_an_object", f"found a {type(row).__name__}; a row is an object with named fields", position)
    fields = _named(row)
    present = [name for name in config.text_fields if name in fields]
    if not present:
        found = ", ".join(sorted(fields)[:20]) or "none"
        wanted = ", ".join(config.text_fields)
        message = f"none of text_fields ({wanted}); fields found: {found}"
        return Fault(NO_TEXT_FIELD, message, position)
    values = [fields[name] for name in present if fields[name] is not None]
    wrong = next((value for value in values if not isinstance(value, str)), None)
    if wrong is not None:
        return Fault("text_not_string", f"the text is a {type(wrong).__name__}", position)
    return Record(text="\n".join(values), position=position, fields=_apart_from(present, fields))


def _apart_from(text_fields: list[str], fields: dict[str, Any]) -> dict[str, Any]:
    """What a row says beside its text: a title or a term that is read as text says it, too."""
    told = TELLING_FIELDS.union(METADATA_FIELDS)
    return {name: value for name, value in fields.items() if name not in text_fields or name in told}


def _named(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Fields under our names; those of a nested `metadata` too, as datatrove and Mecelle itself write them."""
    fields = {str(key): _scalar(value) for key, value in row.items()}
    nested = fields.pop("metadata", None)
    if isinstance(nested, dict):
        fields = {str(key): _scalar(value) for key, value in nested.items()} | fields
    for theirs, ours in _FIELD_NAMES.items():
        if theirs in fields and fields.get(ours) is None:
            fields[ours] = fields.pop(theirs)
    return fields


def _scalar(value: Any) -> Any:
    if isinstance(value, float) and isnan(value):  # an empty cell of a column of numbers
        return None
    if isinstance(value, datetime):
        return value.isoformat()
    return value.isoformat() if isinstance(value, date) else value
