import json
import zipfile
from pathlib import Path
from typing import Any

import docx
import pymupdf
import pytest
from lxml import etree
from lxml import html as lxml_html

from mecelle.sample import Sample, write
from mecelle.sample.write import file_stem
from mecelle.sample.writers.pdf import render_pdf


@pytest.fixture(scope="module")
def folder(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample")
    write(sample, path, seed=3)
    return path


def truth(folder: Path, name: str) -> Any:
    return json.loads((folder / "truth" / name).read_text(encoding="utf-8"))


def texts(sample: Sample) -> dict[str, str]:
    return {document.id: document.text for document in (*sample.decisions, *sample.contracts)}


def flat(text: str) -> str:
    return " ".join(text.split())


def read_docx(path: Path) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(str(path)).paragraphs)


def read_udf(path: Path) -> str:
    """By the elements' offsets, so that wrong ones show."""
    with zipfile.ZipFile(path) as archive:
        root = etree.fromstring(archive.read("content.xml"))
    units = root.findtext("content").encode("utf-16-le")
    spans = [(int(part.get("startOffset")), int(part.get("length"))) for part in root.iterfind(".//paragraph/content")]
    return "".join(units[2 * start : 2 * (start + length)].decode("utf-16-le") for start, length in spans)


def read_html(path: Path) -> str:
    page = lxml_html.fromstring(path.read_text(encoding="utf-8"))
    return "\n".join(part.text_content() for part in page.iterfind(".//article/p"))


READERS = {
    "txt": lambda path: path.read_text(encoding="utf-8"),
    "html": read_html,
    "docx": read_docx,
    "udf": read_udf,
}


@pytest.mark.parametrize("name", sorted(READERS))
def test_single_files_read_back(name: str, folder: Path, sample: Sample) -> None:
    known = texts(sample)
    placed = {identity: file for identity, file in truth(folder, "formats.json").items() if file.startswith(f"{name}/")}
    assert placed
    for identity, file in placed.items():
        assert flat(READERS[name](folder / "documents" / file)) == flat(known[identity])


def test_pdf_text_layer_has_turkish_letters(folder: Path, sample: Sample) -> None:
    known = texts(sample)
    placed = {identity: file for identity, file in truth(folder, "formats.json").items() if file.startswith("pdf/")}
    assert placed
    for identity, file in placed.items():
        with pymupdf.open(folder / "documents" / file) as document:
            pages = [page.get_text().strip().rsplit("\n", 1)[0] for page in document]  # without the page number
        assert flat("\n".join(pages)) == flat(known[identity])
    letters = "çğıöşü ÇĞİÖŞÜ âîû ’“”–§"
    with pymupdf.open(stream=render_pdf(letters), filetype="pdf") as document:
        assert document[0].get_text().split("\n")[0] == letters


def test_scanned_pdf_has_images_and_no_text(folder: Path) -> None:
    files = sorted((folder / "documents" / "scanned").glob("*.pdf"))
    assert files
    for file in files:
        with pymupdf.open(file) as document:
            assert all(not page.get_text().strip() and page.get_images() for page in document)


def test_every_document_stands_in_one_place(folder: Path, sample: Sample) -> None:
    formats = truth(folder, "formats.json")
    expected = {document.id for document in (*sample.decisions, *sample.acts, *sample.contracts, *sample.terms)}
    expected |= {page.id for page in (*sample.foreign, *sample.junk)}
    assert set(formats) == expected
    in_rows = [
        json.loads(line)["id"]
        for file in (folder / "documents").glob("*.jsonl")
        for line in file.read_text(encoding="utf-8").splitlines()
        if not line.endswith("Yarım kalan satır")
    ]
    singles = {identity for identity, file in formats.items() if "/" in file}
    assert sorted(in_rows) == sorted([*(expected - singles), "bad-no-text"])
    for identity in singles:
        assert Path(formats[identity]).stem == file_stem(identity)


def test_planted_faults_are_faults(folder: Path) -> None:
    failed = truth(folder, "failed.json")
    assert failed["count"] == len(failed["failed"]) == 4
    documents = folder / "documents"
    assert (documents / "txt" / "bad-empty.txt").stat().st_size == 0
    with pytest.raises(pymupdf.FileDataError), pymupdf.open(documents / "pdf" / "bad-corrupt.pdf") as broken:
        broken.load_page(0)
    wrong = 0
    for line in (documents / "web.jsonl").read_text(encoding="utf-8").splitlines():
        try:
            wrong += "text" not in json.loads(line)
        except json.JSONDecodeError:
            wrong += 1
    assert wrong == 2


def test_same_sample_and_seed_give_the_same_bytes(folder: Path, sample: Sample, tmp_path: Path) -> None:
    write(sample, tmp_path, seed=3)
    first = {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    second = {file.relative_to(tmp_path): file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    assert first == second


def test_ids_become_file_names() -> None:
    assert file_stem("9101:m12/a") == "9101-m12-a"
