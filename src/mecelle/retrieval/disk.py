"""Full disks: told in words, and seen before Qdrant writes into mapped memory, where the kernel kills the process."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mecelle.base.errors import MecelleError, ResourceError
from mecelle.base.machine import free_disk_gib

ROOM_BYTES = 64 * 2**20
"""What must be free before vectors are written: a new shard takes 13 MiB, and a batch of vectors a few more."""
OPEN_BYTES = 32 * 2**20
"""What must be free before a shard is opened, even to be searched: Qdrant makes a segment for what might be added."""
_BLOCK_BYTES = 2**16
_SAID = ("No space left", "is full", "Disk quota")


def check_room(folder: Path, *, least_bytes: int | None = None, more_bytes: int = 0) -> None:
    """Raise the error of a full disk unless `least_bytes` (None: `ROOM_BYTES`) and more are free where `folder` is."""
    wanted = (ROOM_BYTES if least_bytes is None else least_bytes) + more_bytes
    if shutil.disk_usage(folder).free < wanted:
        raise OSError(errno.ENOSPC, f"less than {wanted / 2**20:,.0f} MiB are free in {folder}")


def folder_bytes(folder: Path) -> int:
    """What the files of a folder take on the disk, holes aside."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def copy_with_holes(source: str, target: str) -> None:
    """Copy a file and leave its holes: an empty shard of Qdrant is 13 MiB of disk in files of 100."""
    with Path(source).open("rb") as read, Path(target).open("wb") as write:
        while block := read.read(_BLOCK_BYTES):
            if block.count(0) == len(block):
                write.seek(len(block), 1)
            else:
                write.write(block)
        write.truncate()


@contextmanager
def told_when_disk_is_full(index: Path) -> Iterator[None]:
    """Turn the errors of a full disk, of which Python, SQLite and Qdrant each have their own, into ResourceError."""
    try:
        yield
    except MecelleError:
        raise
    except Exception as error:
        is_full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
        if not is_full and not any(said in str(error) for said in _SAID):
            raise
        raise ResourceError(
            f"{index}: the disk is full ({free_disk_gib(index):.2f} GiB free; {error}). The index of before still "
            "works; free some space and run the same command again: it goes on where it was"
        ) from error
