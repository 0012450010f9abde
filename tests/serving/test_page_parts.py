"""What pages are put together from: pieces of text, stretches of passages, sections, forms, titles."""

import pytest
from starlette.datastructures import QueryParams

from mecelle.serving import views
from mecelle.serving.page.form import article_address, document_address, read_form
from mecelle.serving.page.marking import Link, blocks, excerpt, pieces
from mecelle.serving.page.rendering import address_of
from mecelle.serving.page.wording import beginning, calm


def test_pieces_give_the_text_back_whatever_overlaps() -> None:
    text = "TBK'nın 49. maddesi uyarınca kusur gerekir."
    links = [Link(0, 19, "/a"), Link(8, 25, "/b"), Link(29, 34, "/c")]
    found = pieces(text, 0, len(text), marks=[(4, 12), (29, 34)], links=links)
    assert "".join(one.text for one in found) == text
    assert [one.text for one in found if one.link == "/a"] == ["TBK'", "nın 49. ", "maddesi"]
    assert "/b" not in {one.link for one in found}, "of two that overlap the first is kept"
    assert [(one.is_marked, one.link) for one in found if one.text == "kusur"] == [(True, "/c")]


def test_marks_beside_each_other_become_one() -> None:
    [joined] = [one.text for one in pieces("etkin pişmanlık hükmü", 0, 21, marks=[(0, 5), (6, 15)]) if one.is_marked]
    assert joined == "etkin pişmanlık"
    apart = [one.text for one in pieces("etkin, pişmanlık", 0, 16, marks=[(0, 5), (7, 16)]) if one.is_marked]
    assert apart == ["etkin", "pişmanlık"]


def test_an_excerpt_holds_most_marks_and_ends_at_words() -> None:
    text = "boş " * 200 + "kira bedeli kira bedeli " + "son " * 200
    spans = [(0, 3), (800, 804), (812, 816)]
    start, end = excerpt(text, spans, most=100)
    assert start <= 800
    assert end >= 816
    assert end - start <= 100
    assert text[start - 1] == " "
    assert text[end] == " "
    assert excerpt("kısa", [], most=100) == (0, 4)
    assert excerpt("a" * 500, [], most=100) == (0, 100)


def test_blocks_lose_no_line_and_keep_to_sections() -> None:
    text = "önce\nbaşlık\n\narada\ngerekçe\nsonra"
    sections = [("header", 5, 11), ("reasoning", 19, 26)]
    found = [(one.label, [text[a:b] for a, b in one.lines]) for one in blocks(text, sections)]
    assert found == [
        (None, ["önce"]), ("header", ["başlık"]), (None, ["arada"]), ("reasoning", ["gerekçe"]), (None, ["sonra"]),
    ]  # fmt: skip
    cut = blocks(text[8:], [(label, start - 8, end - 8) for label, start, end in sections])
    assert cut[0].label == "header", "a part that begins within a section is of that section"


def test_a_form_survives_its_own_address() -> None:
    asked = "q=kira+%26+bedel&chamber=4.+HD&year_from=2015&section=dissent&section=none&page=3&court="
    form = read_form(QueryParams(asked))
    assert (form.query, form.sections, form.page, form.num_filters) == ("kira & bedel", ("dissent",), 3, 3)
    again = read_form(QueryParams(form.address(page=form.page).partition("?")[2]))
    assert again == form
    assert "chamber" not in form.address(without="chamber")
    assert form.filters() == {"chamber": "4. HD", "year_from": 2015, "sections": ("dissent",)}


def test_every_page_asks_for_a_part_of_the_same_order() -> None:
    asked = [read_form(QueryParams({"q": "kira", "page": str(page)})).asked(most=50) for page in range(1, 8)]
    assert {one.k for one in asked} == {10}
    assert [one.skip for one in asked] == [0, 10, 20, 30, 40, 50, 50]


@pytest.mark.parametrize("page", ["0", "-1", "²", "9999", "x", ""])
def test_a_page_that_is_none_is_the_first(page: str) -> None:
    assert read_form(QueryParams({"q": "a", "page": page})).page == 1


def test_an_article_of_an_act_without_a_number_is_read_in_its_own_document() -> None:
    fields = dict.fromkeys(views.HitView.model_fields) | {"document_id": "regulation-1", "start": 3, "end": 9}
    numbered, own = (views.HitView.model_construct(**{**fields, "article": key}) for key in ("6098:m5", "m5"))
    assert address_of(numbered) == "/article?key=6098%3Am5"
    assert address_of(own) == "/documents/regulation-1?at=3-9#passage"


def test_addresses_hold_any_key() -> None:
    assert document_address("a/../b?c#d", (3, 9)) == "/documents/a%2F..%2Fb%3Fc%23d?at=3-9#passage"
    assert article_address("6098:mGeçici 1", on="2024-05-29") == "/article?key=6098%3AmGe%C3%A7ici+1&on=2024-05-29"


def test_titles_are_calm_and_articles_begin_with_their_words() -> None:
    assert calm("HUKUK VE CEZA İŞLERİ KANUNU") == "Hukuk ve Ceza İşleri Kanunu"
    assert [calm(one) for one in ("6. HD", "Türk Borçlar Kanunu", "", None)] == ["6. HD", "Türk Borçlar Kanunu", "", ""]
    assert beginning("GEÇİCİ MADDE 2- (1) Bu Kanun uygulanır.") == "(1) Bu Kanun uygulanır."
    assert beginning("Madde 1- " + "söz " * 100, most=20) == "söz söz söz söz söz …"
