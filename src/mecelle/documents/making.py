"""A record becomes a Document: text in one form, kind decided, metadata under the fixed names."""

import re
from dataclasses import asdict
from datetime import date
from typing import Any

from mecelle.base.document import METADATA_FIELDS, Document, make_document
from mecelle.documents.config import ExtractConfig
from mecelle.documents.kinds import decide_kind, law_number
from mecelle.documents.records import Fault, Record
from mecelle.text.casing import fold
from mecelle.text.citations.decisions import CASE_NUMBER
from mecelle.text.dates import iso_date
from mecelle.text.headers import decision_metadata
from mecelle.text.mojibake import repair_mojibake
from mecelle.text.unicode import clean

MOST_FIELD_CHARACTERS = 2_000
"""Longest value of a field without a fixed meaning that is kept in metadata; what is longer is text, not metadata."""

_DECISION_FIELDS = ("court", "chamber", "case_number", "decision_number")
_NOT_OF_THE_ROW = ("id", "kind", "source", "content_hash", "left_out", "said_kind")
_NUMBER = r"(\d{4}/\d+(?:-\d+)?)"
_CASE_NUMBER = re.compile(rf"(?:\bE\.|\bEsas\b|\bB\. ?No)\D*{_NUMBER}")
_DECISION_NUMBER = re.compile(rf"(?:\bK\.|\bKarar\b)\D*{_NUMBER}")
_LABELLED = {  # the whole of a field, folded
    field: re.compile(
        rf"(?:(?:{labels})\b\s?\.?\s*(?:no|numarası|sayısı)?\s*[.:]*\s*)?(?P<number>{CASE_NUMBER})"
        rf"\s*(?:(?:{labels})\b\s?\.?\s*)?(?:(?:no|numaralı|sayılı)\b\.?)?"
    )
    for field, labels in (("case_number", "e|esas|dosya|b|başvuru"), ("decision_number", "k|karar"))
}
_ISO_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?")
_TIME = re.compile(r",?\s+(?:saat\s+)?\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?$", re.IGNORECASE)


def make(record: Record, name: str, config: ExtractConfig) -> Document | Fault:
    """The document of a record in the file `name`, or the fault that keeps it from being one."""
    text = clean(repair_mojibake(record.text))  # before `clean`, which drops control characters that tell the encoding
    if not text.strip():
        return Fault("empty", "no text in it", record.position)
    mib = len(text.encode()) / 1024**2
    if mib > config.max_document_mib:
        message = f"{mib:,.1f} MiB of text; max_document_mib is {config.max_document_mib}: raise it or split the text"
        return Fault("too_large", message, record.position)
    fields = {clean(key): _plain(value) for key, value in record.fields.items()}
    kind, said_kind = decide_kind(text, fields, given=config.kind, default=record.default_kind)
    official = str(fields["id"]) if fields.get("id") not in (None, "") else None
    metadata = _metadata(kind, text, fields)
    if official:
        metadata["source_id"] = official
    source = f"{name}#{record.position}" if record.position else name
    return make_document(text, kind=kind, source=source, official=official, said_kind=said_kind, **metadata)


def _metadata(kind: str, text: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Fields under their fixed names, as text; what the text itself says fills the gaps.

    What is no text there, dates that name no day, and long values without a fixed name are only named, in `left_out`.
    """
    fields, source = {key: fields[key] for key in fields if key not in _NOT_OF_THE_ROW}, fields.get("source")
    texts = {key: _as_text(value) for key, value in fields.items() if key in METADATA_FIELDS}
    texts["date"] = _date(texts.get("date"))
    texts |= {key: _bare_number(key, value) for key in _LABELLED if (value := texts.get(key))}
    other = {key: value for key, value in fields.items() if key not in METADATA_FIELDS}
    if source is not None:
        other["origin"] = source  # where the row's maker found it; `source` says where Mecelle read it
    known = _numbers(kind, other.get("number")) | {key: value for key, value in texts.items() if value is not None}
    if kind == "decision" and not any(known.get(key) for key in _DECISION_FIELDS):
        said = {key: value for key, value in asdict(decision_metadata(text)).items() if value is not None}
        known = said | {key: value for key, value in known.items() if value is not None}
    if kind == "statute" and not known.get("law_number"):
        known["law_number"] = law_number(text)
    kept = {key: value for key, value in other.items() if _is_short(value)}
    has = {key for key, value in (fields | other).items() if value not in (None, "")}
    left_out = sorted(key for key in has if key not in kept and texts.get(key) is None)
    return known | kept | {"left_out": left_out or None}


def _numbers(kind: str, number: Any) -> dict[str, Any]:
    """`number` of a decision is "E. 2013/14675, K. 2015/40727" or "B. No: 2013/1"; of an act, the law's number."""
    if number is None:
        return {}
    if kind == "decision":
        case, decision = _CASE_NUMBER.search(str(number)), _DECISION_NUMBER.search(str(number))
        return ({"case_number": case[1]} if case else {}) | ({"decision_number": decision[1]} if decision else {})
    return {"law_number": _as_text(number)} if kind in ("statute", "article") else {}


def _bare_number(field: str, value: str) -> str:
    """`2019/1234` from "2019/1234 E.", "Esas No: 2019/1234"; a value that is anything else, or more, stays as it is."""
    match = _LABELLED[field].fullmatch(" ".join(fold(value).split()))
    return "".join(match["number"].split()) if match else value


def _date(value: str | None) -> str | None:
    """ISO from "2015-12-23", "23.12.2015", "23 Aralık 2015", each with or without a time; None if it is no day."""
    value = " ".join((value or "").split())
    match = _ISO_DATE.fullmatch(value)
    if match is None:
        return iso_date(_TIME.sub("", value))
    try:
        return date.fromisoformat(match[1]).isoformat()
    except ValueError:
        return None


def _as_text(value: Any) -> str | None:
    """Of a field that is text by nature: law number 6098 is "6098", also where a table made it 6098.0; lists, objects,
    fractions and the like are no text, and columns of the index could not hold them: None."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_whole or isinstance(value, str) else None


def _plain(value: Any) -> Any:
    """Strings in one form; numbers that JSON cannot hold as text."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, int) and value.bit_length() > 63 else value


def _is_short(value: Any) -> bool:
    """Scalars and lists of strings of at most MOST_FIELD_CHARACTERS."""
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value) and sum(map(len, value)) <= MOST_FIELD_CHARACTERS
    return isinstance(value, (int, float)) or (isinstance(value, str) and len(value) <= MOST_FIELD_CHARACTERS)
