"""The page of a decision: every character once, escaped, with links that lead somewhere."""

import re
from html.parser import HTMLParser

import pytest

from mecelle.segmentation.entities.links import Article, Articles, link
from mecelle.segmentation.page.marks import Mark, marked
from mecelle.segmentation.page.page import page_name, render_page, write_page
from mecelle.segmentation.record import Entity, SectionSpan, Segmented

TEXT = (
    "Davacı <b>Ahmet</b> Yılmaz & ortağı\n6098 sayılı TBK'nın 49. maddesi ile TBK 50 uyarınca\n"
    "hükmün ONANMASINA karar verildi."
)
RULING = TEXT.index("hükmün")
ARTICLES = Articles([Article("6098:m49", "Madde 49 <script>alert(1)</script> (Değişik: 1/2/2030-1/1 md.)", "Başlık")])


@pytest.fixture
def decision() -> Segmented:
    name = TEXT.index("Ahmet")
    return Segmented(
        id="d1",
        text=TEXT,
        sections=(
            SectionSpan(label="claim", start=0, end=36, confidence=0.934),
            SectionSpan(label="ruling", start=RULING, end=len(TEXT)),
        ),
        entities=(Entity(kind="person", start=name, end=name + 5, text="Ahmet", confidence=0.9),),
        citations=tuple(link(TEXT, ARTICLES, date="2024-01-01")),
        outcome="onama",
        outcome_confidence=1.0,
    )


class Reader(HTMLParser):
    """Ids, links, and the words of the decision."""

    def __init__(self) -> None:
        super().__init__()
        self.ids, self.links, self.words, self.open = list[str](), list[str](), list[str](), list[str]()
        self.depth = 0

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        self.ids += [told["id"]] if told.get("id") else []
        self.links += [told["href"]] if told.get("href") else []
        if told.get("class") == "words" or self.depth:
            self.depth += 1

    def handle_endtag(self, tag):
        self.depth -= bool(self.depth)

    def handle_data(self, data):
        if self.depth:
            self.words.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


def test_the_whole_text_stands_on_the_page_and_links_lead_to_it(decision):
    page = read(render_page(decision, ARTICLES))
    assert "".join(page.words) == TEXT
    assert len(set(page.ids)) == len(page.ids)
    assert all(one.startswith("#") and one[1:] in page.ids for one in page.links)


def test_nothing_of_the_decision_is_taken_as_html_and_nothing_is_fetched(decision):
    page = render_page(decision, ARTICLES)
    assert "<b>Ahmet" not in page
    assert "alert(1)</script>" not in page
    assert page.count("<script>") == 1
    assert not re.search(r"https?://|url\(|@import|<link|src=", page)


def test_sections_names_citations_and_outcome_are_shown(decision):
    page = render_page(decision, ARTICLES)
    assert '<mark class="e person" title="kişi · %90">Ahmet</mark>' in page
    assert "İddia <small" in page
    assert "%93" in page
    assert "Bölüm dışı" in page
    assert "TBK m. 49" in page
    assert "TBK m. 50" in page
    assert "Başlık" in page
    assert "karardan sonra değişti: 01.02.2030" in page
    assert '<b class="outcome onama">Onama</b>' in page


@pytest.mark.parametrize("text", ["", "Ne karar ne de bölüm."])
def test_a_text_without_sections_has_a_page(text):
    page = render_page(Segmented(text=text))
    assert ("Metin boş" in page) == (not text)
    assert "".join(read(page).words) == text


def test_same_decision_same_bytes(decision, tmp_path):
    for name in ("a.html", "b.html"):
        write_page(decision, tmp_path / "pages" / name, ARTICLES)
    assert (tmp_path / "pages" / "a.html").read_bytes() == (tmp_path / "pages" / "b.html").read_bytes()
    assert page_name(Segmented(id="../x", text="")) == "..%2Fx.html"


def test_marks_are_cut_at_the_ends_of_the_stretch_and_nest():
    marks = [Mark(0, 8, "a", ""), Mark(2, 4, "b", "", "id")]
    assert str(marked("01234567", 1, 6, marks)) == (
        '<mark class="a" title="">1<a class="b" title="" href="#id">23</a>45</mark>'
    )
