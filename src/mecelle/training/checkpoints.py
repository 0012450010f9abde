"""Checkpoints that are whole or not there: one folder per step, moved into place when all of it is written.

work/<key>/lock                    held by the one trainer that may write here
work/<key>/writing/checkpoint-120  what the Trainer is writing; emptied when the work folder is opened
work/<key>/checkpoints/00000120    a whole checkpoint, with the hashes of its files in artifact.json
"""

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path

import orjson
from pydantic import BaseModel
from safetensors import SafetensorError

from mecelle.base import artifacts
from mecelle.base.config import dump
from mecelle.base.errors import ArtifactError, ResourceError
from mecelle.base.locks import lock
from mecelle.base.machine import free_disk_gib

STAGE = "checkpoint"
VERSION = 1
DISK_FULL = ("No space left on device", "Disk quota exceeded", "inline_container", "PytorchStreamWriter")
"""Words by which torch and safetensors say that the disk is full; neither raises OSError for it."""
KEPT = 2
"""Whole checkpoints that are kept: the older one serves if a disk fault spoils the newer."""


def run_key(
    parameters: BaseModel, inputs: Mapping[str, Path | str], *, stage: str, version: int, seed: int, leave_out: set[str]
) -> str:
    """16 hexadecimal digits of all that decides the result of a run: it names the work folder.

    leave_out: top-level parameters that do not change the result (how often a checkpoint is written), so that changing
    them continues the run. Inputs count by content; a hub id, which cannot be hashed, counts by name.
    """
    values = {name: value for name, value in dump(parameters).items() if name not in leave_out}
    hashes = {name: artifacts.hash_input(path) or str(path) for name, path in inputs.items()}
    facts = {"stage": stage, "version": version, "seed": seed, "parameters": values, "inputs": hashes}
    return hashlib.blake2b(orjson.dumps(facts, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()


@contextmanager
def open_work(folder: Path, *, doing: str, first: bool = True) -> Iterator["Checkpoints"]:
    """The checkpoints in `folder`, for one writer at a time. first: False in processes that train along with a writer.

    Raises LockedError, naming the process, while another trainer lives that works in `folder`, and ResourceError if a
    checkpoint cannot be written for want of disk.
    """
    with lock(folder / "lock", doing=doing) if first else nullcontext(), _told_when_disk_is_full(folder):
        yield Checkpoints(folder, writes=first)


class Checkpoints:
    """The checkpoints of one run. Open it with `open_work`, which keeps other writers away."""

    def __init__(self, folder: Path, *, kept: int = KEPT, writes: bool = True) -> None:
        """folder: the run's own work folder; kept: how many whole checkpoints stay; writes: False for those who only
        read, while the one who writes is at work."""
        self.folder = folder
        self.kept = kept
        self.writing = folder / "writing"
        """Output folder for the Trainer: nothing in it counts until `accept`."""
        if writes:
            shutil.rmtree(self.writing, ignore_errors=True)
            self.writing.mkdir(parents=True)
            (folder / "checkpoints").mkdir(exist_ok=True)

    def accept(self, step: int) -> Path:
        """Make `writing/checkpoint-<step>` whole: hash it, move it into place, drop the oldest and what is torn behind
        it. Returns where it is."""
        written, place = self.writing / f"checkpoint-{step}", self.place(step)
        artifacts.mark(written, stage=STAGE, version=VERSION)
        shutil.rmtree(place, ignore_errors=True)
        written.rename(place)
        # Later ones are torn: else the run would have gone on from them.
        kept = [folder for folder in self._folders() if folder <= place][-self.kept :]
        for folder in self._folders():
            if folder not in kept:
                shutil.rmtree(folder)
        return place

    def latest(self) -> Path | None:
        """The newest checkpoint whose files are all there and unchanged, torn ones passed over; None: start anew."""
        for folder in reversed(self._folders()):
            try:
                artifacts.verify(folder)
            except ArtifactError:
                continue
            return folder
        return None

    def place(self, step: int) -> Path:
        """Where the checkpoint of `step` is, or would be."""
        return self.folder / "checkpoints" / f"{step:08d}"

    def _folders(self) -> list[Path]:
        return sorted(path for path in (self.folder / "checkpoints").iterdir() if path.is_dir())


@contextmanager
def _told_when_disk_is_full(folder: Path) -> Iterator[None]:
    try:
        yield
    except (RuntimeError, SafetensorError) as error:
        if not any(words in str(error) for words in DISK_FULL):
            raise
        raise ResourceError(
            f"{folder}: the disk is full ({free_disk_gib(folder):.2f} GiB free). The last whole checkpoint is kept: "
            "free some space and run the same command again, it goes on from there"
        ) from error
