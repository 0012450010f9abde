"""Every format: what is in a whole file comes out, in Turkish letters and in order."""

import datetime
import gzip
from itertools import pairwise
from pathlib import Path

import docx
import orjson
import pyarrow
import pyarrow.parquet
import pymupdf
import pytest
import trafilatura
import zstandard
from docx.oxml import parse_xml

from mecelle.documents.records import reader_for, reader_suffixes

ROWS = [{"id": "a1", "text": "Davanın reddine."}, {"id": "a2", "text": "Davanın kabulüne."}]
LINES = b"".join(orjson.dumps(row) + b"\n" for row in ROWS)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", LINES),
        ("a.jsonl.gz", gzip.compress(LINES)),
        ("a.jsonl.zst", zstandard.compress(LINES)),
        ("two-frames.jsonl.zst", zstandard.compress(LINES[:30]) + zstandard.compress(LINES[30:])),
        ("marked.jsonl", b"\xef\xbb\xbf" + LINES),
        ("windows.jsonl", LINES.replace(b"\n", b"\r\n")),
        ("a.json", orjson.dumps(ROWS)),
        ("lines.json", LINES),
        ("a.csv", "id;text\na1;Davanın reddine.\na2;Davanın kabulüne.\n".encode("cp1254")),
        ("blank-first.csv", "\r\n\nid;text\na1;Davanın reddine.\na2;Davanın kabulüne.\n".encode()),
        ("a.tsv", "id\ttext\na1\tDavanın reddine.\na2\tDavanın kabulüne.\n".encode()),
        ("CAPITALS.JSONL", LINES),
        ("CAPITALS.JSONL.GZ", gzip.compress(LINES)),
        ("CAPITALS.JSONL.ZST", zstandard.compress(LINES)),
    ],
)
def test_rows_of_every_container(tmp_path, read, name, content):
    (tmp_path / name).write_bytes(content)
    found = read(tmp_path / name)
    assert [document.text for document in found] == [row["text"] for row in ROWS]
    assert [document.metadata["source_id"] for document in found] == ["a1", "a2"]
    assert [document.metadata["source"] for document in found] == [f"{name}#1", f"{name}#2"]


def test_parquet_rows_with_dates_and_numbers(tmp_path, read):
    table = pyarrow.table(
        {"text": ["Kiracı öder.", None], "law_number": [9101.0, 9102.0], "date": [datetime.date(2024, 5, 29), None]}
    )
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    document, failure = read(tmp_path / "a.parquet")
    assert (document.metadata["law_number"], document.metadata["date"]) == ("9101", "2024-05-29")
    assert (failure.reason, failure.position) == ("empty", "2")


def test_an_empty_cell_of_numbers_says_nothing(tmp_path, read):
    table = pyarrow.table({"text": ["Kiracı öder.", "Bugün hava güzel."], "law_number": [9101.0, float("nan")]})
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    found = [(one.metadata["kind"], one.metadata.get("law_number")) for one in read(tmp_path / "a.parquet")]
    assert found == [("statute", "9101"), ("other", None)]


def test_a_table_whose_columns_share_a_name_is_refused(tmp_path, read):
    names, cells = ["id", "text", "text", "date", "date"], ["1", "Davanın reddine.", "Gerekçe", "2020", "2021"]
    (tmp_path / "a.csv").write_text(f"{','.join(names)}\n{','.join(cells)}\n", encoding="utf-8")
    pyarrow.parquet.write_table(pyarrow.table([[cell] for cell in cells], names=names), tmp_path / "a.parquet")
    for name in ("a.csv", "a.parquet"):
        [failure] = read(tmp_path / name)
        assert failure.reason == "wrong_columns"
        assert "the header names 'text', 'date' twice" in failure.error
    (tmp_path / "b.csv").write_text("text,,\nDavanın reddine.,,\n", encoding="utf-8")
    [document] = read(tmp_path / "b.csv")
    assert document.text == "Davanın reddine."


def test_pdf_keeps_turkish_letters_and_joins_lines_to_paragraphs(tmp_path, read, make_file):
    long = "Ağır şüpheli ılık İĞDIR davasının reddine karar verilmiş olup bu cümle bir satıra sığmayacak uzunluktadır."
    [document] = read(make_file.pdf(tmp_path / "a.pdf", [f"MADDE 1 – Amaç<br>{long}", "İkinci sayfa."]))
    assert document.text.split("\n") == ["MADDE 1 – Amaç", long, "İkinci sayfa."]
    assert document.metadata["pages"] == 2


