"""Which documents each optimizer step saw, and which steps saw a document: computed, not logged.

lineage/documents.jsonl   {id} of every document of the pack
lineage/pieces.npy        document, first token, tokens of each piece, in the order of the rows
lineage/offsets.npy       row r holds pieces offsets[r] to offsets[r + 1]
lineage/run.json          {seed, steps, rows_per_step}: with them `Order` says when each row came
"""

from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from mecelle.base.collection import JsonlWriter, read_jsonl
from mecelle.base.errors import ArtifactError, InputError
from mecelle.training.order import Order
from mecelle.training.packing import PackedRows


def write_lineage(folder: Path, rows: PackedRows, order: Order, *, steps: int) -> None:
    """Write the `lineage/` of a finished run into the artifact `folder`."""
    place = folder / "lineage"
    place.mkdir()
    with JsonlWriter(place / "documents.jsonl") as file:
        for identity in rows.tokens.document_ids():
            file.write({"id": identity})
    np.save(place / "pieces.npy", np.asarray(rows.pieces))
    np.save(place / "offsets.npy", rows.offsets)
    facts = {"seed": order.seed, "steps": steps, "rows_per_step": order.rows_per_step}
    (place / "run.json").write_bytes(orjson.dumps(facts))


class Lineage:
    """The lineage of a trained model, read from its artifact."""

    def __init__(self, model: Path) -> None:
        """model: folder of the artifact. Raises ArtifactError if there is no lineage in it."""
        place = model / "lineage"
        if not (place / "run.json").exists():
            raise ArtifactError(f"{model}: no lineage/ in it; only models that Mecelle trained have one")
        facts = orjson.loads((place / "run.json").read_bytes())
        self.steps: int = facts["steps"]
        self.documents = [row["id"] for row in read_jsonl(place / "documents.jsonl")]
        self._owner: NDArray[np.int64] = np.load(place / "pieces.npy")[:, 0]
        self._offsets: NDArray[np.int64] = np.load(place / "offsets.npy")
        self._order = Order(len(self._offsets) - 1, rows_per_step=facts["rows_per_step"], seed=facts["seed"])

    def documents_of(self, step: int) -> list[str]:
        """Ids of the documents, sorted, of which optimizer step `step` (from 1) saw a piece."""
        if not 1 <= step <= self.steps:
            raise InputError(f"step {step}: the run has steps 1 to {self.steps}")
        rows = self._order.rows_of_step(step)
        seen = {int(d) for row in rows for d in self._owner[self._offsets[row] : self._offsets[row + 1]]}
        return sorted({self.documents[number] for number in seen})

    def steps_of(self, document: str) -> list[int]:
        """The optimizer steps, ascending, that saw a piece of `document`; none if it was held out or never reached.

        A mix may have drawn it several times. Raises InputError if the model's collection has no such document.
        """
        copies = [number for number, identity in enumerate(self.documents) if identity == document]
        if not copies:
            raise InputError(f"document '{document}' is none of the {len(self.documents):,} of this model")
        pieces = np.flatnonzero(np.isin(self._owner, copies))
        rows = np.unique(np.searchsorted(self._offsets, pieces, side="right") - 1)
        return self._order.steps_of_rows(rows, steps=self.steps)
