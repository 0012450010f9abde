"""Shards that an earlier build has cleaned, filtered and signed: what is new does not make the old be done again."""

import os
import shutil
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

from mecelle.base.artifacts import hash_input

_PARTS = (
    "staged/{rank}.jsonl.zst", "staged/{rank}", "ledgers/{rank}", "judge/seen/{rank}", "judge/stats/{rank}.json",
    "judge/completions/{rank}",
)  # fmt: skip
"""What the first half of the pipeline leaves of a task. The completion is last: with it the task counts as done."""


class KeptShards:
    """A folder with one entry a shard, named by the shard's content and by all that was done with it."""

    def __init__(self, folder: Path, sources: Sequence[Path], *, done: str) -> None:
        """sources: the shards of this build. done: everything but the shard that decides what its task leaves."""
        names = (blake2b(f"{done}\x1f{hash_input(path)}".encode(), digest_size=16).hexdigest() for path in sources)
        self._entries = [folder / name for name in names]
        self._folder = folder

    def bring(self, place: Path) -> int:
        """Put what is kept into the work folder of a build, as if its tasks had run; returns how many tasks."""
        found = [(rank, entry) for rank, entry in enumerate(self._entries) if entry.exists()]
        for rank, entry in found:
            for number, part in enumerate(_PARTS):
                if (entry / str(number)).exists():
                    _link(entry / str(number), place / part.format(rank=f"{rank:05d}"))
        return len(found)

    def keep(self, place: Path) -> None:
        """Keep the shards of this build, and no others. Call it when the first half has ended."""
        for rank, entry in enumerate(self._entries):
            if not entry.exists():
                partial = entry.with_suffix(".partial")
                shutil.rmtree(partial, ignore_errors=True)
                partial.mkdir(parents=True)
                for number, part in enumerate(_PARTS):
                    source = place / part.format(rank=f"{rank:05d}")
                    if source.exists():
                        _link(source, partial / str(number))
                partial.rename(entry)
        for other in set(self._folder.iterdir()) - set(self._entries):
            shutil.rmtree(other)


def _link(source: Path, target: Path) -> None:
    """The same files under another name: they are written once, and take their place on the disk once."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, copy_function=_link_file, dirs_exist_ok=True)
    else:
        _link_file(source, target)


def _link_file(source: str | Path, target: str | Path) -> None:
    Path(target).unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, target)