def test_pdf_lines_that_are_short_on_purpose_stay_lines(tmp_path, read, make_file):
    header = ["MAHKEMESİ : Iğdır 1. Asliye Hukuk Mahkemesi", "TARİHİ : 13/10/2010", "NUMARASI : 2010/68", "K A R A R"]
    [document] = read(make_file.pdf(tmp_path / "a.pdf", ["<br>".join(header)]), repair=False)
    assert document.text.split("\n") == header
    [document] = read(tmp_path / "a.pdf")
    header[-1] = "KARAR"
    assert document.text.split("\n") == header
    body = (
        "Mahkemece yapılan yargılama sonunda davanın reddine karar verilmiş, hüküm davacı vekilince temyiz edilmiştir. "
    )
    [document] = read(make_file.pdf(tmp_path / "b.pdf", ["<br>".join(header) + f"</p><p>{body * 6}"]))
    assert document.text.split("\n") == [*header, (body * 6).strip()]


def test_pdf_headings_after_a_full_line_stay_lines(tmp_path, read):
    pdf = pymupdf.open()
    page = pdf.new_page()
    full = "Mahkemece davanin reddine karar verilmis olup bu satir sonuna kadar doludur."
    for number, line in enumerate([full, full, full, "IV. TEMYIZ", full, "devam eden bir satirdir."]):
        page.insert_text((72, 72 + 14 * number), line)
    pdf.save(tmp_path / "a.pdf")
    [document] = read(tmp_path / "a.pdf")
    assert document.text.split("\n") == [f"{full} {full} {full}", "IV. TEMYIZ", f"{full} devam eden bir satirdir."]


def test_pdf_pieces_of_one_line_stay_on_it(tmp_path, read):
    pdf = pymupdf.open()
    page = pdf.new_page()
    for number, (label, value) in enumerate([("DAVACI", ": A.Y."), ("DAVALI", ": B.Z.")]):
        page.insert_text((72, 72 + 14 * number), label)
        page.insert_text((125, 72 + 14 * number), value)
    pdf.save(tmp_path / "a.pdf")
    [document] = read(tmp_path / "a.pdf")
    assert document.text.split("\n") == ["DAVACI : A.Y.", "DAVALI : B.Z."]


def test_scanned_pages_are_named_and_the_others_kept(tmp_path, read, make_file):
    document, failure = read(make_file.scan(tmp_path / "a.pdf", text_pages=1, picture_pages=2, blank_pages=1))
    assert document.text == "Metin katmani olan sayfa."
    assert (failure.reason, failure.position) == ("no_text_layer", "pages 2-3")
    assert "--ocr tesseract" in failure.error


def test_docx_keeps_tables_in_their_place(tmp_path, read, make_file):
    [document] = read(make_file.docx(tmp_path / "a.docx"))
    assert document.text.split("\n") == [
        "Birinci fıkra: ağır şüphe.",
        "Borçlu | Alacaklı",
        "Ayşe | İlker",
        "Tablodan sonra gelen fıkra.",
    ]


def test_docx_keeps_insertions_text_boxes_and_tables_in_tables(tmp_path, read):
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'

    def paragraph(text: str) -> str:
        return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"

    box = f"<w:txbxContent>{paragraph('kutu')}</w:txbxContent>"
    inner = f"<w:tbl><w:tr><w:tc>{paragraph('iç')}</w:tc></w:tr></w:tbl>"
    parts = [
        f'<w:p {w}><w:r><w:t>ilk</w:t></w:r><w:ins w:id="1"><w:r><w:t> eklenen</w:t></w:r></w:ins>'
        '<w:del w:id="2"><w:r><w:delText>silinen</w:delText></w:r></w:del></w:p>',
        f'<w:ins {w} w:id="3">{paragraph("eklenen fıkra")}</w:ins>',
        f"<w:p {w} {mc}><w:r><mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>",
        f"<w:tbl {w}><w:tr><w:tc>{paragraph('dış')}{inner}</w:tc><w:tc>{paragraph('yan')}</w:tc></w:tr></w:tbl>",
    ]
    document = docx.Document()
    for part in parts:
        document.element.body.insert(len(document.element.body) - 1, parse_xml(part))
    document.save(str(tmp_path / "a.docx"))
    [found] = read(tmp_path / "a.docx")
    assert [line for line in found.text.split("\n") if line] == ["ilk eklenen", "eklenen fıkra", "kutu", "dış iç | yan"]


