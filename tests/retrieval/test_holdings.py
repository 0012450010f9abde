"""What people call a court, a chamber or an act meets what an index has; what it lacks is told, not found nowhere."""

import json
from functools import partial

import pytest

from mecelle.base.errors import ConfigError
from mecelle.retrieval.config import IndexConfig
from mecelle.retrieval.holdings import Holdings, NotHeldError
from mecelle.retrieval.index import build
from mecelle.retrieval.search import Filters, Searcher

ROWS = [
    ("a", "Yargıtay", "4. Hukuk Dairesi"),
    ("b", "YARGITAY", "Hukuk Genel Kurulu"),
    ("c", "Danıştay", "İdari Dava Daireleri Kurulu"),
    ("d", "Anayasa Mahkemesi", "Birinci Bölüm"),
    ("e", "İstanbul Bölge Adliye Mahkemesi", "4. Hukuk Dairesi"),
    ("f", "Ankara Bölge Adliye Mahkemesi", "1. Hukuk Dairesi"),
    ("g", "Ankara 3. İş Mahkemesi", None),
]
ACT = "Kanun Numarası : 6098\n\nMADDE 1- Tazminat istenir."


@pytest.fixture(scope="module")
def searcher(tmp_path_factory, counting_encoder):
    folder = tmp_path_factory.mktemp("holdings")
    rows = [
        {"id": name, "kind": "decision", "court": court, "chamber": chamber, "text": f"Tazminat istenmiştir, {name}."}
        for name, court, chamber in ROWS
    ]
    rows.append({"id": "h", "kind": "KANUN", "title": "TÜRK BORÇLAR KANUNU", "number": "6098", "text": ACT})
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "kararlar.jsonl").write_text(lines, encoding="utf-8")
    encoder = counting_encoder()
    build(folder / "kararlar.jsonl", folder / "index", IndexConfig(), model=encoder, workers=1)
    with Searcher(folder / "index", encoder=encoder) as opened:
        yield opened


@pytest.mark.parametrize("mode", ["bm25", "dense"])
@pytest.mark.parametrize(
    ("court", "wanted"),
    [
        *((court, "ab") for court in ("Yargıtay", "yargitay", "YARGITAY", "Yarg.", "Yrg")),
        *((court, "c") for court in ("danistay", "DANISTAY", "Dan.", "Dnş.", "IDDK", "İ.D.D.K.", "Danıştay IDDK")),
        *((court, "d") for court in ("AYM", "aym", "A.Y.M.", "anayasa mahkemesi", "AYM Birinci Bolum")),
        *((court, "ef") for court in ("Bölge Adliye Mahkemesi", "bam", "istinaf")),
        ("istanbul bam", "e"),
        ("İSTANBUL BAM 4. HD", "e"),
        ("is mahkemesi", "g"),
        *((court, "b") for court in ("HGK", "hgk", "Yargıtay HGK", "Yarg. Hukuk Genel Kurulu", "yargitay h.g.k.")),
        ("4. HD", "ae"),
        ("Yarg.4.HD", "a"),
        *((court, "a") for court in ("Yargıtay 4. Hukuk Dairesi", "YARGITAY 4. HUKUK DAİRESİ")),
        ("İstanbul BAM 4. Hukuk Dairesi", "e"),
    ],
)
def test_a_court_is_found_however_it_is_called(searcher, mode, court, wanted):
    found = searcher.search("tazminat", mode=mode, filters=Filters(court=court))
    assert "".join(sorted(hit.source_id for hit in found)) == wanted


@pytest.mark.parametrize(
    ("chamber", "wanted"),
    [("hukuk genel kurulu", "b"), ("IDDK", "c"), ("idari dava daireleri kurulu", "c"), ("birinci bolum", "d")],
)
def test_chambers_are_found_without_turkish_letters(searcher, chamber, wanted):
    found = searcher.search("tazminat", filters=Filters(chamber=chamber))
    assert "".join(sorted(hit.source_id for hit in found)) == wanted


def test_an_act_may_be_named(searcher):
    for law in ("6098", "TBK", "Türk Borçlar Kanunu"):
        found = searcher.search("tazminat", filters=Filters(law_number=law))
        assert {hit.law_number for hit in found} == {"6098"}


@pytest.mark.parametrize(
    ("filters", "field", "message"),
    [
        (
            Filters(court="Mars Mahkemesi"),
            "court",
            "court 'Mars Mahkemesi': no document of the index has it. It has: A",
        ),
        (Filters(court="Sayıştay"), "court", "Danıştay, İstanbul Bölge Adliye Mahkemesi, Yargıtay"),
        (Filters(court="Yargitey"), "court", "did you mean 'Yargıtay'?"),
        (Filters(court="Sayıştay 4. HD"), "court", "court 'Sayıştay 4. HD'"),
        (Filters(court="..."), "court", "court '...'"),
        (Filters(court="CGK"), "chamber", "chamber 'CGK': no document"),
        (Filters(chamber="44. HD"), "chamber", "1. Hukuk Dairesi, 4. Hukuk Dairesi"),
        (Filters(law_number="9999"), "law_number", "It has: 6098"),
        (Filters(law_number="İYUK"), "law_number", "law_number 'İYUK'"),
        (Filters(kind="thesis"), "kind", "It has: decision, statute"),
    ],
)
def test_what_no_document_has_is_told_with_what_they_have(searcher, filters, field, message):
    first = searcher.search("tazminat", k=1)[0].document_id
    for ask in (partial(searcher.search, "tazminat"), partial(searcher.similar, first)):
        with pytest.raises(NotHeldError) as error:
            ask(filters=filters)
        assert error.value.field == field
        assert message in str(error.value)
    assert isinstance(error.value, ConfigError)


def test_a_court_of_any_length_is_told_at_once(searcher, monkeypatch):
    tried, is_chamber = [], Holdings._is_chamber

    def counted(self, said):
        tried.append(said)
        assert len(tried) < 50, "every suffix of the words is tried, which takes hours"
        return is_chamber(self, said)

    monkeypatch.setattr(Holdings, "_is_chamber", counted)
    with pytest.raises(NotHeldError):
        searcher.search("tazminat", filters=Filters(court="a " * 100_000))
    found = searcher.search("tazminat", filters=Filters(court="Danıştay İdari Dava Daireleri Kurulu"))
    assert [hit.source_id for hit in found] == ["c"]


def test_long_lists_are_cut():
    message = str(NotHeldError("court", "x", [f"{number}. Mahkeme" for number in range(25)]))
    assert message.endswith("19. Mahkeme and 5 more")
    assert str(NotHeldError("court", "x", [])).endswith("It has: none")


def test_names_stand_in_the_order_of_their_numbers(searcher):
    names = searcher.holdings.names("chamber")
    assert names.index("1. Hukuk Dairesi") < names.index("4. Hukuk Dairesi")


def test_sections_that_no_decision_has_are_told(searcher):
    with pytest.raises(NotHeldError, match="sections 'dissent'"):
        Holdings(searcher.catalogue).where(Filters(sections=("dissent",)))
