"""Stage `mix`, balanced: each category cut or repeated to its target. Source: HukukBERT §3.2, Tables 2 and 3."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from mecelle.base import artifacts
from mecelle.base.artifacts import Run
from mecelle.base.collection import JsonlWriter, read_documents, shards
from mecelle.base.progress import track
from mecelle.corpus.decontamination.gate import pass_on
from mecelle.corpus.ledger import identity
from mecelle.corpus.mixing.draw import Copies, draw
from mecelle.corpus.mixing.index import Index
from mecelle.corpus.mixing.size import Ruler
from mecelle.corpus.mixing.targets import Balance, resolve
from mecelle.corpus.mixing.writing import MixWriter, copied
from mecelle.corpus.statistics.amounts import Amounts

STAGE = "mix"
VERSION = 2
READS = ("extract", "corpus", "select", STAGE)
NOT_SAMPLED = "not_sampled"


def balance(documents: Path, out: Path, config: Balance, *, seed: int) -> None:
    """Make the artifact `out` of the collection `documents`: every category at its target, all in a seeded order.

    Reads the collection twice and holds 24 bytes a document and one bucket of text. A document that is taken
    several times keeps its id and carries `copy` (1, 2, ...) in its metadata. `dropped.jsonl.zst` names the others.
    Raises InputError if there is nothing to read, ArtifactError if `documents` is half-written.
    """
    check_input(documents)
    ruler = Ruler(config.size)
    with (
        artifacts.create(
            out, stage=STAGE, version=VERSION, parameters=config, inputs={"documents": documents}, seed=seed
        ) as run,
        TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as work,
    ):
        pass_on(documents, run.folder)
        index = Index(track(read_documents(documents), "measure"), ruler, seed=seed)
        copies = _drawn(index, config, run)
        _account(run, copies)
        writer = MixWriter(run.folder, ruler, work=Path(work), seed=seed)
        with JsonlWriter(run.folder / "dropped.jsonl.zst") as dropped:
            found = track(read_documents(documents), "mix", total=len(index))
            chosen = copied(
                found, index, copies, leave=lambda one: dropped.write(identity(one) | {"reason": NOT_SAMPLED})
            )
            amounts = writer.write(chosen, characters=index.characters_of(copies))
        run.figures["unit"] = ruler.unit
        run.figures["read"] = plain(index.amounts)
        run.figures["steps"] = [{"step": "balance"} | run.accounts.model_dump() | {"categories": plain(amounts)}]


def composition(targets: Sequence[Mapping[str, Any]], *, most: int = 5) -> str:
    """What a mix is made of, the largest first, in words: "MEVZUAT 98.8% (before: 72.5%), ...".

    targets: `figures.targets` of its record; most: how many are named.
    """
    before, after = (sum(row[key] for row in targets) or 1 for key in ("before", "after"))
    ranked = sorted(targets, key=lambda row: -row["after"])
    told = [
        f"{row['target']} {100 * row['after'] / after:.1f}% (before: {100 * row['before'] / before:.1f}%)"
        for row in ranked[:most]
    ]
    return ", ".join(told) + (f" and {len(ranked) - most} more" if len(ranked) > most else "")


def check_input(documents: Path) -> None:
    """Raises InputError if there are no documents, ArtifactError if they are half-written or of no fitting stage."""
    if (documents / "documents").is_dir():
        artifacts.read_marker(documents, stage=READS)
    shards(documents)


def plain(amounts: Amounts) -> dict[str, Any]:
    """Amounts as a run record keeps them, sorted by category."""
    return {name: amount.model_dump() for name, amount in sorted(amounts.items())}


def _drawn(index: Index, config: Balance, run: Run) -> Copies:
    copies = np.zeros(len(index), dtype=np.int32)
    rows = []
    for name, (members, target) in resolve(config, index.size_by_category()).items():
        of = index.where(set(members).__contains__)
        copies[of] = draw(index.sizes[of], index.keys[of], target, most_copies=config.most_copies)
        rows.append(
            {
                "target": name,
                "categories": members,
                "before": int(index.sizes[of].sum()),
                "wanted": target,
                "after": int(index.sizes[of] @ copies[of]),
                "documents": int(of.sum()),
                "kept": int((copies[of] > 0).sum()),
                "written": int(copies[of].sum()),
                "most_copies": int(copies[of].max(initial=0)),
            }
        )
    run.figures["targets"] = rows
    return copies


def _account(run: Run, copies: Copies) -> None:
    """Documents are counted once; repeats stand apart."""
    kept, written = int((copies > 0).sum()), int(copies.sum())
    run.accounts.keep(kept)
    if left := len(copies) - kept:
        run.accounts.drop(NOT_SAMPLED, left)
    run.figures["copies"] = {"documents": kept, "written": written, "repeats": written - kept}
