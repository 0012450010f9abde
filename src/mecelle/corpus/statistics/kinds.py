"""Documents, characters and words by kind, before and after."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import orjson
from pydantic import BaseModel, Field

from mecelle.base.document import Document


class Amount(BaseModel):
    """How much text. Words stand between white space."""

    documents: int = 0
    characters: int = 0
    words: int = 0

    def add(self, text: str) -> None:
        """Count one more text."""
        self.documents += 1
        self.characters += len(text)
        self.words += len(text.split())


class Kinds(BaseModel):
    """Amounts by kind of document (decision, statute, ...)."""

    amounts: dict[str, Amount] = Field(default_factory=dict)

    def add(self, document: Document) -> None:
        """Count one more document under its kind ("other" where it has none)."""
        self.amounts.setdefault(str(document.metadata.get("kind", "other")), Amount()).add(document.text)

    def merge(self, other: Self) -> None:
        """Add the counts of another task."""
        for kind, amount in other.amounts.items():
            mine = self.amounts.setdefault(kind, Amount())
            mine.documents += amount.documents
            mine.characters += amount.characters
            mine.words += amount.words

    def write(self, path: Path) -> None:
        """Keep the counts of one task."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(orjson.dumps(self.model_dump(mode="json")))


def read_kinds(paths: Iterable[Path]) -> Kinds:
    """The sum of what `Kinds.write` wrote."""
    total = Kinds()
    for path in paths:
        total.merge(Kinds.model_validate_json(path.read_bytes()))
    return total


def kind_table(before: Kinds, after: Kinds) -> list[dict[str, Any]]:
    """One row per kind, sorted by name: documents, characters and words before and after."""
    return [
        {"kind": kind}
        | {f"{name}_before": value for name, value in before.amounts.get(kind, Amount()).model_dump().items()}
        | {f"{name}_after": value for name, value in after.amounts.get(kind, Amount()).model_dump().items()}
        for kind in sorted(before.amounts.keys() | after.amounts.keys())
    ]
