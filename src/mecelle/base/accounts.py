"""What came in, what went out, and why: counted so that nothing is lost in silence."""

from collections import Counter
from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from mecelle.base.errors import AccountsError


class Accounts(BaseModel):
    """Counts of units by fate. `seen == kept + sum(dropped) + sum(failed)` holds when `check` passes.

    A unit is whatever the stage handles: files, documents, pairs. Reasons name the fault found ("short_text",
    "near_duplicate"), since they end up in tables.
    """

    model_config = ConfigDict(extra="forbid")

    unit: str = "documents"
    seen: int = 0
    kept: int = 0
    dropped: dict[str, int] = Field(default_factory=dict)
    failed: dict[str, int] = Field(default_factory=dict)

    def keep(self, count: int = 1) -> None:
        """Count units that were seen and kept."""
        self.seen += count
        self.kept += count

    def drop(self, reason: str, count: int = 1) -> None:
        """Count units that a rule took out."""
        self.seen += count
        self.dropped[reason] = self.dropped.get(reason, 0) + count

    def fail(self, reason: str, count: int = 1) -> None:
        """Count units that could not be handled."""
        self.seen += count
        self.failed[reason] = self.failed.get(reason, 0) + count

    def merge(self, other: Self) -> None:
        """Add the counts of another worker or shard."""
        self.seen += other.seen
        self.kept += other.kept
        self.dropped = _added(self.dropped, other.dropped)
        self.failed = _added(self.failed, other.failed)

    def check(self) -> None:
        """Raise AccountsError unless every unit seen was kept, dropped or failed."""
        dropped, failed = sum(self.dropped.values()), sum(self.failed.values())
        if self.seen != self.kept + dropped + failed:
            raise AccountsError(
                f"{self.seen} {self.unit} seen, but {self.kept} kept + {dropped} dropped + {failed} failed = "
                f"{self.kept + dropped + failed}: this is a fault of Mecelle, please report it with run.json"
            )

    def sentence(self) -> str:
        """One line for a person: `9,373 documents: 8,120 kept, 1,240 near_duplicate, 13 failed (empty 13)`."""
        parts = [f"{self.kept:,} kept"]
        parts += [f"{count:,} {reason}" for reason, count in sorted(self.dropped.items(), key=lambda item: -item[1])]
        failed = ", ".join(f"{reason} {count:,}" for reason, count in sorted(self.failed.items()))
        parts.append(f"{sum(self.failed.values()):,} failed" + (f" ({failed})" if failed else ""))
        return f"{self.seen:,} {self.unit}: " + ", ".join(parts)


def _added(left: Mapping[str, int], right: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted((Counter(left) + Counter(right)).items()))
