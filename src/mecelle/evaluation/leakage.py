"""Items that the training text holds: scores are told with and without them.

Leaked items are not taken out: which ones a model has seen depends on the model, and all models are scored on the same.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
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
        return _facts(hash_input(self.training), self.seen, self.config)

    def find(self, items: Mapping[str, str]) -> Leakage:
        """The items (id -> text) that it holds."""
        documents = read_documents(self.training)
        return find_leaks(items, (d for d in documents if self.seen is None or d.id in self.seen), self.config)


class TrainingTexts:
    """The same for many models: the text is searched once, for all items, when the first model asks."""

    def __init__(
        self, training: Path, items: Callable[[], Mapping[str, str]], config: Decontamination | None = None
    ) -> None:
        """items: gives id -> text of everything that is looked for; called once."""
        self.training, self.items, self.config = training, items, config or Decontamination()
        self._seen: dict[Path | None, frozenset[str] | None] = {None: None}

    def facts(self, model: Path | None) -> dict[str, object]:
        """As `TrainingText.facts`; model: its folder, None for one without."""
        return _facts(self._hash, self._seen_by(model), self.config)

    def touched(self, model: Path | None) -> frozenset[str]:
        """Ids of the items that stand in documents which the model's training saw."""
        seen = self._seen_by(model)
        return frozenset(
            item for item, holders in self._holders.items() if seen is None or not seen.isdisjoint(holders)
        )

    @cached_property
    def _hash(self) -> str | None:
        return hash_input(self.training)

    @cached_property
    def _holders(self) -> Mapping[str, Collection[str]]:
        return _find(self.items(), read_documents(self.training), self.config)[0]

    def _seen_by(self, model: Path | None) -> frozenset[str] | None:
        if model not in self._seen:
            self._seen[model] = _seen(model) if model else None
        return self._seen[model]


def find_leaks(items: Mapping[str, str], documents: Iterable[Document], config: Decontamination) -> Leakage:
    """The items (id -> text) that documents hold by a shared n-gram (short items) or as a near-copy (long ones)."""
    found, judged, searched = _find(items, documents, config)
    return Leakage({item: next(iter(holders.values())) for item, holders in sorted(found.items())}, judged, searched)


def _find(
    items: Mapping[str, str], documents: Iterable[Document], config: Decontamination
) -> tuple[dict[str, dict[str, str]], int, int]:
    """Item -> document that holds it -> how; items judged, documents searched."""
    matcher = Matcher([Item("items", name, text) for name, text in items.items()], config)
    found: dict[str, dict[str, str]] = {}
    searched = 0
    for document in documents:
        searched += 1
        for match in matcher.match(document):
            if match.method != "generic_only":
                found.setdefault(match.item.id, {}).setdefault(document.id, match.method)
    return found, matcher.judged, searched


def _facts(training: str | None, seen: frozenset[str] | None, config: Decontamination) -> dict[str, object]:
    told = content_hash("\n".join(sorted(seen))) if seen is not None else None
    return {"training": training, "seen": told, "decontamination": config.model_dump(mode="json")}


def _seen(model: Path) -> frozenset[str] | None:
    """Ids of the documents that the model's training reached; None where it has no lineage."""
    if not (model / "lineage" / "pieces.npy").exists():
        return None
    lineage = Lineage(model)
    return frozenset(one for step in range(1, lineage.steps + 1) for one in lineage.documents_of(step))
