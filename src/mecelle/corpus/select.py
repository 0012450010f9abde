"""Stage `select`: the part of the corpus that may be trained on."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from mecelle.base import artifacts
from mecelle.base.artifacts import Run
from mecelle.base.collection import JsonlWriter, read_documents, write_documents
from mecelle.base.config import Config
from mecelle.base.document import Document
from mecelle.base.errors import MismatchError
from mecelle.base.progress import track
from mecelle.corpus.decontamination.queries import Decontamination, QueryGrams, read_queries
from mecelle.corpus.decontamination.splits import held_out_copies, held_out_source_ids
from mecelle.corpus.snapshot import read_snapshot, write_snapshot
from mecelle.corpus.statistics.kinds import Kinds, kind_table

STAGE = "select"
VERSION = 1

NEW = "not_in_snapshot"


class SelectConfig(Config):
    """Parameters of the stage."""

    decontamination: Decontamination | None = Decontamination()
    """How questions of evaluations are looked for; null looks for none."""


def select(
    corpus: Path,
    out: Path,
    config: SelectConfig,
    *,
    evaluation: Sequence[Path] = (),
    splits: Path | None = None,
    snapshot: Path,
) -> None:
    """Copy what may be trained on from the artifact `corpus` into the artifact `out`.

    evaluation: files of questions. splits: docs/splits.json. snapshot: folder that fixes the training set; written at
    the first run, obeyed afterwards. Documents that came later are counted in the run record alone, not listed in the
    artifact: its bytes stay the same, so nothing is trained again because of them.
    """
    artifacts.read_marker(corpus, stage="corpus")
    inputs = (
        {"corpus": corpus}
        | ({"snapshot": snapshot} if snapshot.exists() else {})
        | {f"evaluation.{number}": path for number, path in enumerate(evaluation)}
    )
    if splits:
        inputs["splits"] = splits
    settled = read_snapshot(snapshot)
    first = not settled
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=None) as run:
        known = frozenset(settled) or frozenset(document.id for document in read_documents(corpus))
        selection = Selection(
            known=known,
            held_out=(held_out := held_out_source_ids(splits)),
            copies=held_out_copies(corpus / "clusters.jsonl", held_out),
            grams=QueryGrams(read_queries(evaluation), config.decontamination) if config.decontamination else None,
        )
        write_documents(_kept(corpus, selection, run), run.folder / "documents")
        if run.accounts.seen and not selection.met:
            raise MismatchError(
                f"{snapshot}: none of its {len(known):,} documents is in {corpus}, so it belongs to other data or to "
                "another way of reading them; `mecelle run --retrain` fixes the training set anew"
            )
        run.figures["snapshot"] = {"documents": len(known), "gone": len(known) - selection.met, "first_run": first}
    if first:
        write_snapshot(snapshot, known)


class Selection:
    """Judges one document after another."""

    def __init__(
        self, *, known: frozenset[str], held_out: frozenset[str], copies: dict[str, str], grams: QueryGrams | None
    ) -> None:
        self._known, self._held_out, self._copies, self._grams = known, held_out, copies, grams
        self.met = 0
        """Documents of the snapshot that were seen: what is missing has left the corpus."""

    def reason(self, document: Document) -> str | None:
        """Why the document is left out, or None."""
        if document.id not in self._known:
            return NEW
        self.met += 1
        if document.metadata.get("source_id") in self._held_out:
            return "held_out"
        if document.id in self._copies:
            return "held_out_copy"
        if self._grams and self._grams.contaminate(document.text):
            return "contaminated"
        return None


def _kept(corpus: Path, selection: Selection, run: Run) -> Iterator[Document]:
    before, after = Kinds(), Kinds()
    with JsonlWriter(run.folder / "excluded.jsonl.zst") as excluded:
        for document in track(read_documents(corpus), "select"):
            before.add(document)
            if reason := selection.reason(document):
                run.accounts.drop(reason)
                if reason != NEW:
                    excluded.write({"id": document.id, "reason": reason})
                continue
            run.accounts.keep()
            after.add(document)
            yield document
    run.figures["kinds"] = kind_table(before, after)
