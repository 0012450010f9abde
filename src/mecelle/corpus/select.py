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
from mecelle.corpus.decontamination.config import Decontamination
from mecelle.corpus.decontamination.gate import TOUCHED
from mecelle.corpus.decontamination.items import EvaluationSet, Item, as_set, read_items, told_apart
from mecelle.corpus.decontamination.matching import Matcher
from mecelle.corpus.decontamination.numbers import decision_key
from mecelle.corpus.decontamination.report import FILE, Tally
from mecelle.corpus.decontamination.splits import held_out_copies, held_out_source_ids
from mecelle.corpus.snapshot import read_snapshot, write_snapshot
from mecelle.corpus.statistics.kinds import Kinds, kind_table

STAGE = "select"
VERSION = 3

NEW = "not_in_snapshot"
SPLITS = "splits"
"""Name of the set that the held-out decisions make."""


class SelectConfig(Config):
    """Parameters of the stage."""

    decontamination: Decontamination | None = Decontamination()
    """How evaluation sets are looked for; null looks for none, and the gate takes none of them for checked."""


def select(
    corpus: Path,
    out: Path,
    config: SelectConfig,
    *,
    evaluation: Sequence[Path | EvaluationSet] = (),
    splits: Path | None = None,
    snapshot: Path,
) -> None:
    """Copy what may be trained on from the artifact `corpus` into the artifact `out`.

    evaluation: files of items that are scored. splits: docs/splits.json, whose held-out decisions are items, too.
    snapshot: folder that fixes the training set; written at the first run, obeyed afterwards. Documents that came later
    are counted in the run record alone, not listed in the artifact: its bytes stay the same, so nothing is trained
    again because of them. Beside the documents stand excluded.jsonl.zst (id, reason), touched.jsonl (which item stood
    in which document that left) and decontamination.json, which the gate of the training stages reads.
    """
    artifacts.read_marker(corpus, stage="corpus")
    sets = told_apart([as_set(one) for one in evaluation])
    inputs = (
        {"corpus": corpus}
        | ({"snapshot": snapshot} if snapshot.exists() else {})
        | {f"evaluation.{number}": one.path for number, one in enumerate(sets)}
    )
    if splits:
        inputs["splits"] = splits
    settled = read_snapshot(snapshot)
    first = not settled
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=None) as run:
        known = frozenset(settled) or frozenset(document.id for document in read_documents(corpus))
        held_out = held_out_source_ids(splits)
        items, decisions = list(read_items(sets)), {}
        if config.decontamination and held_out:
            scored = list(_held_out(corpus, held_out))
            items += [item for item, _ in scored]
            decisions = {key: item for item, key in scored if key}
        matcher = Matcher(items, config.decontamination, decisions=decisions) if config.decontamination else None
        selection = Selection(
            known=known,
            held_out=held_out,
            copies=held_out_copies(corpus / "clusters.jsonl", held_out),
            matcher=matcher,
            tally=Tally(sets if matcher else (), items, judged=matcher.judged if matcher else 0),
        )
        write_documents(_kept(corpus, selection, run), run.folder / "documents")
        if run.accounts.seen and not selection.met:
            raise MismatchError(
                f"{snapshot}: none of its {len(known):,} documents is in {corpus}, so it belongs to other data or to "
                "another way of reading them; `mecelle run --retrain` fixes the training set anew"
            )
        report = selection.tally.report
        (run.folder / FILE).write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
        run.figures["decontamination"] = report.model_dump()
        run.figures["snapshot"] = {"documents": len(known), "gone": len(known) - selection.met, "first_run": first}
    if first:
        write_snapshot(snapshot, known)


class Selection:
    """Judges one document after another."""

    def __init__(
        self,
        *,
        known: frozenset[str],
        held_out: frozenset[str],
        copies: dict[str, str],
        matcher: Matcher | None,
        tally: Tally,
    ) -> None:
        self._known, self._held_out, self._copies, self._matcher = known, held_out, copies, matcher
        self.tally = tally
        self.touched: list[dict[str, object]] = []
        """What the last document that was judged holds of the evaluation sets."""
        self.met = 0
        """Documents of the snapshot that were seen: what is missing has left the corpus."""

    def reason(self, document: Document) -> str | None:
        """Why the document is left out, or None."""
        self.touched = []
        if document.id not in self._known:
            return NEW
        self.met += 1
        if document.metadata.get("source_id") in self._held_out:
            return "held_out"
        if document.id in self._copies:
            return "held_out_copy"
        if self._matcher:
            self.touched = self.tally.add(self._matcher.match(document))
        return str(self.touched[0]["method"]) if self.touched else None


def _held_out(corpus: Path, held_out: frozenset[str]) -> Iterator[tuple[Item, tuple[str, str, str] | None]]:
    """The held-out decisions that the corpus holds, as items, with their official numbers."""
    for document in read_documents(corpus):
        name = document.metadata.get("source_id")
        if name in held_out:
            yield Item(SPLITS, str(name), document.text), decision_key(document.metadata)


def _kept(corpus: Path, selection: Selection, run: Run) -> Iterator[Document]:
    before, after = Kinds(), Kinds()
    with (
        JsonlWriter(run.folder / "excluded.jsonl.zst") as excluded,
        JsonlWriter(run.folder / TOUCHED) as touched,
    ):
        for document in track(read_documents(corpus), "select"):
            before.add(document)
            if reason := selection.reason(document):
                run.accounts.drop(reason)
                if reason != NEW:
                    excluded.write({"id": document.id, "reason": reason})
                for row in selection.touched:
                    touched.write(row | {"document": document.id})
                continue
            run.accounts.keep()
            after.add(document)
            yield document
    run.figures["kinds"] = kind_table(before, after)
