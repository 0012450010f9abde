"""How many texts a run has to embed, before it begins: what costs the time."""

from collections import Counter
from collections.abc import Collection
from pathlib import Path

from mecelle.base.document import content_hash
from mecelle.base.protocols import Role
from mecelle.evaluation.contestants import Contestant
from mecelle.evaluation.tasks.definition import Data, GroupedData, LabelledData, LocalTask, PairData, RetrievalData
from mecelle.evaluation.vectors import KEY_BYTES, model_name

TRAINING_TEXTS = 80
"""Of each label: mteb draws 8 a label, ten times. An upper bound, since the draws overlap."""


class Workload:
    """Texts that are not in the cache of vectors, by model."""

    def __init__(self, cache: Path | None) -> None:
        self._cache = cache
        self._keys: dict[str, dict[Role, set[bytes]]] = {}
        """By the model's folder in the cache."""
        self._missing: Counter[str] = Counter()

    def add(self, model: Contestant, task: LocalTask, data: Data) -> None:
        """Count what `model` has not embedded yet; what two tasks share is counted once."""
        whole = model.fingerprint.partition("[:")[0]  # whole vectors are remembered, whatever part of them is used
        name = model_name(whole, precision=model.precision)
        known = self._keys.setdefault(name, {role: _cached(self._cache, name, role) for role in ("query", "document")})
        for role, texts, most in _texts(data):
            new = {bytes.fromhex(content_hash(text)) for text in texts} - known[role]
            self._missing[model.name] += len(new) if most is None else min(len(new), most)
            known[role] |= new

    def sentence(self) -> str:
        """For a person; empty if there is nothing to embed."""
        counts = [f"{count:,} by {model}" for model, count in self._missing.items() if count]
        return f"Texts to embed, about: {', '.join(counts)}" if counts else ""


def _texts(data: Data) -> list[tuple[Role, Collection[str], int | None]]:
    """Role, texts, and how many of them are used at most."""
    if isinstance(data, RetrievalData):
        return [("query", data.queries.values(), None), ("document", data.documents.values(), None)]
    if isinstance(data, LabelledData):
        labels = {label for _, label in data.train}
        train = [text for text, _ in data.train]
        return [("query", [text for _, text, _ in data.test], None), ("query", train, TRAINING_TEXTS * len(labels))]
    if isinstance(data, PairData):
        return [("query", [text for _, left, right, _ in data.rows for text in (left, right)], None)]
    assert isinstance(data, GroupedData)
    return [("query", [text for text, _ in data.rows], None)]


def _cached(folder: Path | None, name: str, role: Role) -> set[bytes]:
    """Keys of the vectors that are there, as `mecelle.evaluation.vectors` lays them out. name: the model's."""
    file = folder / name / role / "keys.bin" if folder else None
    data = file.read_bytes() if file and file.exists() else b""
    return {data[at : at + KEY_BYTES] for at in range(0, len(data) - KEY_BYTES + 1, KEY_BYTES)}
