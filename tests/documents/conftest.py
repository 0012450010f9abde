"""Shared texts, small real files of every format, and shortcuts of the documents tests."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import docx
import pymupdf
import pytest

from mecelle.base.document import Document
from mecelle.documents.config import ExtractConfig
from mecelle.documents.files import File
from mecelle.documents.reading import read_file
from mecelle.documents.records import Failure

Read = Callable[..., list[Document | Failure]]

_DECISION = """T.C.
YARGITAY
4. Hukuk Dairesi
Esas No : 2023/4984
Karar No : 2024/1443

Davacı, iş kazasında şoförün ağır kusurlu olduğunu ileri sürmüştür. Mahkemece davanın kısmen kabulüne karar verilmiştir.
Hükmün ONANMASINA, 12.02.2024 tarihinde oybirliğiyle karar verildi."""

_ACT = """ÖRNEK KİRALAMA KANUNU

Kanun Numarası : 9101

Amaç

MADDE 1 – Bu Kanunun amacı, ölçülü kiralamayı düzenlemektir.

Kapsam

MADDE 2 – Bu Kanun, İğdır ilindeki taşınmazlara uygulanır. Kiracı öder."""


def _write_pdf(path: Path, paragraphs: list[str], *, password: str | None = None) -> Path:
    """One page per paragraph."""
    pdf = pymupdf.open()
    for paragraph in paragraphs:
        pdf.new_page().insert_htmlbox((60, 60, 520, 780), f"<p>{paragraph}</p>")
    options = {"encryption": pymupdf.PDF_ENCRYPT_AES_256, "user_pw": password, "owner_pw": password} if password else {}
    pdf.save(path, **options)
    return path


def _write_scan(path: Path, *, text_pages: int = 0, picture_pages: int = 1, blank_pages: int = 0) -> Path:
    pdf = pymupdf.open()
    for _ in range(text_pages):
        pdf.new_page().insert_text((72, 72), "Metin katmani olan sayfa.")
    for _ in range(picture_pages):
        page = pdf.new_page()
        page.insert_image(page.rect, pixmap=pymupdf.Pixmap(pymupdf.csGRAY, (0, 0, 40, 40), False))
    for _ in range(blank_pages):
        pdf.new_page()
    pdf.save(path)
    return path


def _write_docx(path: Path) -> Path:
    document = docx.Document()
    document.add_paragraph("Birinci fıkra: ağır şüphe.")
    table = document.add_table(rows=2, cols=2)
    for row, texts in zip(table.rows, (("Borçlu", "Alacaklı"), ("Ayşe", "İlker")), strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.add_paragraph("Tablodan sonra gelen fıkra.")
    document.save(str(path))
    return path


def _write_udf(path: Path, text: str, *, elements: str = "", prologue: str = "") -> Path:
    content = (
        f'<?xml version="1.0" encoding="UTF-8" ?>{prologue}<template format_id="1.8">'
        f"<content><![CDATA[{text}]]></content>"
        f'<elements resolver="hvl-default">{elements}</elements></template>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("content.xml", content)
    return path


@pytest.fixture
def act() -> str:
    """The text of a law of two articles with headings."""
    return _ACT


@pytest.fixture
def decision() -> str:
    """The text of a decision with its own header."""
    return _DECISION


@pytest.fixture
def make_file() -> SimpleNamespace:
    """Writers of small real files: `pdf`, `scan`, `docx`, `udf`; each returns the path it was given."""
    return SimpleNamespace(pdf=_write_pdf, scan=_write_scan, docx=_write_docx, udf=_write_udf)


@pytest.fixture
def read() -> Read:
    """Everything that comes out of one file."""

    def run(path: Path, **config: Any) -> list[Document | Failure]:
        return list(read_file(File(path.name, path), ExtractConfig(**config)))

    return run


@pytest.fixture
def reasons(read: Read) -> Callable[..., list[str]]:
    """What came out of one file, in short: "ok" or the reason of the failure."""

    def run(path: Path, **config: Any) -> list[str]:
        return [found.reason if isinstance(found, Failure) else "ok" for found in read(path, **config)]

    return run