def test_docx_text_that_was_moved_stands_at_its_new_place_alone(tmp_path, read):
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    run = "<w:r><w:t>taşınan</w:t></w:r>"
    parts = [
        f'<w:p {w}><w:r><w:t>ilk </w:t></w:r><w:moveFrom w:id="1">{run}</w:moveFrom></w:p>',
        f'<w:p {w}><w:r><w:t>son </w:t></w:r><w:moveTo w:id="2">{run}</w:moveTo></w:p>',
    ]
    document = docx.Document()
    for part in parts:
        document.element.body.insert(len(document.element.body) - 1, parse_xml(part))
    document.save(str(tmp_path / "a.docx"))
    [found] = read(tmp_path / "a.docx")
    assert [line for line in found.text.split("\n") if line] == ["ilk", "son taşınan"]


def test_udf_with_line_ends_and_with_offsets_alone(tmp_path, read, make_file):
    [document] = read(make_file.udf(tmp_path / "a.udf", "Sayın Hâkimliğine\n\nDavalı ödemedi."))
    assert document.text == "Sayın Hâkimliğine\n\nDavalı ödemedi."
    # Offsets are Java's: 𝐀 counts two.
    spans = "".join(
        f'<paragraph><content startOffset="{start}" length="{length}"/></paragraph>'
        for start, length in ((0, 5), (5, 5))
    )
    [document] = read(make_file.udf(tmp_path / "b.udf", "𝐀 İlİkinc", elements=spans))
    assert document.text == "𝐀 İl\nİkinc"


def test_udf_tables_are_rows_and_nothing_is_lost(tmp_path, read, make_file):
    text = "Taraflar\nBorçlu\nAlacaklı\nAyşe\nİlker\nSonuç\n"
    ends = [0]
    for line in text.splitlines():
        ends.append(ends[-1] + len(line) + 1)
    first, *cells, last = (
        f'<paragraph><content startOffset="{start}" length="{end - start}"/></paragraph>'
        for start, end in pairwise(ends)
    )
    rows = [f"<row><cell>{left}</cell><cell>{right}</cell></row>" for left, right in (cells[:2], cells[2:])]
    elements = f"{first}<table columnCount='2'>{''.join(rows)}</table><!-- not text -->{last}"
    [document] = read(make_file.udf(tmp_path / "a.udf", text, elements=elements))
    assert document.text == "Taraflar\nBorçlu | Alacaklı\nAyşe | İlker\nSonuç"
    # A layout that leaves a word out, or points back to make much of little, is not believed.
    for wrong in (elements.replace(last, ""), elements + last * 3):
        [document] = read(make_file.udf(tmp_path / "a.udf", text, elements=wrong))
        assert document.text.split("\n")[:3] in (
            ["Taraflar", "Borçlu", "Alacaklı"],
            ["Taraflar", "Borçlu | Alacaklı", "Ayşe | İlker"],
        )
        assert document.text.count("Sonuç") == 1


def test_html_main_text_line_breaks_and_title(tmp_path, read):
    page = (
        "<html><head><title>Karar</title><script>var x</script></head><body><nav><a href='/'>Ana sayfa</a></nav>"
        "<div>Yargıtay 4. Hukuk Dairesi<br>Esas No : 2020/1<br>Karar No : 2021/2</div>"
        "<p>Davacı, ağır kusurlu davalıdan tazminat istemiştir.</p></body></html>"
    )
    (tmp_path / "a.html").write_bytes(page.encode("cp1254"))
    [document] = read(tmp_path / "a.html")
    assert "Dairesi\nEsas No : 2020/1\nKarar No : 2021/2\n" in document.text
    assert "var x" not in document.text
    assert (document.metadata["title"], document.metadata["kind"]) == ("Karar", "decision")


def test_html_falls_back_to_the_body_where_most_is_cut_off(tmp_path, read):
    lines = [f"{number}. fıkra hükmü" for number in range(4)]
    page = f"<body><p>Başlık cümlesi durur.</p><div class='sidebar footer'>{'<br>'.join(lines)}</div></body>"
    assert trafilatura.extract(page, favor_recall=True, include_comments=False) is None
    (tmp_path / "a.htm").write_text(page, encoding="utf-8")
    [document] = read(tmp_path / "a.htm")
    assert document.text.split("\n") == ["Başlık cümlesi durur.", *lines]
    assert document.metadata["kind"] == "web"


