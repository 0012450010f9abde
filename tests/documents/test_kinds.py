"""What kind a document is, and which metadata its row gives."""

from time import process_time

import pytest

from mecelle.base.config import parse
from mecelle.base.document import Document
from mecelle.base.errors import ConfigError
from mecelle.documents.config import ExtractConfig
from mecelle.documents.kinds import decide_kind, named_kind
from mecelle.documents.making import make
from mecelle.documents.records import Record
from mecelle.documents.rows import to_record

DECISION = "T.C.\nYARGITAY\n4. Hukuk Dairesi\nEsas No : 2023/4984\nKarar No : 2024/1443\n\nDavanın reddine."
ACT = "ÖRNEK KANUN\n\nKanun Numarası : 9101\n\nMADDE 1 – Bu Kanunun amacı budur.\n\nMADDE 2 – Kiracı öder."
CONTRACT = "KİRA SÖZLEŞMESİ\n\nMADDE 1 – Taraflar\nKiraya veren ve kiracı.\n\nMADDE 2 – Bedel\nAylık bedel öder."
REGULATION = "ÖRNEK YÖNETMELİĞİ\n\nMADDE 1 – (1) Amaç.\n\nMADDE 2 – (1) Kapsam."
# An act about a contract is an act.
ACT_ON_CONTRACTS = "ÖRNEK KİRA SÖZLEŞMESİ\nHAKKINDA KANUN\n\nMADDE 1 – Amaç.\n\nMADDE 2 – Kapsam."


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("KANUN", "statute"),
        ("khk", "statute"),
        ("CUMHURBAŞKANLIĞI KARARNAMESİ", "statute"),
        ("Cumhurbaşkanlığı  Kararı", "regulation"),
        ("yönetmelik", "regulation"),
        ("TEBLİĞ", "regulation"),
        ("Karar", "decision"),
        ("decision", "decision"),
        ("DECISION", "decision"),
        ("Dictionary", "dictionary"),
        ("THESIS", "thesis"),
        ("YARGI KARARI", "decision"),
        ("Sözleşme", "contract"),
        ("şiir", None),
    ],
)
def test_words_that_sources_use(said, kind):
    assert named_kind(said) == kind


@pytest.mark.parametrize(
    ("text", "fields", "kind"),
    [
        (DECISION, {}, "decision"),
        (ACT, {}, "statute"),
        (ACT_ON_CONTRACTS, {}, "statute"),
        (CONTRACT, {}, "contract"),
        (REGULATION, {}, "regulation"),
        ("Bugün hava güzel.", {}, "other"),
        ("Metin.", {"court": "Danıştay"}, "decision"),
        ("Metin.", {"law_number": "9101", "article": "3"}, "article"),
        ("Metin.", {"law_number": "9101"}, "statute"),
        ("Metin.", {"term": "acente", "definition": "x"}, "dictionary"),
        ("Metin.", {"question": "Kim öder?"}, "question"),
        (ACT, {"kind": "Karar"}, "decision"),
        (ACT, {"kind": "şiir"}, "statute"),
    ],
)
def test_kind_by_row_then_fields_then_text(text, fields, kind):
    assert decide_kind(text, fields)[0] == kind


def test_the_user_decides_first_and_the_source_word_is_kept():
    assert decide_kind(ACT, {"kind": "KANUN"}, given="web") == ("web", "KANUN")


def test_a_wrong_kind_is_refused_with_those_allowed():
    assert parse(ExtractConfig, {"kind": "Kanun"}, where="x").kind == "statute"
    with pytest.raises(ConfigError, match="decision, statute"):
        parse(ExtractConfig, {"kind": "poem"}, where="x")


def made(**fields: object) -> Document:
    document = make(Record(text="Metin.", position="3", fields=fields), "f.jsonl", ExtractConfig())
    assert isinstance(document, Document)
    return document


def test_number_of_a_decision_and_of_an_act():
    decision = made(court="Yargıtay", number="E. 2013/14675, K. 2015/40727").metadata
    assert (decision["case_number"], decision["decision_number"]) == ("2013/14675", "2015/40727")
    assert made(court="Anayasa Mahkemesi", number="B. No: 2014/12").metadata["case_number"] == "2014/12"
    assert made(kind="KANUN", number=6098).metadata["law_number"] == "6098"
    assert "law_number" not in made(kind="tebliğ", number="12").metadata


def test_fields_of_a_nested_metadata_count_and_the_rows_own_come_first():
    row = {"text": "Metin.", "court": "Danıştay", "metadata": {"court": "Yargıtay", "date": "2024-05-29"}}
    record = to_record(row, "1", ExtractConfig())
    assert isinstance(record, Record)
    assert record.fields == {"court": "Danıştay", "date": "2024-05-29"}


def test_unknown_fields_are_kept_and_long_ones_named():
    metadata = made(truncated=False, tags=["a", "b"], notes="x" * 2_001, nested={"a": 1}, summary="y" * 5_000).metadata
    assert (metadata["truncated"], metadata["tags"]) == (False, ["a", "b"])
    assert metadata["left_out"] == ["nested", "notes"]
    assert len(metadata["summary"]) == 5_000


@pytest.mark.parametrize("value", [["2020/1"], {"esas": "2020/1"}, 2020.5, True, float("inf")])
def test_what_is_no_text_under_a_fixed_name_is_named_and_the_texts_header_counts(value):
    fields = {"case_number": value, "title": value, "date": value, "number": ["7"]}
    document = make(Record(text=DECISION, fields=fields), "f.jsonl", ExtractConfig())
    assert isinstance(document, Document)
    metadata, said = document.metadata, make(Record(text=DECISION), "f.jsonl", ExtractConfig())
    assert metadata["left_out"] == ["case_number", "date", "title"]
    assert metadata["case_number"] == said.metadata["case_number"]
    assert not {"title"} & metadata.keys()
    act = made(kind="KANUN", number=["6098"]).metadata
    assert "law_number" not in act
    assert act["number"] == ["6098"]


def test_source_says_where_mecelle_read_it_and_dates_are_iso():
    metadata = made(source="owner/name", date="23/12/2015", tarih=None, kind="karar", content_hash="forged").metadata
    assert (metadata["source"], metadata["origin"], metadata["date"]) == ("f.jsonl#3", "owner/name", "2015-12-23")
    assert metadata["content_hash"] != "forged"
    assert "date" not in made(date="bilinmiyor").metadata


def test_id_is_the_official_one_where_there_is_one():
    assert made(id=7).id == made(id="7").id != made(id="8").id
    assert made(id=7).metadata["source_id"] == "7"
    record = Record(text="Metin.", position="3")
    moved = make(Record(text="Metin.", position="4"), "f.jsonl", ExtractConfig())
    assert make(record, "f.jsonl", ExtractConfig()).id != moved.id


def test_the_lower_courts_header_does_not_fill_a_row_that_names_its_court():
    record = Record(text=DECISION, fields={"court": "Danıştay"})
    document = make(record, "f.jsonl", ExtractConfig())
    assert isinstance(document, Document)
    assert "case_number" not in document.metadata


def test_blank_lines_cost_no_more_than_their_length() -> None:
    began = process_time()
    decide_kind("Dilekçe\n" + 50_000 * "\n", {})
    assert process_time() - began < 5  # measured: hundredths of a second; a quadratic rule takes a minute
