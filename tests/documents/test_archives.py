"""Files in zip archives are read like files in folders; what is no honest archive is a counted failure."""

import io
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from mecelle.documents import archives
from mecelle.documents.archives import MOST_DEPTH
from mecelle.documents.config import ExtractConfig
from mecelle.documents.extract import extract
from mecelle.documents.records import Failure


def zipped(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def told(found) -> list[tuple[str, str]]:
    """(name, text or reason) of everything that came out."""
    return [
        (item.path, item.reason) if isinstance(item, Failure) else (item.metadata["source"], item.text)
        for item in found
    ]


def test_files_of_every_kind_with_their_nested_names(tmp_path, read, make_file, decision):
    members = {
        "kararlar/1.txt": decision.encode("cp1254"),
        "satirlar.JSONL": b'{"text": "Bir."}\n{"text": "Iki."}',
        "dilekçe.docx": make_file.docx(tmp_path / "b.docx").read_bytes(),
        "iç.zip": zipped({"c.udf": make_file.udf(tmp_path / "c.udf", "Sayın Hâkim").read_bytes()}),
        "a.pdf": make_file.pdf(tmp_path / "a.pdf", ["Dilekçe."]).read_bytes(),
        "old.doc": b"x",
        "bos.txt": b"",
        "klasör/": b"",
        "__MACOSX/1.txt": b"x",
        ".DS_Store": b"x",
    }
    (tmp_path / "a.zip").write_bytes(zipped(members))
    found = read(tmp_path / "a.zip")
    assert [name for name, _ in told(found)] == [
        "a.zip/kararlar/1.txt",
        "a.zip/satirlar.JSONL#1",
        "a.zip/satirlar.JSONL#2",
        "a.zip/dilekçe.docx",
        "a.zip/iç.zip/c.udf",
        "a.zip/a.pdf",
        "a.zip/old.doc",
        "a.zip/bos.txt",
    ]
    assert [text for _, text in told(found)][-2:] == ["unsupported_format", "empty"]
    assert (found[0].metadata["case_number"], found[0].metadata["source_id"]) == ("2023/4984", "1")


def test_the_stage_reads_archives_and_leaves_nothing_behind(tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "in" / "a.zip").write_bytes(zipped({"1.txt": b"Bir.", "2.zip": zipped({"3.txt": b"Uc."})}))
    extract(tmp_path / "in", tmp_path / "out", ExtractConfig(workers=1))
    assert not list((tmp_path / "tmp").iterdir())


def test_names_lead_nowhere(tmp_path, read):
    names = ["../../kotu.txt", "/etc/x.txt", "C:\\windows\\y.txt", "a/./../b.txt", "z" * 300 + ".txt"]
    (tmp_path / "a.zip").write_bytes(zipped(dict.fromkeys(names, b"Metin.")))
    found = told(read(tmp_path / "a.zip"))
    assert [text for _, text in found] == ["Metin."] * len(names)
    assert [name for name, _ in found][:4] == [
        "a.zip/kotu.txt", "a.zip/etc/x.txt", "a.zip/C:/windows/y.txt", "a.zip/a/b.txt",
    ]  # fmt: skip


def test_turkish_names_of_dos_and_of_tools_that_forget_the_mark(tmp_path, read):
    content = zipped({"DAVALI_BELGESI.txt": b"Metin.", "dilek__e.txt": b"Metin."})
    content = content.replace(b"DAVALI_BELGESI", "DAVALI_BELGESİ".encode("cp857"))
    (tmp_path / "a.zip").write_bytes(content.replace(b"dilek__e", "dilekçe".encode()))
    assert [name for name, _ in told(read(tmp_path / "a.zip"))] == ["a.zip/DAVALI_BELGESİ.txt", "a.zip/dilekçe.txt"]


def test_a_bad_member_is_one_failure_and_the_next_goes_on(tmp_path, read):
    content = bytearray(zipped({"a.txt": os.urandom(2_000), "b.txt": b"Saglam."}))
    content[500:520] = bytes(20)
    (tmp_path / "a.zip").write_bytes(content)
    assert told(read(tmp_path / "a.zip")) == [("a.zip/a.txt", "corrupt"), ("a.zip/b.txt", "Saglam.")]


def test_a_member_with_a_password_is_named(tmp_path, read):
    content = bytearray(zipped({"a.txt": b"Gizli.", "b.txt": b"Acik."}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    (tmp_path / "a.zip").write_bytes(content)
    assert told(read(tmp_path / "a.zip")) == [("a.zip/a.txt", "encrypted"), ("a.zip/b.txt", "Acik.")]


def test_bombs_alone_and_together(tmp_path, read, monkeypatch):
    (tmp_path / "a.zip").write_bytes(zipped({"a.txt": bytes(3_000_000), "b.txt": b"Saglam."}))
    assert told(read(tmp_path / "a.zip")) == [("a.zip/a.txt", "zip_bomb"), ("a.zip/b.txt", "Saglam.")]
    monkeypatch.setattr(archives, "_LEAST_ROOM", 250_000)
    monkeypatch.setattr(archives, "MOST_RATIO", 1)
    lines = b"".join(b"%d. satir\n" % number for number in range(10_000))
    nested = zipped({f"{number}.txt": lines + b"%d" % number for number in range(4)})
    (tmp_path / "b.zip").write_bytes(zipped({"ic.zip": nested}))
    reasons = [text if text == "zip_bomb" else "ok" for _, text in told(read(tmp_path / "b.zip"))]
    assert reasons == ["ok", "zip_bomb", "zip_bomb", "zip_bomb"]


def test_too_large_too_deep_and_empty(tmp_path, read):
    (tmp_path / "a.zip").write_bytes(zipped({"a.txt": os.urandom(1_100_000)}))
    assert told(read(tmp_path / "a.zip", max_file_mib=1)) == [("a.zip/a.txt", "too_large")]
    content = zipped({"a.txt": b"Metin."})
    for _ in range(MOST_DEPTH - 1):
        content = zipped({"b.zip": content})
    (tmp_path / "deep.zip").write_bytes(content)
    assert told(read(tmp_path / "deep.zip")) == [("deep.zip/b.zip/b.zip/a.txt", "Metin.")]
    (tmp_path / "deep.zip").write_bytes(zipped({"b.zip": content}))
    assert told(read(tmp_path / "deep.zip")) == [("deep.zip/b.zip/b.zip/b.zip", "nested_too_deep")]
    (tmp_path / "empty.zip").write_bytes(zipped({}))
    assert told(read(tmp_path / "empty.zip")) == [("empty.zip", "empty")]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half", b"no zip at all"])
def test_what_is_no_archive(tmp_path, read, content):
    (tmp_path / "a.zip").write_bytes(content)
    assert told(read(tmp_path / "a.zip")) == [("a.zip", "corrupt")]


def test_a_member_without_a_name(tmp_path, read):
    (tmp_path / "a.zip").write_bytes(zipped({"q": b"1", "b.txt": b"Saglam."}).replace(b"q", b"\x00"))
    assert told(read(tmp_path / "a.zip")) == [("a.zip/", "unsupported_format"), ("a.zip/b.txt", "Saglam.")]


def test_an_archive_that_vanished(read):
    assert told(read(Path("/nowhere/a.zip"))) == [("a.zip", "unreadable")]
