"""Tesseract as it is installed; without it these tests are skipped, and the message says how to get it."""

import shutil
import subprocess

import pytest

from mecelle.base.errors import ResourceError
from mecelle.documents.ocr import tesseract
from mecelle.documents.ocr.config import Ocr
from mecelle.documents.ocr.tesseract import Tesseract


@pytest.fixture
def _installed() -> None:
    program = shutil.which("tesseract")
    languages = subprocess.run([program, "--list-langs"], capture_output=True, text=True).stdout if program else ""
    if "tur" not in languages.split():
        pytest.skip("Tesseract with Turkish is not installed: apt-get install tesseract-ocr tesseract-ocr-tur")


@pytest.mark.usefixtures("_installed")
def test_turkish_letters_of_a_scanned_page(read, tmp_path):
    import pymupdf

    source = pymupdf.open()
    source.new_page(width=400, height=120).insert_htmlbox((10, 10, 390, 110), "<p>Ağır şüpheli kişinin çığlığı</p>")
    pdf = pymupdf.open()
    page = pdf.new_page(width=400, height=120)
    page.insert_image(page.rect, pixmap=source[0].get_pixmap(dpi=300))
    pdf.save(tmp_path / "a.pdf")
    [document] = read(tmp_path / "a.pdf", ocr=Ocr())
    assert document.text.strip() == "Ağır şüpheli kişinin çığlığı"
    assert document.metadata["ocr_engine"].startswith("tesseract ")
    assert document.metadata["ocr_engine"].endswith(" tur")


@pytest.mark.usefixtures("_installed")
def test_a_page_that_takes_too_long_is_an_abort(read, scan):
    found = read(scan, ocr=Ocr(engine=Tesseract(timeout_seconds=0.001)))
    assert [(failure.reason, failure.position) for failure in found] == [("ocr_abort", "pages 1-3")]


@pytest.mark.usefixtures("_installed")
def test_a_model_that_is_not_there_is_told_before_the_first_page():
    with pytest.raises(ResourceError, match="no model xyz: apt-get install"):
        Tesseract(language="tur+xyz").check()


def test_a_program_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr(tesseract, "PROGRAM", "no-such-program")
    tesseract._languages.cache_clear()
    with pytest.raises(ResourceError, match="no-such-program is not installed: apt-get install"):
        Tesseract().check()
    tesseract._languages.cache_clear()