@pytest.mark.parametrize("outside", ["", "Sayıştay Başkanlığı karar arama sayfasıdır, bütün hakları saklıdır. " * 4])
def test_html_page_that_is_one_form_keeps_its_text(tmp_path, read, outside):
    decision = "<br>".join(f"{number}. Daire, tazmin yükümlülüğüne karar verdi." for number in range(9))
    page = (
        f"<body>{outside}<form action='./Karar.aspx'><input type='hidden' value='dDwtMTY'>"
        "<select><option>Hepsi</option></select><textarea>Aranan</textarea><button>Gönder</button>"
        f"<div><span id='lblKarar'>{decision}</span></div></form>{outside}</body>"
    )
    (tmp_path / "a.html").write_text(page, encoding="utf-8")
    [document] = read(tmp_path / "a.html")
    assert [f"{number}. Daire, tazmin" in document.text for number in range(9)] == [True] * 9
    assert document.text.split("\n")[-1] == (outside.strip() or "8. Daire, tazmin yükümlülüğüne karar verdi.")
    assert not any(word in document.text for word in ("Hepsi", "Aranan", "Gönder"))


def test_html_text_that_the_library_gives_twice_comes_once(tmp_path, read):
    lines = [f"{number}. fıkra hükmü" for number in range(40)]
    page = f"<body><p>Başlık cümlesi durur.</p><div class='sidebar footer'>{'<br>'.join(lines)}</div></body>"
    assert trafilatura.extract(page, favor_recall=True, include_comments=False).count("7. fıkra") > 4
    (tmp_path / "a.htm").write_text(page, encoding="utf-8")
    [document] = read(tmp_path / "a.htm")
    assert document.text.split("\n") == ["Başlık cümlesi durur.", *lines]


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_text_of_a_decision_fills_its_metadata(tmp_path, read, name, decision):
    (tmp_path / name).write_text(decision, encoding="utf-8")
    [document] = read(tmp_path / name)
    wanted = {
        "kind": "decision",
        "court": "Yargıtay",
        "chamber": "4. Hukuk Dairesi",
        "case_number": "2023/4984",
        "decision_number": "2024/1443",
        "date": "2024-02-12",
        "source": name,
        "source_id": "a",
    }
    assert {key: document.metadata.get(key) for key in wanted} == wanted


def test_mojibake_is_repaired_before_the_header_is_read(tmp_path, read, decision):
    (tmp_path / "a.txt").write_text(decision.encode("cp1254").decode("latin-1"), encoding="utf-8")
    [document] = read(tmp_path / "a.txt")
    assert document.text == decision
    assert (document.metadata["chamber"], document.metadata["date"]) == ("4. Hukuk Dairesi", "2024-02-12")


def test_text_of_an_act_has_its_law_number(tmp_path, read, act):
    (tmp_path / "a.txt").write_text(act, encoding="utf-8")
    [document] = read(tmp_path / "a.txt")
    assert (document.metadata["kind"], document.metadata["law_number"]) == ("statute", "9101")


@pytest.mark.parametrize(
    ("name", "reader"), [("/x/A.PDF", "pdf.v1"), ("a.jsonl.gz", "jsonl.v1"), ("a.json", "json.v1")]
)
def test_the_longest_suffix_finds_the_reader(name, reader):
    assert reader_for(name).name == reader


def test_every_promised_format_has_a_reader():
    assert {".pdf", ".udf", ".docx", ".html", ".txt", ".jsonl", ".parquet"} <= set(reader_suffixes())
    assert reader_for("a.gz") is None


def test_names_and_paths_that_look_like_patterns(tmp_path: Path, read):
    path = tmp_path / "karar [1]*? ::gzip.jsonl"
    path.write_bytes(LINES)
    assert len(read(path)) == 2


def test_headers_and_page_numbers_of_a_pdf_go_and_like_pages_stay(tmp_path, read, make_file):
    bodies = ["Davacı, kira bedelinin ödenmediğini ileri sürmüştür.", "Mahkemece tahliyeye karar verilmiştir."]
    bodies.append("Hüküm davalı vekilince temyiz edilmekle dosya incelendi.")
    pages = [f"YARGITAY KARARLARI DERGİSİ</p><p>{body}</p><p>- {n} -" for n, body in enumerate(bodies, start=7)]
    [document] = read(make_file.pdf(tmp_path / "a.pdf", pages))
    assert document.text.split("\n") == ["YARGITAY KARARLARI DERGİSİ", *bodies]
    [document] = read(tmp_path / "a.pdf", repair=False)
    assert document.text.count("YARGITAY KARARLARI DERGİSİ") == 3
    [document] = read(make_file.pdf(tmp_path / "b.pdf", ["Birinci sayfa. " * 40, "İkinci sayfa. " * 40]))
    assert document.text.count("sayfa.") == 80
