"""Stage `mix`, by a curriculum: the sources of each phase go through its steps, are drawn, and stand in order."""

import logging
from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import orjson

from mecelle.base import artifacts
from mecelle.base.artifacts import Run
from mecelle.base.collection import JsonlWriter, read_documents, read_jsonl, write_documents
from mecelle.base.document import Document
from mecelle.base.progress import track
from mecelle.base.seeds import derive
from mecelle.corpus.build import build
from mecelle.corpus.decontamination.gate import pass_on
from mecelle.corpus.executors import Executor
from mecelle.corpus.executors.local import Local
from mecelle.corpus.ledger import identity
from mecelle.corpus.mixing.balance import STAGE, VERSION, check_input, plain
from mecelle.corpus.mixing.curriculum import Curriculum, Phase, Replay
from mecelle.corpus.mixing.draw import Copies, draw
from mecelle.corpus.mixing.fates import KEPT, Fates
from mecelle.corpus.mixing.index import Index, Mask, Numbers
from mecelle.corpus.mixing.pages import PageMerge, PageMerger
from mecelle.corpus.mixing.size import Ruler
from mecelle.corpus.mixing.writing import Drawn, MixWriter, copied
from mecelle.corpus.statistics.categories import category, closest, covers

LOGGER = logging.getLogger(__name__)
FAR = (0.8, 1.25)
"""Drawn by wanted beyond which a source is told: its phase is not the mixture that was asked for."""
_ALONE = Local(workers=1)


