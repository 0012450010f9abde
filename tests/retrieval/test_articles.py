import json
from pathlib import Path

import pytest

from mecelle.retrieval.articles import Caution, changes
from mecelle.retrieval.index import build
from mecelle.retrieval.search import Searcher

ROWS = [
    {"id": "5237:m1", "text": "Madde 1- Eski metin.", "in_force_from": "2005-06-01", "in_force_to": "2014-06-28"},
    {"id": "5237:m1", "text": "Madde 1- Yeni metin.", "in_force_from": "2014-06-28"},
    {"id": "5237:m2", "text": "Madde 2- (Değişik: 14/3/2007-5602/10 md.) Metin. (Ek cümle: 3/2/2011-6100/2 md.)"},
    {"id": "5237:m3", "text": "Madde 3 – (Mülga: 23/1/2008-5728/578 md.)"},
    {"id": "5237:m4", "text": "Madde 4- İptal davası açılabilir. " + "Mülga hükümler saklıdır. " * 15},
]


@pytest.fixture(scope="module")
def searcher(tmp_path_factory):
    folder = tmp_path_factory.mktemp("articles")
    rows = [{"kind": "article", "law_number": "5237", "article": row["id"].partition(":m")[2], **row} for row in ROWS]
    act = "Kanun Numarası : 765\n\nMadde 1- Mülga kanunun metni."
    rows.append({"id": "law-765", "kind": "MULGA", "number": "765", "status": "repealed", "text": act})
    path = folder / "maddeler.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    build(path, folder / "index", workers=1)
    with Searcher(folder / "index") as opened:
        yield opened


@pytest.mark.parametrize(
    ("key", "on", "text", "cautions"),
    [
        ("5237:m1", "2010-01-01", "Eski", []),
        ("5237:m1", "2014-06-27", "Eski", []),
        ("5237:m1", "2014-06-28", "Yeni", []),
        ("5237:m1/2-a", None, "Yeni", []),
        ("5237:m1", "2001-01-01", "Eski", [Caution("other_day", "2005-06-01")]),
        ("5237:m2", "2006-01-01", "Metin", [Caution("changed_later", "2007-03-14")]),
        ("5237:m2", "2008-01-01", "Metin", [Caution("changed_later", "2011-02-03")]),
        ("5237:m2", "2012-01-01", "Metin", []),
        ("5237:m2", None, "Metin", []),
        ("5237:m3", "2007-01-01", "Mülga", [Caution("repealed_later", "2008-01-23")]),
        ("5237:m3", "2009-01-01", "Mülga", [Caution("repealed", "2008-01-23")]),
        ("5237:m3", None, "Mülga", [Caution("repealed", "2008-01-23")]),
        ("5237:m4", None, "İptal davası", []),
        ("765:m1", "2020-01-01", "Mülga kanunun", [Caution("repealed", None)]),
    ],
)
def test_the_wording_of_the_day_with_what_must_be_known_of_it(searcher, key, on, text, cautions):
    found = searcher.article(key, on=on)
    assert text in found.text
    assert list(found.cautions) == cautions


def test_an_article_of_an_act_is_given_whole_with_title_and_heading(index, encoder):
    with Searcher(index, encoder=encoder) as searcher:
        found = searcher.article("6098:m315")
        assert found.text.startswith("MADDE 315- Kiracı kira bedelini")
        assert found.text.endswith("fesheder.")
        assert (found.citation, found.heading) == ("6098 sayılı Kanun m. 315", "Kiracının temerrüdü")
        assert found.title == "TÜRK BORÇLAR KANUNU"
        assert searcher.article("6098:m999") is None
        assert searcher.article("bozuk") is None


def test_a_version_that_ended_without_another_is_repealed(tmp_path: Path):
    row = {"id": "1:m1", "kind": "article", "law_number": "1", "article": "1", "text": "Madde 1- Metin."}
    row |= {"in_force_from": "2000-01-01", "in_force_to": "2010-01-01"}
    (tmp_path / "a.jsonl").write_text(json.dumps(row), encoding="utf-8")
    build(tmp_path / "a.jsonl", tmp_path / "index", workers=1)
    with Searcher(tmp_path / "index") as searcher:
        assert searcher.article("1:m1").cautions == (Caution("repealed", "2010-01-01"),)
        assert searcher.article("1:m1", on="2005-01-01").cautions == ()
        assert searcher.article("1:m1", on="2015-01-01").cautions == (Caution("other_day", "2010-01-01"),)


def test_a_key_without_an_act_opens_no_article_of_any(tmp_path: Path):
    text = "Otopark Yönetmeliği\n\nMadde 5- Otopark ayrılır.\n\nMadde 6- Ücret alınır."
    row = {"kind": "regulation", "title": "Otopark Yönetmeliği", "text": text}
    (tmp_path / "a.jsonl").write_text(json.dumps(row), encoding="utf-8")
    build(tmp_path / "a.jsonl", tmp_path / "index", workers=1)
    with Searcher(tmp_path / "index") as searcher:
        hit = searcher.search("otopark ayrılır", k=1)[0]
        assert (hit.article, hit.citation) == ("m5", "Otopark Yönetmeliği m. 5")
        assert searcher.article("m5") is None


def test_changes_are_days_in_order():
    assert changes("(Ek: 3/2/2011-6100/2 md.) x (Değişik fıkra: 14/3/2007-5602/10 md.) 1/1/1990") == [
        "2007-03-14",
        "2011-02-03",
    ]
