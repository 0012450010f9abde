"""Bad content is a failure with a stable reason, and never the end of the file beside it."""

import gzip
import io
import tracemalloc
import zipfile

import orjson
import pytest
import zstandard

from mecelle.documents.packed import read_lines

ENTITY_BOMB = (
    '<!DOCTYPE t [<!ENTITY a "' + "ha" * 50 + '"><!ENTITY b "' + "&a;" * 50 + '"><!ENTITY c "' + "&b;" * 50 + '">]>'
)


def test_a_wrong_row_never_stops_the_file(tmp_path, read):
    lines = [
        b'{"text": "Birinci."}',
        b"{no json",
        b'{"metin_yok": 1}',
        b'{"text": 7}',
        b'{"text": "  "}',
        b'{"text": null}',
        b'["text"]',
        b"",
        b'{"text": "\xfe\xf0 cp1254"}',
        b"[" * 100_000,
        b'{"text": "Sonuncu."}',
    ]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    found = read(tmp_path / "a.jsonl")
    assert [getattr(item, "reason", None) or item.text for item in found] == [
        "Birinci.",
        "not_json",
        "no_text_field",
        "text_not_string",
        "empty",
        "empty",
        "not_an_object",
        "wrong_encoding",
        "not_json",
        "Sonuncu.",
    ]
    assert [item.position for item in found if hasattr(item, "reason")] == ["2", "3", "4", "5", "6", "7", "9", "10"]
    assert "metin_yok" in found[2].error


def test_lone_surrogates_nul_and_nan_stay_readable(tmp_path, read):
    (tmp_path / "a.jsonl").write_bytes(
        b'{"text": "\\ud800 iki\\u0000 son", "score": NaN, "note": "\\udfff", "big": 123456789012345678901234567890}\n'
    )
    [document] = read(tmp_path / "a.jsonl")
    assert document.text == "\ufffd iki son"
    assert document.metadata["note"] == "\ufffd"
    orjson.dumps(document.metadata)  # can be written


def test_a_huge_line_is_passed_over_in_bounded_memory(tmp_path, read):
    with (tmp_path / "a.jsonl").open("wb") as file:
        file.write(b'{"text": "' + b"a" * 3_500_000 + b'"}\n{"text": "Sonraki."}\n')
    failure, document = read(tmp_path / "a.jsonl", max_document_mib=1)
    assert (failure.reason, failure.position, document.text) == ("too_large", "1", "Sonraki.")


def test_memory_does_not_grow_with_a_line(tmp_path):
    (tmp_path / "a.jsonl.zst").write_bytes(zstandard.compress(b"a" * 60_000_000 + b"\nb"))
    tracemalloc.start()
    assert list(read_lines(tmp_path / "a.jsonl.zst", most_bytes=1_000_000)) == [None, b"b"]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_cut_packed_file_says_that_its_end_is_lost(tmp_path, read, pack):
    rows = b"".join(orjson.dumps({"text": f"Satır {number} {hash(number * 7919)}"}) + b"\n" for number in range(8_000))
    suffix = "gz" if pack is gzip.compress else "zst"
    (tmp_path / f"a.jsonl.{suffix}").write_bytes(pack(rows)[: 3 * len(pack(rows)) // 4])
    found = read(tmp_path / f"a.jsonl.{suffix}")
    assert found[-1].reason == "corrupt"
    assert 500 < sum(not hasattr(item, "reason") for item in found) < 8_000


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.pdf", b"%PDF-1.7 junk", "corrupt"),
        ("a.pdf", b"", "empty"),
        ("a.docx", b"PK\x03\x04 half", "corrupt"),
        ("a.udf", b"not a zip", "corrupt"),
        ("a.parquet", b"PAR1 junk", "corrupt"),
        ("a.html", b"   \n", "empty"),
        ("a.html", b"<!-- only -->", "empty"),
        ("a.txt", b"   \n", "empty"),
        ("a.txt", bytes(range(32)) * 40, "wrong_encoding"),
        ("a.json", b'{"title": "x"}', "no_text_field"),
        ("a.csv", b"title;date\nx;y\n", "no_text_field"),
        ("a.doc", b"\xd0\xcf\x11\xe0", "unsupported_format"),
        ("noname", b"x", "unsupported_format"),
    ],
)
def test_files_that_hold_nothing_readable(tmp_path, reasons, name, content, reason):
    (tmp_path / name).write_bytes(content)
    assert reasons(tmp_path / name) == [reason]


