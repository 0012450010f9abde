"""Citations lead to the articles of a collection."""

import json

import pytest

from mecelle.base.collection import write_documents
from mecelle.base.document import Document
from mecelle.base.errors import InputError
from mecelle.segmentation.entities.links import Article, Articles, link

TBK = Article("6098:m49", "Madde 49 - Kusurlu ve hukuka aykırı bir fiille zarar veren", "Sorumluluk")
TCK = Article("5237:mGeçici_1", "(Değişik: 2/12/2016-6763/33 md.) Cezalar. (Ek fıkra: 14/4/2020-7242/9 md.)")


def test_every_member_of_a_list_is_linked_where_the_collection_has_it():
    text = "6098 sayılı TBK'nın 49/2 ve 50. maddeleri"
    links = link(text, Articles([TBK]))
    assert [(one.key, one.target) for one in links] == [("6098:m49/2", "6098:m49"), ("6098:m50", None)]
    assert {(one.start, one.end) for one in links} == {(0, len(text))}
    assert (links[0].law, links[0].article) == ("6098", "49")


@pytest.mark.parametrize(
    ("date", "changed"),
    [("2015-01-01", "2016-12-02"), ("2018-01-01", "2020-04-14"), ("2021-01-01", None), (None, None)],
)
def test_a_later_wording_is_told(date, changed):
    (found,) = link("5237 sayılı Kanunun geçici 1. maddesi", Articles([TCK]), date=date)
    assert (found.target, found.changed) == ("5237:mGeçici_1", changed)


def test_an_abbreviation_is_the_act_of_its_day():
    assert [link("TCK'nın 59. maddesi", date=date)[0].law for date in ("1999-05-05", "2010-05-05")] == ["765", "5237"]


def test_laws_and_decisions_have_no_article():
    law, decision = link("5237 sayılı TCK ile Yargıtay 4. HD, E. 2021/100, K. 2022/7", Articles([TBK]))
    assert (law.kind, law.law, law.article, law.target) == ("law", "5237", None, None)
    assert (decision.kind, decision.law, decision.key) == ("decision", None, "yargıtay:4hd:e2021/100:k2022/7")


def test_articles_of_rows_and_of_a_collection_are_found_alike(tmp_path):
    rows = tmp_path / "articles.jsonl"
    rows.write_text(json.dumps({"id": "6098:m49", "text": "Zarar veren öder.", "heading": "Sorumluluk"}) + "\n")
    act = Document(
        id="a", text="Sorumluluk\n\nMADDE 49- Zarar veren öder.\n\nMADDE 50- İspat.",
        metadata={"kind": "statute", "law_number": "6098", "title": "TBK"},
    )  # fmt: skip
    write_documents([act], tmp_path / "acts" / "documents")
    for path in (rows, tmp_path / "acts"):
        article = Articles.read(path).find("6098:m49/1-a")
        assert article is not None
        assert (article.id, article.heading) == ("6098:m49", "Sorumluluk")


def test_a_file_without_articles_is_refused(tmp_path):
    (tmp_path / "x.jsonl").write_text('{"id": "7", "text": "a"}\n')
    with pytest.raises(InputError, match="no articles of acts"):
        Articles.read(tmp_path / "x.jsonl")