def follow(documents: Path, out: Path, config: Curriculum, *, seed: int, executor: Executor = _ALONE) -> None:
    """Make the artifact `out` of the collection `documents`: the phases one after another, each in a seeded order.

    Documents carry `phase` and `copy` in their metadata, replayed ones also `replay_of`; `phases.json` tells which
    shards are which phase. A phase draws what no former phase has trained on first. executor: where the steps of the
    phases run. On disk, beside the result: the sources of all phases, before and after their steps.
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
        whole = Index(track(read_documents(documents), "measure"), ruler, seed=seed)
        writer, fates = MixWriter(run.folder, ruler, work=Path(work), seed=seed), Fates(whole.keys)
        mixer = _Mixer(documents, Path(work), config, ruler, writer, fates, seed=seed, executor=executor)
        rows = [mixer.add(phase) for phase in config.phases]
        for told in shortfalls(rows, ruler.unit):
            LOGGER.warning("%s", told)
        _account(run, documents, fates)
        _record(run, whole, rows, ruler, distinct=mixer.distinct())


def shortfalls(rows: Sequence[Mapping[str, Any]], unit: str) -> Iterator[str]:
    """Sources and replays that a phase drew far from its share of, in words. rows: `figures.phases` of a record."""
    for row in rows:
        for name, one in [
            *((one["source"], one) for one in row["sources"]),
            *((f"replay of {one['phase']}", one) for one in row["replay"]),
        ]:
            wanted, drawn = one["wanted"], one["drawn"]
            if wanted and not FAR[0] <= drawn / wanted <= FAR[1]:
                there = f" ({one['there']:,} there)" if "there" in one else ""
                yield f"{row['phase']}, {name}: {drawn:,} of {wanted:,} {unit} wanted are drawn{there}"


@dataclass
class _Part:
    """What a phase trained on."""

    corpus: Path
    index: Index
    copies: Copies


class _Mixer:
    """Adds one phase after another."""

    def __init__(
        self, documents: Path, work: Path, config: Curriculum, ruler: Ruler, writer: MixWriter, fates: Fates, *,
        seed: int, executor: Executor,
    ) -> None:  # fmt: skip
        self._documents, self._work, self._config, self._ruler = documents, work, config, ruler
        self._writer, self._fates, self._seed, self._executor = writer, fates, seed, executor
        self._parts: dict[str, _Part] = {}

    def add(self, phase: Phase) -> dict[str, Any]:
        """Run the steps of a phase, draw its text and write it; returns what a report says of it."""
        corpus, prepared = self._prepared(phase)
        index = Index(track(read_documents(corpus), f"measure {phase.name}"), self._ruler, seed=self._seed)
        budget = self._config.budget(phase)
        copies, sources = self._fresh(phase, index, budget)
        part = self._parts[phase.name] = _Part(corpus, index, copies)
        self._fates.leave(index.keys_of(np.ones(len(index), dtype=np.bool_)))
        self._fates.keep(index.keys_of(copies > 0))
        replays = [self._replayed(one, phase, budget) for one in phase.replay]
        first = self._writer.shards
        amounts = self._writer.write(
            self._chosen(phase, part, replays),
            characters=index.characters_of(copies) + sum(one[0].index.characters_of(one[1]) for one in replays),
        )
        return {
            "phase": phase.name,
            "budget": budget,
            "sources": sources,
            "replay": [row for _, _, row in replays],
            **prepared,
            "first_shard": first,
            "shards": self._writer.shards - first,
            "categories": plain(amounts),
        }

    def distinct(self) -> int:
        """Documents that stand in any phase, each once; samples of merged pages count as documents."""
        return len(np.unique(np.concatenate([part.index.keys[part.copies > 0] for part in self._parts.values()])))

    def _prepared(self, phase: Phase) -> tuple[Path, dict[str, Any]]:
        """The documents of a phase after its steps, their pages merged, and the counts of those."""
        place = self._work / f"{len(self._parts):02d}"
        wanted = (one for one in read_documents(self._documents) if closest(phase.sources, category(one)))
        write_documents(wanted, place / "sources")
        corpus, told = place / "sources", dict[str, Any]()
        if phase.chain:
            seed = derive(self._seed, "steps", phase.name)
            build(corpus, place / "corpus", phase.chain, seed=seed, executor=self._executor)
            corpus = place / "corpus"
            for reason, keys in self._dropped(corpus).items():
                self._fates.drop(keys, reason)
            record = artifacts.read_record(corpus)
            told["steps"] = record.figures["steps"] if record else []
        if phase.pages:
            told["pages"] = self._merge(corpus, place / "merged", phase.pages)
            corpus = place / "merged"
        return corpus, told

    def _merge(self, corpus: Path, merged: Path, config: PageMerge) -> dict[str, int]:
        """Merge pages; returns what happened to them."""
        merger, keys = PageMerger(config), array("q")

        def noted() -> Iterator[Document]:
            for document in read_documents(corpus):
                keys.append(Index.key(self._seed, document.id))
                yield document

        write_documents(merger.merge(noted()), merged)
        self._fates.drop(np.array(keys, dtype=np.int64), "repeated_page")  # those that are in no sample
        return dict(sorted(merger.figures.items()))

    def _dropped(self, corpus: Path) -> dict[str, Numbers]:
        """Keys of what the steps dropped, or failed on, by reason."""
        found: dict[str, list[int]] = defaultdict(list)
        for name in ("dropped.jsonl.zst", "failed.jsonl"):
            for row in read_jsonl(corpus / name):
                found[row["reason"]].append(Index.key(self._seed, row["id"]))
        return {reason: np.array(keys, dtype=np.int64) for reason, keys in sorted(found.items())}

    def _fresh(self, phase: Phase, index: Index, budget: int) -> tuple[Copies, list[dict[str, Any]]]:
        """Copies of each document, each source by its share of what replay leaves of the budget."""
        used = self._used(index)
        fresh = budget * (1.0 - sum(one.share for one in phase.replay)) / sum(phase.sources.values())
        copies = np.zeros(len(index), dtype=np.int32)
        rows = []
        for source, share in phase.sources.items():
            members = {name for name in index.categories if closest(phase.sources, name) == source}
            of = index.where(members.__contains__)
            wanted = round(fresh * share)
            copies[of] = draw(index.sizes[of], index.keys[of], wanted, most_copies=phase.most_copies, used=used[of])
            rows.append({"source": source, "there": int(index.sizes[of].sum())} | _drawn(index, copies, of, wanted))
        return copies, rows

    def _used(self, index: Index) -> Mask:
        """Which documents a former phase has trained on."""
        keys = [part.index.keys_of(part.copies > 0) for part in self._parts.values()]
        return index.with_keys(np.concatenate(keys)) if keys else np.zeros(len(index), dtype=np.bool_)

    def _replayed(self, replay: Replay, phase: Phase, budget: int) -> tuple[_Part, Copies, dict[str, Any]]:
        """What comes again: a sample of its own for each phase, of what the former one has trained on."""
        part, wanted = self._parts[replay.phase], round(budget * replay.share)
        index, salt = part.index, derive(self._seed, "replay", phase.name)
        of = index.where(lambda name: any(covers(one, name) for one in replay.sources)) & (part.copies > 0)
        copies = np.zeros(len(index), dtype=np.int32)
        copies[of] = draw(index.sizes[of], _other_keys(index.keys[of], salt), wanted, most_copies=1)
        return part, copies, {"phase": replay.phase} | _drawn(index, copies, of, wanted)

    def _chosen(
        self, phase: Phase, part: _Part, replays: list[tuple[_Part, Copies, dict[str, Any]]]
    ) -> Iterator[Drawn]:
        yield from copied(read_documents(part.corpus), part.index, part.copies, phase=phase.name)
        for former, copies, row in replays:
            yield from copied(
                read_documents(former.corpus), former.index, copies, phase=phase.name, replay_of=row["phase"]
            )


def _drawn(index: Index, copies: Copies, of: Mask, wanted: int) -> dict[str, int]:
    written = int(copies[of].sum())
    return {"wanted": wanted, "drawn": int(index.sizes[of] @ copies[of]), "documents": written}


def _other_keys(keys: Numbers, salt: int) -> Numbers:
    """Keys in another order: the smallest ones are those that were drawn first the last time."""
    odd = np.uint64(salt | 1)
    return (keys.astype(np.uint64) * odd >> np.uint64(1)).astype(np.int64)


def _account(run: Run, documents: Path, fates: Fates) -> None:
    """Each document of the input once, whatever number of phases and copies it stands in."""
    for fate, count in fates.counts().items():
        if fate == KEPT:
            run.accounts.keep(count)
        elif fate.endswith("_error"):  # how the steps of a corpus name a document that made them raise
            run.accounts.fail(fate, count)
        else:
            run.accounts.drop(fate, count)
    with JsonlWriter(run.folder / "dropped.jsonl.zst") as dropped:
        for place, document in enumerate(read_documents(documents)):
            if (fate := fates[place]) != KEPT:
                dropped.write(identity(document) | {"reason": fate})


def _record(run: Run, whole: Index, rows: list[dict[str, Any]], ruler: Ruler, *, distinct: int) -> None:
    written = sum(amount["documents"] for row in rows for amount in row["categories"].values())
    run.figures["unit"] = ruler.unit
    run.figures["read"] = plain(whole.amounts)
    run.figures["steps"] = [{"step": row["phase"], "categories": row["categories"]} for row in rows]
    run.figures["phases"] = [{key: value for key, value in row.items() if key != "categories"} for row in rows]
    run.figures["copies"] = {"documents": distinct, "written": written, "repeats": written - distinct}
    shards = [{key: row[key] for key in ("phase", "first_shard", "shards")} for row in rows]
    (run.folder / "phases.json").write_bytes(orjson.dumps(shards, option=orjson.OPT_INDENT_2))
