import errno
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mecelle.base import artifacts
from mecelle.base.accounts import Accounts
from mecelle.base.errors import AccountsError, ArtifactError, LockedError, ResourceError


def make(out: Path, text: str = "içerik", **parameters: int) -> None:
    with artifacts.create(out, stage="corpus", version=1, parameters=parameters, inputs={}, seed=7) as run:
        (run.folder / "a.txt").write_text(text, encoding="utf-8")
        run.accounts.keep(2)
        run.accounts.drop("short_text")


def test_an_artifact_and_its_record(tmp_path: Path) -> None:
    out = tmp_path / "corpus"
    make(out, least=3)
    marker = artifacts.verify(out)
    assert marker.stage == "corpus"
    assert set(marker.files) == {"a.txt"}
    record = artifacts.read_record(out)
    assert record is not None
    assert (record.parameters, record.seed) == ({"least": 3}, 7)
    assert record.accounts is not None
    assert (record.accounts.seen, record.accounts.kept, record.accounts.dropped) == (3, 2, {"short_text": 1})
    assert not (tmp_path / "corpus.partial").exists()


def test_the_hash_depends_on_contents_alone(tmp_path: Path) -> None:
    make(tmp_path / "one")
    time.sleep(0.01)
    make(tmp_path / "two")
    make(tmp_path / "three", text="başka")
    one, two, three = (artifacts.read_marker(tmp_path / name).hash for name in ("one", "two", "three"))
    assert one == two != three
    assert (tmp_path / "one" / artifacts.MARKER).read_bytes() == (tmp_path / "two" / artifacts.MARKER).read_bytes()


def test_a_failed_stage_leaves_the_old_artifact_whole(tmp_path: Path) -> None:
    out = tmp_path / "corpus"
    make(out)

    def stop() -> None:
        with artifacts.create(out, stage="corpus", version=1, parameters={}, inputs={}, seed=None) as run:
            (run.folder / "a.txt").write_text("yarım", encoding="utf-8")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        stop()
    assert (out / "a.txt").read_text(encoding="utf-8") == "içerik"
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_lost_documents_are_an_error(tmp_path: Path) -> None:
    with (
        pytest.raises(AccountsError, match="2 documents seen, but 1 kept"),
        artifacts.create(tmp_path / "x", stage="s", version=1, parameters={}, inputs={}, seed=None) as run,
    ):
        run.accounts = Accounts(seen=2, kept=1)
    assert not (tmp_path / "x").exists()


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(ResourceError, match="disk is full"),
        artifacts.create(tmp_path / "x", stage="s", version=1, parameters={}, inputs={}, seed=None),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert not (tmp_path / "x").exists()


def test_half_an_artifact_is_not_read(tmp_path: Path) -> None:
    out = tmp_path / "corpus"
    make(out)
    (out / artifacts.MARKER).unlink()
    with pytest.raises(ArtifactError, match="half-written"):
        artifacts.read_marker(out)
    with pytest.raises(ArtifactError, match="no such folder"):
        artifacts.read_marker(tmp_path / "absent")


def test_an_artifact_of_another_stage_is_refused(tmp_path: Path) -> None:
    make(tmp_path / "corpus")
    with pytest.raises(ArtifactError, match="made by stage 'corpus', but an artifact of 'tokenizer' is needed"):
        artifacts.read_marker(tmp_path / "corpus", stage="tokenizer")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda out: (out / "a.txt").write_text("x"), "a.txt has changed"),
        (lambda out: (out / "a.txt").unlink(), "a.txt is missing"),
        (lambda out: (out / "b.txt").write_text("x"), "b.txt does not belong"),
    ],
)
def test_verify_sees_damage(tmp_path: Path, damage, message: str) -> None:
    make(tmp_path / "corpus")
    damage(tmp_path / "corpus")
    with pytest.raises(ArtifactError, match=message):
        artifacts.verify(tmp_path / "corpus")


HOLD = """
import sys, time
from pathlib import Path
from mecelle.base import artifacts
with artifacts.create(Path(sys.argv[1]), stage="encoder", version=1, parameters={}, inputs={}, seed=None):
    print("held", flush=True)
    time.sleep(60)
"""


def test_two_writers_are_kept_apart_until_the_first_is_killed(tmp_path: Path) -> None:
    out = tmp_path / "encoder"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(out)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LockedError, match=f"process {holder.pid} .* encoder into encoder"):
            make(out)
        holder.kill()
    make(out)
    assert artifacts.is_artifact(out, stage="corpus")


def test_a_folder_of_the_user_is_never_replaced(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("benim")
    with pytest.raises(ArtifactError, match="holds files that Mecelle did not make"):
        make(mine)
    assert (mine / "letter.txt").read_text() == "benim"
    with pytest.raises(ArtifactError, match="no place for an artifact"):
        make(Path())


def test_what_is_read_is_never_replaced(tmp_path: Path) -> None:
    make(tmp_path / "corpus")

    def rewrite(source: Path) -> None:
        with artifacts.create(
            tmp_path / "corpus", stage="corpus", version=1, parameters={}, inputs={"documents": source}, seed=None
        ):
            pass

    for source in (tmp_path / "corpus", tmp_path / "corpus" / "a.txt"):
        with pytest.raises(ArtifactError, match="would replace what is read"):
            rewrite(source)
    assert artifacts.is_artifact(tmp_path / "corpus", stage="corpus")


def test_a_record_that_is_linked_elsewhere_is_not_written_through(tmp_path: Path) -> None:
    """DVC links records into its cache: writing the next one must leave the cached one as it was."""
    make(tmp_path / "corpus", least=1)
    cached = tmp_path / "cached.json"
    cached.hardlink_to(artifacts.record_path(tmp_path / "corpus"))
    before = cached.read_text()
    make(tmp_path / "corpus", least=2)
    assert cached.read_text() == before
