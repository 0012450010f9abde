"""Building an index: what has changed is read, what is new is embedded, the rest stays as it is."""

import hashlib
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from mecelle.base.accounts import Accounts
from mecelle.base.artifacts import Input, RunRecord, lock_path, record_path
from mecelle.base.config import dump
from mecelle.base.document import Document
from mecelle.base.errors import ArtifactError, ConfigError, InputError
from mecelle.base.locks import lock
from mecelle.base.machine import peak_memory_gib
from mecelle.base.progress import Progress
from mecelle.base.protocols import TextEncoder
from mecelle.documents.files import check_apart
from mecelle.models.names import load_encoder
from mecelle.retrieval.building import FAILED, Building, Plan, has_vectors, identity_of, put_in_place
from mecelle.retrieval.catalogue import Catalogue, UnitState
from mecelle.retrieval.config import IndexConfig
from mecelle.retrieval.deleting import indexed_documents
from mecelle.retrieval.disk import told_when_disk_is_full
from mecelle.retrieval.manifest import (
    MANIFEST,
    STAGE,
    TABLES,
    VERSION,
    Manifest,
    model_entry,
    read_manifest,
    write_manifest,
)
from mecelle.retrieval.matryoshka import kept_dimensions
from mecelle.retrieval.sections import SectionReader
from mecelle.retrieval.sources import Unit, find_units, prune_cache


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What a build did."""

    index: Path
    mode: str
    accounts: Accounts
    """All documents of the index by fate."""
    passages: int
    files_read: int
    files_unchanged: int
    files_removed: int
    embedded: int
    """Texts that were embedded; all others had their vector already."""
    taken_down: int
    """Documents that were read, or in the index, and may not be there."""
    seconds: float

    def sentence(self) -> str:
        """The last line of a build, for a person."""
        files = f"{self.files_read:,} files read, {self.files_unchanged:,} unchanged, {self.files_removed:,} removed"
        failed = sum(self.accounts.failed.values())
        return (
            f"{self.index} ({self.mode}): {self.passages:,} passages; {files}; {self.embedded:,} passages embedded; "
            f"{self.accounts.sentence()}"
            + (f"; {self.taken_down:,} taken down" if self.taken_down else "")
            + (f": see {self.index / FAILED}" if failed else "")
        )


@dataclass(frozen=True, slots=True)
class _Change:
    """What differs between the sources and the tables."""

    states: dict[str, UnitState]
    changed: list[Unit]
    removed: list[str]


def build(
    sources: Path | Sequence[Path],
    out: Path,
    config: IndexConfig | None = None,
    *,
    model: str | Path | TextEncoder | None = None,
    sections: SectionReader | None = None,
    taken_down: Callable[[Document], bool] | None = None,
    workers: int | None = None,
    device: str = "cpu",
) -> BuildReport:
    """Make the index `out` of documents, or bring it in line with them.

    sources: artifacts of Mecelle, or files and folders of the user. Only files that are new or have changed are read,
    only passages without a vector are embedded, and what is gone from the sources leaves the index. If nothing has
    changed, nothing is written, but for the place of a model that was moved. A killed build goes on where it was; until
    it ends, the index of before is searched.
    model: a hub id, a folder, a packaged model or a loaded encoder; None: search by words alone. Another model than
    before embeds all passages anew.
    sections: tells the sections of decisions, so that no passage crosses one and a search can ask for one; with
    another than before all is cut anew.
    taken_down: tells the documents that may not be there: they are out before anybody can search what was built.
    workers: processes that read files, in place of `config.reading.workers`.
    Raises InputError if no document could be read or `out` lies inside a source, ConfigError if the mode needs a model
    and there is none, LockedError if another process builds the same index, ResourceError on a full disk.
    """
    config = config or IndexConfig()
    if workers is not None:
        config = config.model_copy(update={"reading": config.reading.model_copy(update={"workers": workers})})
    if model is None and config.resolved_mode(has_model=False) != "bm25":
        raise ConfigError(f"mode '{config.mode}' needs a model; name one, or use mode 'bm25' or 'auto'")
    _check_folder(out)
    check_apart(out, [sources] if isinstance(sources, Path) else sources)
    clock = time.monotonic()
    units = find_units(sources)
    encoder = _loaded(model, device) if isinstance(model, str | Path) else model
    with lock(lock_path(out), doing=f"index of {len(units):,} files"), told_when_disk_is_full(out):
        out.mkdir(parents=True, exist_ok=True)
        report = _bring_in_line(units, out, config, encoder, sections, taken_down, clock)
    return report


def _loaded(model: str | Path, device: str) -> TextEncoder:
    with Progress("load", total=1, unit="model") as progress:  # torch alone takes seconds
        encoder = load_encoder(model, device=device, precision="auto")
        progress.advance()
    return encoder


def _bring_in_line(
    units: list[Unit],
    out: Path,
    config: IndexConfig,
    encoder: TextEncoder | None,
    sections: SectionReader | None,
    taken_down: Callable[[Document], bool] | None,
    clock: float,
) -> BuildReport:
    model = model_entry(encoder, out, kept=kept_dimensions(encoder, config.vectors)) if encoder else None
    current = _current(out)
    plan = Plan(config, model, sections.fingerprint if sections else None, identity_of(out, config, current))
    building = Building.resume(out, plan, current)
    change = _compare(units, config, building.catalogue.units() if building else _units_of(out, plan, current))
    has_changed = bool(change.changed or change.removed)
    if building is None and current and not has_changed and _is_same(out, current, plan, taken_down):
        if model != current.model:  # the same model in another place: questions load it from there
            write_manifest(out, current.model_copy(update={"model": model}))
        return _report(out, current, change, 0, 0, clock)
    building = building or Building.begin(out, plan, current)
    with closing(building):
        building.catalogue.remove(change.removed)
        building.catalogue.touch(change.states.values())
        building.read_in(change.changed, change.states, out / "cache", sections)
        gone = building.take_out(taken_down, out / "cache") if taken_down else 0
        passages = building.count_terms()
        accounts = building.catalogue.accounts()
        building.catalogue.write_failures(building.folder / FAILED)
        if not passages and not gone:
            raise InputError(_nothing_found(building, accounts))
        embedded = building.embed(encoder) if encoder else 0
    manifest = Manifest(
        generation=(current.generation if current else 0) + 1,
        config=dump(config),
        mode=config.resolved_mode(has_model=model is not None),
        model=model,
        accounts=accounts,
        passages=passages,
        sections=plan.sections,
        identity=plan.identity,
    )
    put_in_place(building.folder, out, manifest)
    prune_cache(out / "cache", change.states)
    report = _report(out, manifest, change, embedded, gone, clock)
    _write_record(report, manifest, change)
    return report


def _current(out: Path) -> Manifest | None:
    """The index that is there; one of another version, or a broken one, is made anew as if there were none."""
    try:
        return read_manifest(out)
    except ArtifactError:
        return None


def _units_of(out: Path, plan: Plan, current: Manifest | None) -> dict[str, UnitState]:
    """The units that a new generation begins with."""
    if current is None or Plan.of(current).reading_key() != plan.reading_key():
        return {}
    with closing(Catalogue.read(current.folder(out) / TABLES)) as catalogue:
        return catalogue.units()


def _compare(units: list[Unit], config: IndexConfig, known: dict[str, UnitState]) -> _Change:
    states = {unit.name: unit.state(config.reading, known.get(unit.name)) for unit in units}
    changed = [
        unit
        for unit in units
        if unit.name not in known or known[unit.name].fingerprint != states[unit.name].fingerprint
    ]
    return _Change(states, changed, sorted(known.keys() - states.keys()))


def _is_same(out: Path, current: Manifest, plan: Plan, taken_down: Callable[[Document], bool] | None) -> bool:
    """Whether the index that is there was made by this plan, and has its vectors and nothing that was taken down."""
    before, rest = Plan.of(current), {"reading"}
    return (
        before.reading_key() == plan.reading_key()
        and before.vectors_key() == plan.vectors_key()
        and before.config.model_dump(exclude=rest) == plan.config.model_dump(exclude=rest)
        and has_vectors(current.folder(out), plan)
        and not (taken_down and any(map(taken_down, indexed_documents(out))))
    )


def _report(out: Path, manifest: Manifest, change: _Change, embedded: int, gone: int, clock: float) -> BuildReport:
    return BuildReport(
        index=out,
        mode=manifest.mode,
        accounts=manifest.accounts,
        passages=manifest.passages,
        files_read=len(change.changed),
        files_unchanged=len(change.states) - len(change.changed),
        files_removed=len(change.removed),
        embedded=embedded,
        taken_down=gone,
        seconds=round(time.monotonic() - clock, 2),
    )


def _write_record(report: BuildReport, manifest: Manifest, change: _Change) -> None:
    """The record beside the index, as other artifacts have one."""
    lines = "".join(f"{state.name}\x1f{state.fingerprint}\n" for state in change.states.values())
    digest = hashlib.blake2b(lines.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    inputs = {"documents": Input(path=f"{len(change.states)} files", hash=digest)}
    if manifest.model:
        inputs["model"] = Input(path=manifest.model.name, hash=manifest.model.fingerprint)
    figures = {
        name: getattr(report, name)
        for name in ("mode", "passages", "files_read", "files_unchanged", "files_removed", "embedded", "taken_down")
    }
    record = RunRecord(
        stage=STAGE,
        version=VERSION,
        parameters=manifest.config,
        inputs=inputs,
        accounts=report.accounts,
        figures=figures,
        seconds=report.seconds,
        peak_gib=round(peak_memory_gib(), 3),
    )
    record_path(report.index).write_text(record.model_dump_json(indent=1) + "\n", encoding="utf-8")


def _check_folder(out: Path) -> None:
    known = (MANIFEST, "building", "building.partial", "cache")
    if out.exists() and not (out.is_dir() and (not any(out.iterdir()) or any((out / name).exists() for name in known))):
        raise InputError(f"{out}: exists and is no index; give the index a folder of its own")


def _nothing_found(building: Building, accounts: Accounts) -> str:
    rows = (building.folder / FAILED).read_text(encoding="utf-8").splitlines()
    return f"no document could be read: {accounts.sentence()}. " + "; ".join(rows[:3])
