import json

import pytest

from mecelle.base.errors import ConfigError
from mecelle.retrieval.filters import Between, Filters, OneOf, as_sql, payload
from mecelle.retrieval.index import build
from mecelle.retrieval.search import Searcher

ROWS = [
    ("a", "4. Hukuk Dairesi", "2019-03-01", "TBK'nın 49. maddesi uyarınca tazminat istenmiştir."),
    ("b", "9. Hukuk Dairesi", "2021-05-02", "4857 sayılı İş Kanunu'nun 17. maddesi uyarınca tazminat istenmiştir."),
    ("c", "Hukuk Genel Kurulu", "2023-07-03", "Tazminat istenmiştir."),
    ("d", "4. Hukuk Dairesi", None, "Tazminat isteği reddedilmiştir."),
]


@pytest.fixture(scope="module")
def searcher(tmp_path_factory, counting_encoder):
    folder = tmp_path_factory.mktemp("filters")
    lines = [
        {"id": name, "kind": "decision", "court": "Yargıtay", "chamber": chamber, "date": date, "text": text}
        for name, chamber, date, text in ROWS
    ]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / "kararlar.jsonl").write_text(text, encoding="utf-8")
    encoder = counting_encoder()
    build(folder / "kararlar.jsonl", folder / "index", model=encoder, workers=1)
    with Searcher(folder / "index", encoder=encoder) as opened:
        yield opened


@pytest.mark.parametrize("mode", ["bm25", "dense", "hybrid"])
@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        (Filters(), "abcd"),
        (Filters(chamber="4. Hukuk Dairesi"), "ad"),
        (Filters(chamber="4. hd"), "ad"),
        (Filters(chamber="HGK", court="YARGITAY"), "c"),
        (Filters(year_from=2020), "bc"),
        (Filters(year_to=2020), "a"),
        (Filters(year_from=2021, year_to=2021), "b"),
        (Filters(cites="6098"), "a"),
        (Filters(cites="6098:m49"), "a"),
        (Filters(cites="İş Kanunu m. 17", chamber="9. HD"), "b"),
        (Filters(cites="4857", chamber="4. HD"), ""),
    ],
)
def test_hits_fit_the_filters_in_every_mode(searcher, mode, filters, wanted):
    found = searcher.search("tazminat", mode=mode, filters=filters)
    assert "".join(sorted(hit.source_id for hit in found)) == wanted


def test_bad_values_are_refused_with_what_is_allowed():
    for filters, message in (
        (Filters(kind="karar"), "kind 'karar' is unknown"),
        (Filters(sections=("reasons",)), "did you mean 'reasoning'"),
        (Filters(year_from=2024, year_to=2020), "swap them"),
        (Filters(cites="hiçbiri"), "no citation is in it"),
    ):
        with pytest.raises(ConfigError, match=message):
            filters.where()


def test_sections_need_an_index_that_knows_them(searcher):
    with pytest.raises(ConfigError, match="build it with a sectioner"):
        searcher.search("tazminat", filters=Filters(sections=("dissent",)))


def test_payloads_are_in_the_form_that_filters_compare():
    told = payload({"kind": "decision", "court": "YARGITAY", "chamber": "4. Hukuk Dairesi", "date": "2019-03-01"})
    assert told == {"kind": "decision", "court": "yargıtay", "chamber": "4. hd", "year": 2019}
    assert payload({"date": "yok"}, section="claim") == {"section": "claim"}


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        *((form, "3. hd") for form in ("3. HD", "3.HD", "3 HD", "3HD", "3. H.D.", "03. HD", "3. Hukuk Dairesi")),
        ("H.G.K.", "hgk"),
        ("İ.D.D.K.", "iddk"),
        ("10.D.", "10. d"),
        ("Birinci Bölüm", "birinci bölüm"),
        ("3. Aile Mahkemesi", "3. aile mahkemesi"),
    ],
)
def test_a_chamber_is_compared_however_it_is_cut(written, compared):
    assert payload({"chamber": written}) == {"chamber": compared}


def test_sql_has_a_mark_for_each_value():
    conditions, values = as_sql((OneOf("section", ("claim", "defense")), Between("year", 2020, None)))
    assert conditions == " AND passages.section IN (?, ?) AND documents.year >= ?"
    assert values == ["claim", "defense", 2020]
