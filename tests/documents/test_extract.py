"""The stage: one artifact, the same bytes whatever the workers and the cache, each file read once."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import orjson
import psutil
import pytest

from mecelle.base import artifacts
from mecelle.base.collection import read_documents
from mecelle.base.errors import InputError
from mecelle.documents import caching
from mecelle.documents.extract import ExtractConfig, Failure, File, extract, fingerprint, iterate, list_files
from mecelle.documents.files import _files_in

ONE = ExtractConfig(workers=1)


@pytest.fixture
def folder(tmp_path: Path, make_file, decision) -> Path:
    """Every format, four failures."""
    place = tmp_path / "in"
    (place / "alt").mkdir(parents=True)
    rows = [{"id": "1", "text": "Bir."}, {"text": 5}, {"id": "2", "text": "İki."}, {"id": "1", "text": "Bir."}]
    (place / "rows.jsonl").write_bytes(b"\n".join(map(orjson.dumps, rows)))
    (place / "alt" / "karar.txt").write_bytes(decision.encode("cp1254"))
    make_file.pdf(place / "a.pdf", ["Dilekçe."])
    make_file.scan(place / "scan.pdf")
    make_file.docx(place / "b.docx")
    make_file.udf(place / "c.udf", "Sayın Hâkim")
    (place / "old.doc").write_bytes(b"x")
    (place / "junk.pdf").write_bytes(b"junk")  # its library names the file with its whole path
    return place


def figures(out: Path) -> dict[str, object]:
    record = artifacts.read_record(out)
    assert record
    return record.figures


def test_documents_failures_and_accounts(folder, tmp_path):
    out = tmp_path / "documents"
    extract(folder, out, ONE)
    assert [document.metadata["source"] for document in read_documents(out)] == [
        "a.pdf",
        "alt/karar.txt",
        "b.docx",
        "c.udf",
        "rows.jsonl#1",
        "rows.jsonl#3",
    ]
    failed = [orjson.loads(line) for line in (out / "failed.jsonl").read_bytes().splitlines()]
    assert [(row["path"], row["position"], row["reason"]) for row in failed] == [
        ("junk.pdf", "", "corrupt"),
        ("old.doc", "", "unsupported_format"),
        ("rows.jsonl", "2", "text_not_string"),
        ("scan.pdf", "pages 1", "no_text_layer"),
    ]
    accounts = artifacts.read_record(out).accounts
    assert (accounts.seen, accounts.kept, accounts.dropped) == (11, 6, {"same_id": 1})
    assert figures(out)["kinds"] == {"decision": 1, "other": 5}
    artifacts.verify(out)


def test_same_bytes_with_one_and_two_workers_and_wherever_the_folder_lies(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(caching, "POOL_BYTES", 0)
    extract(folder, tmp_path / "one", ONE)
    moved = tmp_path / "elsewhere" / "deeper"
    shutil.copytree(folder, moved)
    extract(moved, tmp_path / "two", ExtractConfig(workers=2), cache=tmp_path / "cache")
    extract(moved, tmp_path / "again", ExtractConfig(workers=2), cache=tmp_path / "cache")
    hashes = {artifacts.read_marker(tmp_path / name).hash for name in ("one", "two", "again")}
    assert len(hashes) == 1
    assert figures(tmp_path / "again")["files_read"] == 0


def test_ten_new_files_are_ten_files_read(folder, tmp_path):
    extract(folder, tmp_path / "out", ONE, cache=tmp_path / "cache")
    assert (figures(tmp_path / "out")["files_read"], figures(tmp_path / "out")["files_cached"]) == (8, 0)
    for number in range(10):
        (folder / f"yeni{number}.txt").write_text(f"Yeni belge {number}.", encoding="utf-8")
    extract(folder, tmp_path / "out", ONE, cache=tmp_path / "cache")
    assert (figures(tmp_path / "out")["files_read"], figures(tmp_path / "out")["files_cached"]) == (10, 8)
    (folder / "yeni3.txt").write_text("Değişti.", encoding="utf-8")
    extract(folder, tmp_path / "out", ONE, cache=tmp_path / "cache")
    assert figures(tmp_path / "out")["files_read"] == 1
    extract(folder, tmp_path / "out", ExtractConfig(workers=1, kind="web"), cache=tmp_path / "cache")
    assert figures(tmp_path / "out")["files_read"] == 18


def test_fingerprint_depends_on_bytes_name_and_parameters_alone(folder):
    files = {file.name: file for file in list_files(folder)}
    first = fingerprint(files["a.pdf"], ONE)
    os.utime(files["a.pdf"].path, (1, 1))
    assert fingerprint(files["a.pdf"], ExtractConfig(workers=2)) == first
    assert fingerprint(files["a.pdf"], ExtractConfig(kind="web")) != first
    with files["a.pdf"].path.open("ab") as file:
        file.write(b"x")
    assert fingerprint(files["a.pdf"], ONE) != first


def test_missing_empty_and_unreadable_inputs_are_told(tmp_path):
    with pytest.raises(InputError, match="nowhere: no such file or folder"):
        extract(tmp_path / "nowhere", tmp_path / "out", ONE)
    (tmp_path / "empty" / ".git").mkdir(parents=True)
    (tmp_path / "empty" / ".git" / "x.txt").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="empty: no file in this folder"):
        extract(tmp_path / "empty", tmp_path / "out", ONE)
    (tmp_path / "empty" / "a.pdf").write_bytes(b"junk")
    with pytest.raises(InputError, match=r"no document could be read \(corrupt 1\).*a\.pdf"):
        extract(tmp_path / "empty", tmp_path / "out", ONE)
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".out.*"))


def test_iterate_gives_the_same_without_an_artifact(folder, tmp_path):
    extract(folder, tmp_path / "out", ONE)
    found = list(iterate(folder, ONE))
    assert sum(isinstance(item, Failure) for item in found) == 4
    assert {item.id for item in found if not isinstance(item, Failure)} == {
        d.id for d in read_documents(tmp_path / "out")
    }


class _DeadlyPath(type(Path())):  # type: ignore[misc]
    """A path that ends the process which unpickles it, as a fault in a native library would."""

    def __reduce__(self) -> tuple[object, ...]:
        return os._exit, (9,)


class _DeadlyContent(type(Path())):  # type: ignore[misc]
    """A path whose content ends the process that reads it."""

    def __reduce__(self) -> tuple[object, ...]:
        deadly = "type('Deadly', (type(p.Path()),), {'read_bytes': lambda _: os._exit(9)})"
        return eval, (f"(lambda p, os: {deadly}({str(self)!r}))(__import__('pathlib'), __import__('os'))",)


def test_a_killed_process_leaves_nothing_half_written(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(caching, "POOL_BYTES", 0)
    (folder / "z.txt").write_text("Karar.", encoding="utf-8")
    files = [File(f.name, _DeadlyContent(f.path)) if f.name == "z.txt" else f for f in list_files(folder)]
    results = list(caching.read_cached(files, ExtractConfig(workers=2), cache=tmp_path / "cache"))
    assert [item.reason for item in results[-1]] == ["crashed"]
    assert not list((tmp_path / "cache").glob("*.partial.zst"))


def test_a_file_that_kills_its_process_is_one_failure(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(caching, "POOL_BYTES", 0)
    files = [File(f.name, _DeadlyPath(f.path)) if f.name == "b.docx" else f for f in list_files(folder)]
    results = list(caching.read_cached(files, ExtractConfig(workers=2), cache=tmp_path / "cache"))
    assert [result.file.name for result in results] == [file.name for file in files]
    assert [item.reason for item in results[2]] == ["crashed"]
    assert sum(not isinstance(item, Failure) for result in results for item in result) == 6


def test_a_file_that_vanishes_is_a_failure(folder, tmp_path):
    files = list_files(folder)
    files[0].path.unlink()
    results = list(caching.read_cached(files, ONE, cache=tmp_path / "cache"))
    assert [item.reason for item in results[0]] == ["unreadable"]


def test_a_full_disk_is_not_taken_for_a_bad_file(folder, tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(caching.JsonlWriter, "write", full)
    with pytest.raises(ValueError, match="disk is full"):
        extract(folder, tmp_path / "out", ONE, cache=tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*partial*"))


def test_several_paths_and_names_that_collide(tmp_path):
    for place in ("a/x", "b/x"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "k.txt").write_text(place, encoding="utf-8")
    (tmp_path / "b" / "x" / "only.txt").write_text("b", encoding="utf-8")
    listed = list_files([tmp_path / "a" / "x", tmp_path / "b" / "x", tmp_path / "b" / "x" / "only.txt"])
    assert [file.name for file in listed] == ["a/x/k.txt", "b/x/k.txt", "only.txt"]


def test_listing_passes_over_what_is_no_document_and_loops(tmp_path):
    (tmp_path / "in" / "alt").mkdir(parents=True)
    for name in (".DS_Store", "~$a.docx", "Thumbs.db", "alt/b.txt", "a.txt"):
        (tmp_path / "in" / name).write_text("x", encoding="utf-8")
    (tmp_path / "in" / "alt" / "up").symlink_to(tmp_path / "in")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "c.txt").write_text("x", encoding="utf-8")
    (tmp_path / "in" / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in" / "e\u0308.txt").write_text("x", encoding="utf-8")
    assert [file.name for file in list_files(tmp_path / "in")] == ["a.txt", "alt/b.txt", "linked/c.txt", "\u00eb.txt"]
    assert len(list(_files_in(tmp_path / "in"))) == 4


def test_text_fields_are_joined_in_order(tmp_path):
    (tmp_path / "d.jsonl").write_bytes(b'{"definition": "Arac\\u0131.", "term": "Acente", "id": "t1"}')
    [document] = iterate(tmp_path / "d.jsonl", ExtractConfig(text_fields=("term", "definition"), kind="dictionary"))
    assert (document.text, document.id.split("-")[0]) == ("Acente\nAracı.", "dictionary")


def test_fields_that_are_read_as_text_still_tell_what_the_row_is(tmp_path):
    rows = [
        '{"term": "Acente", "definition": "Sözleşme ile aracılık eden."}'.encode(),
        b'{"question": "Dava kime?", "answer": "Mahkemeye."}',
        b'{"title": "Kira", "text": "Kira bedeli."}',
    ]
    (tmp_path / "d.jsonl").write_bytes(b"\n".join(rows))
    config = ExtractConfig(text_fields=("title", "text", "term", "definition", "question", "answer"))
    term, question, titled = iterate(tmp_path / "d.jsonl", config)
    assert (term.metadata["kind"], term.metadata["term"]) == ("dictionary", "Acente")
    assert question.metadata["kind"] == "question"
    assert "answer" not in question.metadata
    assert (titled.text, titled.metadata["title"]) == ("Kira\nKira bedeli.", "Kira")


@pytest.mark.real_data
def test_real_rows_keep_their_court_and_numbers(real_data):
    rows = iterate(real_data / "legal" / "decisions.jsonl.gz", ONE)
    documents = [next(rows) for _ in range(300)]
    assert all(d.metadata["kind"] == "decision" and d.metadata["case_number"] for d in documents)
    rows = iterate(real_data / "legal" / "regulations.jsonl.gz", ONE)
    assert {next(rows).metadata["kind"] for _ in range(300)} == {"regulation"}


INTERRUPTIBLE = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # workers of pytest-xdist ignore it
from pathlib import Path
from mecelle.documents import caching
from mecelle.documents.extract import ExtractConfig, extract
caching.POOL_BYTES = 0
try:
    extract(Path(sys.argv[1]), Path(sys.argv[2]), ExtractConfig(workers=2), cache=Path(sys.argv[3]))
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.parametrize("moment", ["importing", "reading"])
def test_ctrl_c_is_answered_by_the_parent_alone(tmp_path: Path, moment: str) -> None:
    """A terminal sends it to all processes: none prints where it was, none goes on, nothing half written stays."""
    (tmp_path / "in").mkdir()
    for number in range(2_000):
        (tmp_path / "in" / f"{number}.txt").write_text(f"Karar {number}.", encoding="utf-8")
    cache = tmp_path / "cache"
    command = [sys.executable, "-c", INTERRUPTIBLE, *(str(tmp_path / name) for name in ("in", "out", "cache"))]
    run = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    children: list[psutil.Process] = []
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and run.poll() is None:
        children = psutil.Process(run.pid).children(recursive=True)
        with suppress(psutil.Error):  # a child that has ended since
            if moment == "importing" and any("forkserver" in " ".join(child.cmdline()) for child in children):
                break
        if moment == "reading" and any(cache.glob("*.jsonl.zst")):
            break
        time.sleep(0.005)
    os.killpg(run.pid, signal.SIGINT)
    _, told = run.communicate(timeout=120)
    assert run.returncode == 130, told
    assert "Traceback" not in told
    assert not psutil.wait_procs(children, timeout=20)[1]
    assert not list(cache.glob("*.partial.zst"))