def test_damaged_and_locked_pdf(tmp_path, reasons, read, make_file):
    whole = make_file.pdf(tmp_path / "whole.pdf", ["Birinci sayfa. " * 40, "İkinci sayfa. " * 40]).read_bytes()
    (tmp_path / "half.pdf").write_bytes(whole[: len(whole) // 2])
    assert reasons(tmp_path / "half.pdf") == ["corrupt"]
    assert reasons(make_file.pdf(tmp_path / "locked.pdf", ["Gizli."], password="parola")) == ["encrypted"]
    assert reasons(make_file.scan(tmp_path / "scan.pdf")) == ["no_text_layer"]
    assert reasons(make_file.scan(tmp_path / "blank.pdf", picture_pages=0, blank_pages=2)) == ["empty"]
    (tmp_path / "tail.pdf").write_bytes(whole[:-40])  # the cross-reference is cut, the pages are whole
    [document] = read(tmp_path / "tail.pdf")
    assert document.metadata["repaired"] is True


def test_half_a_zip(tmp_path, reasons, make_file):
    for path in (make_file.docx(tmp_path / "a.docx"), make_file.udf(tmp_path / "a.udf", "Metin " * 5_000)):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        assert reasons(path) == ["corrupt"]


@pytest.mark.parametrize(("name", "part"), [("a.udf", "content.xml"), ("a.docx", "word/document.xml")])
def test_zip_bombs_are_not_unpacked(tmp_path, reasons, name, part):
    with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(part, b"<template><content>" + b" " * 30_000_000 + b"</content></template>")
    assert reasons(tmp_path / name) == ["zip_bomb"]
    assert reasons(tmp_path / name, max_file_mib=1) == ["zip_bomb"]


def test_xml_entities_are_refused(tmp_path, reasons, make_file):
    bomb = make_file.udf(tmp_path / "a.udf", "Metin", prologue=ENTITY_BOMB)
    assert reasons(bomb) == ["forbidden_xml"]
    secret = make_file.udf(
        tmp_path / "b.udf", "Metin", prologue='<!DOCTYPE t [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    )
    assert reasons(secret) == ["forbidden_xml"]
    source, target = io.BytesIO(make_file.docx(tmp_path / "c.docx").read_bytes()), tmp_path / "d.docx"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename == "word/document.xml":
                content = content.replace(b"?>", b"?>" + ENTITY_BOMB.encode(), 1)
            new.writestr(part, content)
    assert reasons(target) == ["forbidden_xml"]


def test_a_udf_whose_spans_repeat_the_text_takes_no_memory(tmp_path, read, make_file):
    text = "Satır " * 20_000
    spans = f'<paragraph><content startOffset="0" length="{len(text)}"/></paragraph>' * 3_000
    path = make_file.udf(tmp_path / "a.udf", text, elements=f"<table><row><cell>{spans}</cell></row></table>")
    tracemalloc.start()
    [document] = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert document.text == text.strip()
    assert peak < 20_000_000


def test_html_with_control_characters_keeps_its_text(tmp_path, read):
    (tmp_path / "a.html").write_bytes("<p>Ağır\x0b şüphe&#1;</p><br>son\x01".encode())
    [document] = read(tmp_path / "a.html")
    assert document.text.split() == ["Ağır", "şüphe", "son"]


def test_a_word_document_with_a_broken_style_keeps_its_text(tmp_path, read, make_file):
    content = bytearray(make_file.docx(tmp_path / "a.docx").read_bytes())
    with zipfile.ZipFile(tmp_path / "a.docx") as archive:
        at = archive.getinfo("word/styles.xml").header_offset
    content[at + 200 : at + 260] = bytes(60)
    (tmp_path / "a.docx").write_bytes(content)
    [document] = read(tmp_path / "a.docx")
    assert "Borçlu | Alacaklı" in document.text


def test_files_without_rows_are_counted(tmp_path, reasons):
    for name, content in (("a.csv", b"id;text\n"), ("b.jsonl", b"\n \n"), ("c.json", b"[]")):
        (tmp_path / name).write_bytes(content)
        assert reasons(tmp_path / name) == ["empty"]


def test_a_udf_without_its_content(tmp_path, reasons, make_file):
    with zipfile.ZipFile(tmp_path / "a.udf", "w") as archive:
        archive.writestr("other.xml", "<a/>")
    assert reasons(tmp_path / "a.udf") == ["corrupt"]
    assert reasons(make_file.udf(tmp_path / "b.udf", "")) == ["empty"]


def test_a_reader_that_raises_is_a_failure_of_its_file(tmp_path, reasons, monkeypatch):
    from mecelle.documents.readers import txt

    def raise_(*_: object) -> None:
        raise RuntimeError("surprise")

    monkeypatch.setattr(txt, "decode", raise_)
    (tmp_path / "a.txt").write_text("Metin.", encoding="utf-8")
    assert reasons(tmp_path / "a.txt") == ["unreadable"]


def test_whole_files_are_bounded(tmp_path, reasons):
    (tmp_path / "a.txt").write_bytes(b"a" * 1_100_000)
    assert reasons(tmp_path / "a.txt", max_file_mib=1) == ["too_large"]
    assert reasons(tmp_path / "a.txt", max_document_mib=1) == ["too_large"]


def test_a_pdf_page_that_the_library_below_refuses_is_named_and_the_others_kept(tmp_path, read, make_file, monkeypatch):
    import pymupdf

    from mecelle.documents.readers import pdf

    def refuse(page, text):
        if page.number == 1:
            raise pymupdf.mupdf.FzErrorFormat("premature end of data in png image")
        return False

    monkeypatch.setattr(pdf, "is_scanned", refuse)
    document, failure = read(make_file.pdf(tmp_path / "a.pdf", ["Birinci.", "İkinci.", "Son."]))
    assert document.text == "Birinci.\nİkinci.\nSon."
    assert (failure.reason, failure.position) == ("corrupt", "pages 2")


def test_parquet_text_that_is_no_utf8(tmp_path, reasons):
    import pyarrow
    import pyarrow.parquet

    text = pyarrow.array([b"bozuk \xf0\xfe"], pyarrow.binary()).view(pyarrow.string())
    pyarrow.parquet.write_table(pyarrow.table({"text": text}), tmp_path / "a.parquet")
    assert reasons(tmp_path / "a.parquet") == ["corrupt"]
