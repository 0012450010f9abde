"""kill -9 at every step of a build, an addition and a deletion; a disk that is full."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mecelle.base.errors import ResourceError
from mecelle.retrieval import disk
from mecelle.retrieval.deleting import delete, indexed_documents
from mecelle.retrieval.index import build
from mecelle.retrieval.search import Searcher

HERE = Path(__file__).parent


@pytest.mark.parametrize("every", [25, pytest.param(1, marks=pytest.mark.slow)])
def test_kill_9_at_any_step_leaves_a_whole_index(tmp_path, every):
    arguments = [sys.executable, HERE / "killing.py", tmp_path, str(every)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3_000:]
    kills = json.loads(done.stdout)
    assert min(kills.values()) * every >= 20
    assert sum(kills.values()) * every >= 200


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=260m", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root can mount a small disk")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(path: Path, *, leaving: int) -> None:
    """Let a file take the disk but for so many bytes."""
    path.touch()
    usage = os.statvfs(path)
    more = usage.f_bavail * usage.f_frsize - leaving
    if more > 0:
        with path.open("ab") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size + more)


def test_a_full_disk_is_told_and_the_index_of_before_answers(small_disk, collection, write_decision, encoder):
    index = small_disk / "index"
    build(collection, index, model=encoder, workers=1)
    write_decision(collection, "2020/1", "2020/2", "3. Hukuk Dairesi", "Kira bedelinin tespiti istenmiştir.")
    filler = small_disk / "filler"
    fill(filler, leaving=40 * 2**20)  # room to search, none to add
    arguments = [sys.executable, HERE / "filling_disk.py", collection, index]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 0, "killed by the kernel: Qdrant wrote into mapped memory without a disk behind it"
    assert done.stdout.startswith("ResourceError")
    with Searcher(index, encoder=encoder) as searcher:
        assert not [hit for hit in searcher.search("tespiti", mode="bm25") if "tespiti" in hit.passage]
        assert searcher.search("kira bedeli", mode="dense")
    fill(filler, leaving=2**20)
    with Searcher(index, encoder=encoder) as searcher:  # not even room to open the vectors: words still find
        assert searcher.search("kira bedeli", mode="bm25")
        with pytest.raises(ResourceError, match="the disk is full"):
            searcher.search("kira bedeli", mode="dense")
    filler.unlink()
    build(collection, index, model=encoder, workers=1)
    with Searcher(index, encoder=encoder) as searcher:
        assert "tespiti" in searcher.search("tespiti", mode="bm25")[0].passage


def test_a_deletion_on_a_full_disk_is_told_and_changes_nothing(collection, tmp_path, encoder, monkeypatch):
    index = tmp_path / "index"
    build(collection, index, model=encoder, workers=1)
    gone = next(one.id for one in indexed_documents(index) if one.metadata["kind"] == "decision")
    with monkeypatch.context() as patch:
        patch.setattr(disk, "ROOM_BYTES", 2**60)
        with pytest.raises(ResourceError, match="the disk is full"):
            delete(index, [gone])
    with Searcher(index, encoder=encoder) as searcher:
        assert searcher.document(gone) is not None
    assert delete(index, [gone]).documents == 1


def test_a_copy_has_the_bytes_and_the_holes(tmp_path):
    source, target = tmp_path / "a", tmp_path / "b"
    with source.open("wb") as file:
        file.write(b"begin")
        file.seek(3_000_000)
        file.write(b"middle\0")
        file.truncate(5_000_000)
    disk.copy_with_holes(str(source), str(target))
    assert target.read_bytes() == source.read_bytes()
    assert target.stat().st_blocks * 512 < 1_000_000


def test_other_errors_are_not_called_a_full_disk(tmp_path):
    with pytest.raises(KeyError, match="missing"), disk.told_when_disk_is_full(tmp_path):
        raise KeyError("missing")
