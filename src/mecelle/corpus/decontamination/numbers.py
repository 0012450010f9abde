"""Decisions by the numbers that their court gave them.

Articles are not looked for: the article that answers a question is what a model should know of the law. The question,
or an answer that was written for it, is not, and n-grams find those.
"""

from collections.abc import Mapping
from typing import Any

from mecelle.text.casing import fold


def decision_key(metadata: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Court, case number (esas no) and decision number (karar no) in one case; None unless both numbers are there."""
    case, decision = metadata.get("case_number"), metadata.get("decision_number")
    return (fold(str(metadata.get("court") or "")), str(case), str(decision)) if case and decision else None
