"""Items that the training text holds: scores are told with and without them.

Leaked items are not taken out: which ones a model has seen depends on the model, and all models are scored on the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from mecelle.base.artifacts import hash_input
from mecelle.base.collection import read_documents
from mecelle.base.document import Document, content_hash
from mecelle.corpus.decontamination.config import Decontamination
from mecelle.corpus.decontamination.items import Item
from mecelle.corpus.decontamination.matching import Matcher
from mecelle.training.lineage import Lineage


@dataclass(frozen=True)
class Leakage:
    """What of a task stands in the text that a model was trained on."""

    touched: Mapping[str, str] = field(default_factory=dict)
    """Id of an item -> how it was found: shared_ngram or near_copy."""
    judged: int = 0
    """Items long enough to be looked for."""
    documents: int = 0
    """Documents that were searched."""


class TrainingText:
    """The documents that a model was trained on."""

    def __init__(self, training: Path, model: Path | None = None, config: Decontamination | None = None) -> None:
        """training: an artifact or folder with documents. model: folder of a model; if it has a lineage, only those
        documents of which its training saw a piece count."""
        self.training, self.config = training, config or Decontamination()
        self.seen = _seen(model) if model else None

    @cached_property
    def facts(self) -> dict[str, object]:
        """What a record's parameters say of it."""
        known = hash_input(self.training)
        seen = content_hash("\n".join(sorted(self.seen))) if self.seen is not None else None
        return {"training": known, "seen": seen, "decontamination": self.config.model_dump(mode="json")}

    def find(self, items: Mapping[str, str]) -> Leakage:
        """The items (id -> text) that it holds."""
        documents = read_documents(self.training)
        return find_leaks(items, (d for d in documents if self.seen is None or d.id in self.seen), self.config)


def find_leaks(items: Mapping[str, str], documents: Iterable[Document], config: Decontamination) -> Leakage:
    """The items (id -> text) that documents hold by a shared n-gram (short items) or as a near-copy (long ones)."""
    matcher = Matcher([Item("items", name, text) for name, text in items.items()], config)
    touched: dict[str, str] = {}
    searched = 0
    for document in documents:
        searched += 1
        for match in matcher.match(document):
            if match.method != "generic_only":
                touched.setdefault(match.item.id, match.method)
    return Leakage(dict(sorted(touched.items())), matcher.judged, searched)


def _seen(model: Path) -> frozenset[str] | None:
    """Ids of the documents that the model's training reached; None where it has no lineage."""
    if not (model / "lineage" / "pieces.npy").exists():
        return None
    lineage = Lineage(model)
    return frozenset(one for step in range(1, lineage.steps + 1) for one in lineage.documents_of(step))
