"""Stage `corpus`: clean, filter, deduplicate, mask.

Two pipelines over the shards of the input, with the search for duplicates, which must see all of them, in between:
read, clean, filters, sign | exact, MinHash | leave out, mask, write.
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from pydantic import BeforeValidator

from mecelle.base import artifacts
from mecelle.base.artifacts import Run, hash_input
from mecelle.base.collection import shards
from mecelle.base.config import Config
from mecelle.base.errors import ConfigError
from mecelle.base.seeds import derive
from mecelle.corpus.cleaning import AnyCleaner
from mecelle.corpus.cleaning.presets import repairs
from mecelle.corpus.dedup.search import Dedup, Search
from mecelle.corpus.execution import execute
from mecelle.corpus.executors import Executor
from mecelle.corpus.executors.local import Local
from mecelle.corpus.filters import AnyFilter
from mecelle.corpus.filters.presets import house, preset
from mecelle.corpus.gather import gather
from mecelle.corpus.kept import KeptShards
from mecelle.corpus.privacy.mask import Masking, key_fingerprint
from mecelle.corpus.snapshot import read_snapshot
from mecelle.corpus.steps import Clean, Judge, LeaveOut, Mask, Read, Sign, TakeDown, Words, Write
from mecelle.corpus.takedown_log import read_takedowns

STAGE = "corpus"
VERSION = 3

_ALONE = Local(workers=1)


def _named(filters: Any) -> Any:
    """A preset's filters for its name; a list, which YAML has, as the tuple that strict validation wants."""
    if isinstance(filters, str):
        return preset(filters)
    return tuple(filters) if isinstance(filters, list) else filters


class CorpusConfig(Config):
    """Parameters of the stage."""

    cleaning: tuple[AnyCleaner, ...] = repairs()
    """Cleaning steps, in order."""
    filters: Annotated[tuple[AnyFilter, ...], BeforeValidator(_named)] = house()
    """Filters, in order; the first that drops a document names the reason. Or a preset: "house", "full", "paper"."""
    dedup: Dedup = Dedup()
    """Exact and near-duplicates."""
    privacy: Masking = Masking()
    """Identifiers that are masked."""


def build(
    documents: Path,
    out: Path,
    config: CorpusConfig,
    *,
    seed: int,
    executor: Executor = _ALONE,
    work: Path | None = None,
    snapshot: Path | None = None,
    kept: Path | None = None,
    takedowns: Path | None = None,
) -> None:
    """Make the corpus `out` of the collection `documents` (an artifact of `extract`, or a folder of `*.jsonl.zst`).

    executor: where the tasks run, one shard each; same bytes for any. work: where a killed run leaves what it finished,
    so that the next one goes on (nothing is kept without it). snapshot: of `select`; its documents stay when new ones
    turn out to be their copies. kept: where shards are kept, so that the next build with the same parameters cleans,
    filters, signs and embeds only what is new; one folder a corpus. takedowns: log of `mecelle takedown`; what it
    names, and copies of that, are left out first.
    Raises InputError if there is nothing to read, ArtifactError if `documents` is half-written.
    """
    names = [one.filter for one in config.filters]
    if len(set(names)) < len(names):
        raise ConfigError(f"filters: {', '.join(names)}: each may stand once, since its counts carry its name")
    secret = key_fingerprint(config.privacy)  # a key that is missing fails here, not after hours
    if (documents / "documents").is_dir():
        artifacts.read_marker(documents, stage=("extract", "reconstruct", STAGE))
    beside = {"snapshot": snapshot, "takedowns": takedowns}
    inputs = {"documents": documents} | {name: path for name, path in beside.items() if path and path.exists()}
    inputs |= {f"{one.filter}.{number}": path for one in config.filters for number, path in enumerate(one.files())}
    sources = shards(documents)
    with (
        artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run,
        _work_folder(work, out, _key(config, inputs.values(), seed, secret)) as place,
    ):
        record = artifacts.read_record(documents)
        total = record.accounts.kept if record and record.accounts else None
        old = KeptShards(kept / "shards", sources, done=_judging(config, seed, takedowns)) if kept else None
        run.figures["shards_kept_from_before"] = old.bring(place) if old else 0
        _judge(sources, place, config, seed=seed, executor=executor, total=total, takedowns=takedowns)
        if old:
            old.keep(place)
        search = Search(place / "staged", tasks=len(sources), work=place / "search")
        search.run(config.dedup, settled=read_snapshot(snapshot), vectors=kept)
        search.write_leaving(place / "leaving")
        search.write_clusters(run.folder)
        _finish(len(sources), place, config, executor=executor)
        _hand_over(run, place, search, config, tasks=len(sources))


def _judge(
    sources: Sequence[Path],
    place: Path,
    config: CorpusConfig,
    *,
    seed: int,
    executor: Executor,
    total: int | None,
    takedowns: Path | None,
) -> None:
    ledgers, work = place / "ledgers", place / "judge"
    steps = [
        Read(sources, ledgers=ledgers, work=work),
        TakeDown(takedowns, ledgers=ledgers),
        Clean(config.cleaning, ledgers=ledgers),
        Words(ledgers=ledgers),
        *(Judge(one, ledgers=ledgers) for one in config.filters),
        Sign(place / "staged", config.dedup.signing, seed=derive(seed, "minhash"), ledgers=ledgers),
    ]
    execute(steps, tasks=len(sources), executor=executor, work=work, task="clean and filter", total=total)


def _finish(tasks: int, place: Path, config: CorpusConfig, *, executor: Executor) -> None:
    ledgers, work = place / "ledgers", place / "finish"
    staged = [place / "staged" / f"{rank:05d}.jsonl.zst" for rank in range(tasks)]
    steps = [
        Read(staged, ledgers=place / "staged", work=work),
        LeaveOut(place / "leaving", place / "staged", ledgers=ledgers),
        Mask(config.privacy, place / "identifiers", ledgers=ledgers),
        Write(place / "documents", ledgers=ledgers),
    ]
    execute(steps, tasks=tasks, executor=executor, work=work, task="mask and write", total=None)


def _hand_over(run: Run, place: Path, search: Search, config: CorpusConfig, *, tasks: int) -> None:
    judging = ["takedown", "clean", "words", *(one.filter for one in config.filters), "sign"]
    steps = [*judging, "deduplicate", "mask", "write"]
    gather(run, place, steps, tasks=tasks)
    run.figures["duplicates"] = search.figures


def _judging(config: CorpusConfig, seed: int, takedowns: Path | None) -> str:
    """All that decides what the first half makes of a shard."""
    parts = [str(VERSION), str(seed), config.model_dump_json(include={"cleaning", "filters"})]
    log = str(hash_input(takedowns)) if takedowns and read_takedowns(takedowns) else ""
    lists = [str(hash_input(path)) for one in config.filters for path in one.files()]
    return "\x1f".join([*parts, config.dedup.signing.model_dump_json(), log, *lists])


def _key(config: CorpusConfig, inputs: Iterable[Path], seed: int, secret: str) -> str:
    """Changes whenever half-done work no longer fits."""
    parts = [str(VERSION), str(seed), secret, config.model_dump_json(), *(str(hash_input(path)) for path in inputs)]
    return blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()


@contextmanager
def _work_folder(work: Path | None, out: Path, key: str) -> Iterator[Path]:
    """A folder for half-done work, gone when all is done."""
    if work is None:
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as folder:
            yield Path(folder)
        return
    place = work / key
    place.mkdir(parents=True, exist_ok=True)
    yield place
    shutil.rmtree(place)
