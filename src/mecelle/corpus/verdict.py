"""What a step says about one document."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a document stays; `reason` names the fault found and `measured` the values that decided."""

    kept: bool
    reason: str | None = None
    measured: dict[str, Any] = field(default_factory=dict)


def keep(**measured: Any) -> Verdict:
    """The document stays."""
    return Verdict(True, None, measured)


def drop(reason: str, /, **measured: Any) -> Verdict:
    """The document goes; reason: the fault in snake_case, as it will stand in tables ("short_text")."""
    return Verdict(False, reason, measured)
