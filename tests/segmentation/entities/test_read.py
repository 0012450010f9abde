"""A decision with all that is read in it."""

import time

import pytest

from mecelle.sample import SampleSize, generate
from mecelle.segmentation.entities.links import Article, Articles
from mecelle.segmentation.entities.read import DecisionReader
from mecelle.segmentation.record import SectionSpan, Segmented

TEXT = (
    "Davacı Ahmet Yılmaz vekili, 1.000,00 TL istemiştir.\n6098 sayılı TBK'nın 49. maddesi uyarınca hükmün "
    "ONANMASINA, 12.03.2024 tarihinde oy birliğiyle karar verildi."
)


def test_entities_citations_and_outcome_are_added_and_sections_stay():
    sections = (SectionSpan(label="claim", start=0, end=52), SectionSpan(label="ruling", start=52, end=len(TEXT)))
    reader = DecisionReader(articles=Articles([Article("6098:m49", "Zarar veren öder.")]))
    read = reader.read(Segmented(id="d1", text=TEXT, sections=sections))
    assert {(one.kind, one.text) for one in read.entities} == {
        ("person", "Ahmet Yılmaz"), ("amount", "1.000,00 TL"), ("date", "12.03.2024"),
        ("article", "6098 sayılı TBK'nın 49. maddesi"),
    }  # fmt: skip
    assert all(TEXT[one.start : one.end] == one.text for one in (*read.entities, *read.citations))
    assert [one.target for one in read.citations] == ["6098:m49"]
    assert (read.outcome, read.outcome_confidence, read.sections) == ("onama", 1.0, sections)


def test_a_decision_does_not_cite_itself():
    text = (
        "T.C.\nYARGITAY\n4. Hukuk Dairesi\nEsas No : 2019/48\nKarar No : 2021/50\n"
        "MAHKEMESİ : İzmir 1. Asliye Hukuk Mahkemesi\nNUMARASI : 2018/7 E., 2018/50 K.\nHükmün ONANMASINA."
    )
    read = DecisionReader().read(Segmented(text=text))
    assert [one.key for one in read.citations] == ["?:e2018/7:k2018/50"]
    assert {one.text for one in read.entities if one.kind == "case_number"} == {"2019/48", "2018/7"}


def test_nor_does_that_of_a_chamber_of_two_digits():
    text = "Yargıtay 22. Hukuk Dairesi 2015/1234 E., 2016/4567 K.\nYargıtay 22. HD, 2014/10 E., 2015/20 K. gibi."
    facts = {"case_number": "2015/1234", "decision_number": "2016/4567"}
    read = DecisionReader().read(Segmented(text=text, metadata=facts))
    assert [one.key for one in read.citations] == ["yargıtay:22hd:e2014/10:k2015/20"]


def test_every_article_that_the_sample_cites_is_linked():
    sample = generate(seed=7, size=SampleSize.tiny())
    articles = Articles(Article(one.id, one.text) for act in sample.acts for one in act.articles)
    reader = DecisionReader(articles=articles)
    for decision in sample.decisions:
        read = reader.read(Segmented(text=decision.text, metadata={"date": decision.date}))
        assert {one.article for one in decision.citations} <= {one.target for one in read.citations}
        if decision.outcome in ("onama", "bozma"):
            assert read.outcome == decision.outcome


@pytest.mark.parametrize("text", ["", " \n ", "Yarın yağmur yağacak."])
def test_what_is_no_decision_has_nothing(text):
    read = DecisionReader().read(Segmented(text=text))
    assert (read.entities, read.citations, read.outcome, read.outcome_confidence) == ((), (), None, None)


def test_a_million_characters_are_read_in_seconds():
    long = TEXT * (1_000_000 // len(TEXT) + 1)
    clock = time.process_time()
    read = DecisionReader().read(Segmented(text=long))
    assert len(read.entities) > 10_000
    assert time.process_time() - clock < 25  # 40,000 characters a second
