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


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("23.12.2015 14:30", "2015-12-23"),
        ("23/12/2015 00:00:00", "2015-12-23"),
        ("23 Aralık 2015, saat 9:05", "2015-12-23"),
        ("2015-12-23T14:30:00Z", "2015-12-23"),
        ("2015", None),
        (2015, None),
        ("12/2015", None),
        ("31.02.2015 14:30", None),
        ("2015-02-31", None),
        ("bilinmiyor", None),
    ],
)
def test_a_date_is_a_day_or_named_in_left_out(value, day):
    metadata = made(date=value).metadata
    assert (metadata.get("date"), metadata.get("left_out")) == (day, None if day else ["date"])
    assert "left_out" not in made(date="").metadata


@pytest.mark.parametrize(
    ("case", "decision"),
    [
        ("2019/1234 E.", "2020/55 K."),
        ("2019/1234E", "2020/55K"),
        ("2019 / 1234 Esas", "2020/ 55 Karar"),
        ("E. 2019/1234", "K.2020/55"),
        ("ESAS NO : 2019/1234", "KARAR NO: 2020/55"),
        (" 2019/1234 Esas sayılı", "Karar Sayısı: 2020/55"),
    ],
)
def test_numbers_of_a_decision_lose_their_labels(case, decision):
    document = made(court="Yargıtay", case_number=case, decision_number=decision)
    assert (document.metadata["case_number"], document.metadata["decision_number"]) == ("2019/1234", "2020/55")


@pytest.mark.parametrize(
    "value", ["2019/1234 E., 2020/55 K.", "2019/12 ve 2019/13 E.", "2020/55 K.", "bilinmiyor", "7"]
)
def test_a_case_number_that_is_more_or_less_than_one_stays_as_it_is(value):
    assert made(court="Yargıtay", case_number=value).metadata["case_number"] == value
    assert made(court="Yargıtay", case_number="2017/4-123 E.").metadata["case_number"] == "2017/4-123"


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
