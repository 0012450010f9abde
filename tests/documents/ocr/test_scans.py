"""Scanned pages inside the readers: in their place, with metadata, and never lost in silence."""

import zipfile
from pathlib import Path

import pymupdf
import pytest
from PIL import Image
from typer.testing import CliRunner

from mecelle.base import artifacts
from mecelle.base.collection import read_documents
from mecelle.documents.config import ExtractConfig
from mecelle.documents.extract import extract
from mecelle.documents.ocr.scans import page_ranges


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Text, scan, scan, text."""
    pdf = pymupdf.open()
    for number in range(4):
        page = pdf.new_page(width=300, height=200)
        if number in (1, 2):
            page.insert_image(page.rect, pixmap=pymupdf.Pixmap(pymupdf.csGRAY, (0, 0, 30 + number, 40), False))
        else:
            page.insert_text((20, 50), f"Metin {number + 1}.")
    pdf.save(tmp_path / "karma.pdf")
    return tmp_path / "karma.pdf"


def test_scanned_pages_of_a_pdf_stand_in_their_place(server, read, mixed):
    [document] = read(mixed, ocr=server.ocr())
    first, second, third, fourth = document.text.split("\n")
    assert (first, fourth) == ("Metin 1.", "Metin 4.")
    assert second.startswith("Karar: ")
    assert third.startswith("Karar: ")
    assert second != third
    found = {name: document.metadata[name] for name in ("ocr_engine", "ocr_pages", "ocr_ended", "pages")}
    assert found == {"ocr_engine": "dots-ocr", "ocr_pages": "2-3", "ocr_ended": "natural 2", "pages": 4}


def test_pages_that_end_as_abort_are_a_failure_beside_the_document(server, read, mixed):
    server.plan("status:400", "length")
    document, failure = read(mixed, ocr=server.ocr(requests_in_flight=1))
    assert document.metadata["ocr_ended"] == "length 1, abort 1"
    assert (failure.reason, failure.position) == ("ocr_abort", "pages 2")
    assert "no: 400" in failure.error


def test_without_an_engine_the_failure_says_what_to_do(read, mixed):
    document, failure = read(mixed)
    assert document.text == "Metin 1.\nMetin 4."
    assert (failure.reason, failure.position) == ("no_text_layer", "pages 2-3")
    assert "--ocr tesseract" in failure.error


def test_a_scan_with_a_stamp_is_a_scan(server, read, write_scan, tmp_path):
    stamped = write_scan(tmp_path / "a.pdf", "Karar", stamp="5070 sayili Kanun geregince e-imzalidir")
    [document] = read(stamped, ocr=server.ocr())
    assert document.text.startswith("Karar: ")
    document, failure = read(stamped)
    assert document.text.startswith("5070")
    assert failure.reason == "no_text_layer"


def test_text_beside_a_figure_is_no_scan(read, tmp_path):
    pdf = pymupdf.open()
    page = pdf.new_page(width=300, height=300)
    page.insert_image(pymupdf.Rect(0, 0, 300, 100), pixmap=pymupdf.Pixmap(pymupdf.csGRAY, (0, 0, 40, 40), False))
    page.insert_text((20, 200), "Kisa metin.")
    pdf.save(tmp_path / "a.pdf")
    [document] = read(tmp_path / "a.pdf")
    assert document.text == "Kisa metin."


def test_an_abort_is_not_kept_by_the_cache_of_extract(server, mixed, tmp_path):
    config = ExtractConfig(ocr=server.ocr(tmp_path / "pages", requests_in_flight=1), workers=1)
    server.plan("status:400")
    extract(mixed, tmp_path / "out", config, cache=tmp_path / "cache")
    assert artifacts.read_record(tmp_path / "out").accounts.failed == {"ocr_abort": 1}
    server.plan()
    extract(mixed, tmp_path / "out", config, cache=tmp_path / "cache")
    assert len(server.requests) == 1  # the page that was kept is not asked for again
    record = artifacts.read_record(tmp_path / "out")
    assert (record.accounts.failed, record.figures["files_read"]) == ({}, 1)
    extract(mixed, tmp_path / "out", config, cache=tmp_path / "cache")
    assert artifacts.read_record(tmp_path / "out").figures["files_cached"] == 1
    [document] = read_documents(tmp_path / "out")
    assert document.metadata["ocr_ended"] == "natural 2"


@pytest.mark.parametrize(
    ("name", "mode", "num_frames"),
    [("a.tif", "1", 3), ("b.TIFF", "L", 1), ("c.png", "P", 1), ("d.jpg", "CMYK", 1), ("e.jpeg", "RGB", 1)],
)
def test_pictures_of_every_kind(server, read, tmp_path, name, mode, num_frames):
    frames = [Image.new("L", (60 + number, 40), 255).convert(mode) for number in range(num_frames)]
    more = {"save_all": True, "append_images": frames[1:]} if num_frames > 1 else {}
    frames[0].save(tmp_path / name, **more)
    [document] = read(tmp_path / name, ocr=server.ocr())
    assert len(document.text.split("\n")) == document.metadata["pages"] == len(server.requests) == num_frames
    [failure] = read(tmp_path / name)
    assert failure.reason == "no_text_layer"


def test_a_photograph_is_turned_upright(server, read, tmp_path):
    tags = Image.Exif()
    tags[0x0112] = 6  # a quarter turn
    Image.new("L", (60, 40), 255).save(tmp_path / "a.jpg", exif=tags)
    read(tmp_path / "a.jpg", ocr=server.ocr())
    assert server.requests[0]["size"] == [40, 60]


def test_pictures_that_are_none_or_too_large(server, read, tmp_path, monkeypatch):
    (tmp_path / "a.png").write_bytes(b"\x89PNG junk")
    [failure] = read(tmp_path / "a.png", ocr=server.ocr())
    assert failure.reason == "corrupt"
    monkeypatch.setattr("mecelle.documents.ocr.drawing.MOST_PIXELS", 1_000)
    Image.new("L", (60, 40)).save(tmp_path / "b.png")
    [failure] = read(tmp_path / "b.png", ocr=server.ocr())
    assert (failure.reason, "60 x 40 pixels" in failure.error) == ("ocr_abort", True)
    assert not server.requests


def test_a_huge_page_is_drawn_with_fewer_dots(server, read, tmp_path, monkeypatch):
    monkeypatch.setattr("mecelle.documents.ocr.drawing.MOST_PIXELS", 10_000)
    pdf = pymupdf.open()
    page = pdf.new_page(width=14_400, height=7_200)
    page.insert_image(page.rect, pixmap=pymupdf.Pixmap(pymupdf.csGRAY, (0, 0, 40, 40), False))
    pdf.save(tmp_path / "a.pdf")
    read(tmp_path / "a.pdf", ocr=server.ocr())
    width, height = server.requests[0]["size"]
    assert width * height <= 11_000


def test_scans_in_an_archive(server, read, scan, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(scan, "dosya/tarama.pdf")
    [document] = read(tmp_path / "a.zip", ocr=server.ocr())
    assert (document.metadata["source"], document.metadata["ocr_pages"]) == ("a.zip/dosya/tarama.pdf", "1-3")


def test_page_ranges_are_short():
    assert page_ranges([9, 1, 2, 3, 7]) == "1-3, 7, 9"


def test_the_command_reads_ahead_and_draws_its_figure(server, scan, tmp_path):
    import typer

    from mecelle.cli.ocr import ocr

    app = typer.Typer()
    app.command()(ocr)
    url = server.engine().endpoint.url
    arguments = [str(scan), "--ocr", f"dots-ocr@{url}", "--pages", str(tmp_path / "pages")]
    done = CliRunner().invoke(app, [*arguments, "--partition", "0/1", "--figure", str(tmp_path / "f.svg")])
    assert done.exit_code == 0, done.output
    assert '"natural":3' in done.stdout
    assert "<svg" in (tmp_path / "f.svg").read_text(encoding="utf-8")
    for wrong, word in ((["--partition", "x"], "expected I/N"), (["--ocr", "tesseract5"], "expected tesseract")):
        refused = CliRunner().invoke(app, [*arguments, *wrong])
        assert (refused.exit_code, word in refused.output) == (2, True)
