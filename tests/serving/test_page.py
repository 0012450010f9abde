"""The pages as a browser without scripts gets them."""

import html
import json
import random
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient

from mecelle.base.errors import ArtifactError
from mecelle.base.protocols import TextEncoder
from mecelle.retrieval.config import IndexConfig
from mecelle.retrieval.index import build
from mecelle.serving.app import create_app
from mecelle.serving.errors import too_late
from mecelle.serving.page.messages import LANGUAGES, catalogue, messages
from mecelle.serving.page.rendering import static_files
from mecelle.serving.settings import Limits, ServiceSettings

Serve = Callable[..., TestClient]
WIDE = Limits(requests_per_minute=100_000, answers_per_minute=100_000)


@pytest.fixture(scope="module")
def running(shown: Path) -> Iterator[TestClient]:
    """The service over the collection of the pages, on loopback; nothing in it may be changed."""
    with TestClient(create_app(ServiceSettings(index=shown, limits=WIDE)), base_url="http://localhost") as client:
        yield client


@pytest.fixture
def pages(running: TestClient) -> TestClient:
    """The same without cookies of the test before."""
    running.cookies.clear()
    return running


@pytest.fixture
def own_pages(shown: Path, serve: Serve) -> TestClient:
    """A service of the test's own."""
    return serve(shown, limits=WIDE)


def hrefs(page: str) -> list[str]:
    return [html.unescape(one) for one in re.findall(r'href="([^"]*)"', page)]


def found(page: str) -> list[str]:
    """Titles of the hits."""
    return [html.unescape(one) for one in re.findall(r"data-hit>([^<]*)<", page)]


def words_of(page: str) -> str:
    """What a page says, without markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


class Markup(HTMLParser):
    """Tags, attributes and addresses of a page, as a browser reads them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.addresses, self.inline_scripts = set[str](), set[str](), set[str](), 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses |= {str(value) for name, value in attrs if name in ("href", "src", "action")}
        self.inline_scripts += tag == "script" and "src" not in dict(attrs)


def decision(pages: TestClient, number: str = "2024/3494") -> str:
    """Address of the decision with this number."""
    return next(one for one in hrefs(pages.get("/", params={"q": number}).text) if one.startswith("/documents/"))


def test_home_gives_examples_of_the_collection_and_each_finds_something(pages: TestClient) -> None:
    home = pages.get("/").text
    examples = [one for one in hrefs(home) if one.startswith("/?q=")]
    assert len(examples) >= 3
    for one in examples:
        assert found(pages.get(one).text), one
    assert "15 karar" in home
    assert "1 kanun" in home


def test_results_mark_the_words_and_give_the_citation(pages: TestClient) -> None:
    page = pages.get("/", params={"q": "manevi tazminat"}).text
    assert "<mark>manevi tazminat</mark>" in page
    assert 'data-copy="Yargıtay 4. HD, E. 2024/3494, K. 2024/5460, 29.05.2024"' in page
    assert 'section-chip s-claim">İddia<' in page


def test_a_number_is_found_outright_and_said_so(pages: TestClient) -> None:
    page = pages.get("/", params={"q": "2024/5460"}).text
    assert found(page)[0] == "Yargıtay 4. HD, E. 2024/3494, K. 2024/5460, 29.05.2024"
    assert page.count("Numarası eşleşti") == 1
    assert found(pages.get("/", params={"q": "TBK 49"}).text)[0] == "6098 sayılı Kanun m. 49"


@pytest.mark.parametrize(
    ("filters", "hit"),
    [
        ({"chamber": "4. HD"}, "4. HD"),
        ({"court": "yargitay"}, "Yargıtay"),
        ({"court": "yargıtay", "year_from": "2024", "year_to": "2024"}, "2024"),
        ({"kind": "statute"}, "6098 sayılı Kanun"),
        ({"law_number": "6098"}, "6098 sayılı Kanun"),
        ({"section": "dissent"}, "2024/3494"),
        ({"cites": "TBK 49"}, "20"),
    ],
)
def test_filters_of_the_address_narrow(pages: TestClient, filters: dict[str, str], hit: str) -> None:
    page = pages.get("/", params={"q": "manevi tazminat kira TBK", **filters}).text
    assert found(page)
    assert all(hit in one for one in found(page)), found(page)
    assert 'class="count">' in page
    removing = [one for one in hrefs(page) if one.startswith("/?q=manevi")]
    assert any(next(iter(filters)) not in one for one in removing)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"year_from": "20x"}, "Yılı dört rakamla yazın"),
        ({"year_from": "2024", "year_to": "2020"}, "Son yıl ilk yıldan önce olamaz"),
        ({"kind": "roman"}, "Böyle bir tür yok"),
        ({"cites": "hiçbir şey"}, "Burada atıf bulunamadı"),
        ({"q": "a" * 1001}, "Soru çok uzun"),
        ({"court": "Sayıştay"}, "Bu koleksiyonda böyle bir mahkeme yok"),
        ({"chamber": "44. HD"}, "Bu koleksiyonda böyle bir daire yok"),
        ({"kind": "thesis"}, "Bu koleksiyonda bu türden belge yok"),
        ({"law_number": "9999"}, "Bu koleksiyonda bu kanun yok"),
        ({"section": "footer"}, "Bu koleksiyonda böyle bir bölüm yok"),
    ],
)
def test_what_is_wrong_with_the_form_is_said_beside_the_field(
    pages: TestClient, params: dict[str, str], said: str
) -> None:
    answer = pages.get("/", params={"q": "kira", **params})
    assert answer.status_code == 422
    assert said in words_of(answer.text)
    assert not found(answer.text)


def test_pages_go_on_and_back(pages: TestClient) -> None:
    ask = {"q": "kira bedelini ödemediği"}
    first = pages.get("/", params=ask).text
    [following] = [one for one in hrefs(first) if "page=2" in one]
    second = pages.get(following).text
    assert len(found(first)) == 10
    assert len(found(second)) == 3
    assert not set(found(first)) & set(found(second))
    assert "11–13. sonuç" in second
    assert 'rel="next"' not in second
    assert "Başka sonuç yok" in pages.get("/", params={**ask, "page": "9"}).text


def test_a_page_has_the_hits_of_the_api_in_their_order(tmp_path: Path, terms: TextEncoder, serve: Serve) -> None:
    rng, words = random.Random(4), ["kira", "bedel", "dosya", "tazminat", "iş", "kaza", "tapu", "miras", "faiz"]
    texts = [" ".join(rng.choices(words, k=12)) for _ in range(120)]
    rows = [{"kind": "decision", "decision_number": f"2024/{n}", "text": text} for n, text in enumerate(texts, start=1)]
    path = tmp_path / "belgeler.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    build(path, tmp_path / "index", IndexConfig(candidates=1), model=terms, workers=1)
    client = serve(tmp_path / "index", limits=WIDE)
    query = "kira tapu miras kaza"
    for skip in (0, 10):
        hits = client.post("/v1/search", json={"query": query, "k": 10, "skip": skip}).json()["hits"]
        page = client.get("/", params={"q": query, "page": skip // 10 + 1}).text
        assert found(page) == [hit["citation"] for hit in hits]


def test_a_question_keeps_its_filters(pages: TestClient) -> None:
    page = pages.get("/", params={"q": "kira", "chamber": "3. HD", "section": "claim"}).text
    assert '<input form="search" name="chamber" list="chambers" value="3. HD"' in page
    assert '<input type="checkbox" form="search" name="section" value="claim" checked>' in page
    answer = pages.get("/answer", params={"q": "kira", "chamber": "3. HD", "section": "claim"}).text
    box = answer[answer.index('id="search"') : answer.index("</form>")]
    assert '<input type="hidden" name="chamber" value="3. HD">' in box
    assert '<input type="hidden" name="section" value="claim">' in box


def test_both_buttons_send_the_question_with_every_filter(pages: TestClient) -> None:
    """Fields and buttons of the panel belong to the one form of the question; no other form goes to the search."""
    named = re.compile(r"<(?:input|select|button)(?![^>]*hidden)[^>]*>")
    for page in (pages.get("/").text, pages.get("/", params={"q": "kira"}).text):
        panel = page[page.index('<details class="filters"') : page.index("</details>")]
        assert all('form="search"' in one for one in named.findall(panel))
        assert len(named.findall(panel)) >= 8
        assert page.count('action="/"') == page.count('id="search"') == 1
        assert page.count('name="chamber"') == 1


def test_nothing_found_is_said_with_what_to_do(pages: TestClient) -> None:
    said = words_of(pages.get("/", params={"q": "zxqvw", "chamber": "4. HD"}).text)
    assert "Sonuç bulunamadı" in said
    assert "Süzgeçler olmadan arayın" in said
    assert "Henüz bir soru yok" in pages.get("/", params={"chamber": "4. HD"}).text


def test_numbers_that_the_collection_lacks_are_said(pages: TestClient) -> None:
    said = words_of(pages.get("/", params={"q": "2019/777 kira"}).text)
    assert "Bu koleksiyonda yok: 2019/777. Aşağıdakiler sorudaki sözcüklere göre bulundu." in said
    page = pages.get("/", params={"q": "2019/777", "lang": "en"}).text
    assert "The collection does not hold: 2019/777." in words_of(page)
    assert "koleksiyonda yok" not in words_of(pages.get("/", params={"q": "2024/3494"}).text)


def test_a_decision_is_shown_by_its_sections(pages: TestClient) -> None:
    page = pages.get(decision(pages)).text
    labels = re.findall(r'<h2 class="label"[^>]*>([^<]*)<', page)
    assert labels == ["Başlık", "İddia", "Savunma", "Gerekçe", "Hüküm", "Karşı oy"]
    assert "Karşı oy: manevi tazminat tutarı düşüktür." in page
    legend = page[page.index('class="legend"') : page.index("</nav>", page.index('class="legend"'))]
    assert all(label in legend for label in labels)


def test_cited_articles_stand_in_the_margin_as_of_the_decision(pages: TestClient) -> None:
    page = pages.get(decision(pages)).text
    notes = page[page.index('class="notes"') : page.index("</aside>")]
    assert "6098 sayılı Kanun m. 49" in notes
    assert "Kusurlu ve hukuka aykırı bir fiille" in notes
    assert "sonradan değişti" in notes
    assert "yürürlükte değil" in notes
    assert notes.count("<li") == 4, "three articles and a decision, each once"
    [article] = [one for one in hrefs(notes) if "m90" in one]
    said = words_of(pages.get(article).text)
    assert "on=2024-05-29" in article
    assert "Dikkat. Bu madde yürürlükten kalkmıştır (01.01.2020)." in said
    [other] = [one for one in hrefs(notes) if one.startswith("/cited")]
    assert "Yargıtay 3. HD, E. 2023/102" in pages.get(other).text


def test_the_passage_that_was_found_is_marked_and_reached(pages: TestClient) -> None:
    page = pages.get("/", params={"q": "karşı oy düşüktür"}).text
    address = next(one for one in hrefs(page) if one.startswith("/documents/"))
    assert address.endswith("#passage")
    read = pages.get(address).text
    assert read.count('id="passage"') == 1
    assert '<p id="passage" class="found">Karşı oy:' in read
    part = pages.get(address.replace("at=", "at=0-10&x=")).text
    assert "<mark>" in part, "a passage that is half a line is marked in it"


def test_similar_decisions_leave_the_document_itself_out(pages: TestClient) -> None:
    page = pages.get(decision(pages, "2023/105")).text
    similar = page[page.index("Benzer kararlar") :]
    assert "Yargıtay 3. HD" in similar
    assert "2023/105" not in similar


def test_reading_goes_on_where_similar_ones_cannot_be_searched(own_pages: TestClient) -> None:
    address = decision(own_pages)

    async def broken(*_: Any, **__: Any) -> None:
        raise ArtifactError("/secret/place is gone")

    own_pages.app.state.service.similar = broken  # type: ignore[attr-defined]
    page = own_pages.get(address)
    assert page.status_code == 200
    assert "Benzerleri şu anda aranamadı" in page.text
    assert "/secret" not in page.text


def test_hostile_questions_and_documents_are_text(pages: TestClient, hostile: str) -> None:
    params = {"q": f"düşmanca {hostile}", "chamber": hostile, "court": hostile, "law_number": hostile}
    address = decision(pages, "2020/1")
    answers = [pages.get("/", params=params), pages.get("/", params={"q": f"düşmanca {hostile}"}), pages.get(address)]
    answers.append(pages.get("/login", params={"lang": hostile}))
    answers.append(pages.post("/login", data={"token": hostile, "back": f"javascript:alert(1){hostile}"}))
    answers.append(pages.get(f"/documents/{hostile}".replace("/x", "x")))
    for answer in answers:
        markup = Markup(answer.text)
        assert "img" not in markup.tags
        assert not any(name.startswith("on") for name in markup.attributes), "an attribute was broken out of"
        assert not any(one.startswith("javascript") for one in markup.addresses)
        assert markup.inline_scripts == 0
    assert html.escape("<script>window.hacked=1</script>") in answers[1].text
    assert "{{7*7}}" in answers[2].text


def test_an_answer_shows_checked_sentences_with_their_sources(shown: Path, serve: Serve, model: Any) -> None:
    model.text = (
        "Kusurlu ve hukuka aykırı bir fiille başkasına zarar veren, bu zararı gidermekle yükümlüdür [1]. "
        "Kusurlu bir fiille başkasına zarar veren bu zararı gidermekle yükümlüdür [1]. "
        "Zarar veren 99 yıl hapis cezasıyla cezalandırılır [1]."
    )
    pages = serve(shown, limits=WIDE, endpoint=model.endpoint)
    assert 'action="/answer"' in pages.get("/", params={"q": "kusurlu fiille zarar veren"}).text
    page = pages.get("/answer", params={"q": "kusurlu ve hukuka aykırı fiille zarar veren"}).text
    assert "bu zararı gidermekle yükümlüdür" in words_of(page)
    assert "99 yıl" not in page
    assert 'href="#source-1"' in page
    assert "1 cümle gösterilmedi" in words_of(page)


def test_without_a_model_passages_are_the_answer(pages: TestClient) -> None:
    assert "/answer" not in pages.get("/", params={"q": "manevi tazminat"}).text
    said = words_of(pages.get("/answer", params={"q": "manevi tazminat"}).text)
    assert "Bu hizmette dil modeli yok" in said
    assert "Hâkim, zarar görene" in said
    assert pages.get("/answer", params={"q": ""}).status_code == 422


def test_faults_are_told_in_words(pages: TestClient) -> None:
    for path, status, said in (
        ("/documents/none", 404, "Bu belge koleksiyonda yok"),
        ("/article?key=6098:m999", 404, "Bu belge koleksiyonda yok"),
        ("/article", 422, "Bu istek anlaşılamadı"),
        ("/cited?kind=law&key=1", 404, "Bu belge koleksiyonda yok"),
    ):
        answer = pages.get(path)
        assert (answer.status_code, said in answer.text) == (status, True), path
    unknown = pages.get("/nowhere", headers={"Accept": "text/html"})
    assert (unknown.status_code, "koleksiyonda yok" in unknown.text) == (404, True)
    assert pages.get("/nowhere").json()["error"]["type"] == "not_found"


def test_slow_busy_and_broken_searches_are_told_in_words(own_pages: TestClient) -> None:
    async def fails(error: Exception) -> None:
        raise error

    service = own_pages.app.state.service  # type: ignore[attr-defined]
    for error, status, said in (
        (too_late(10), 504, "Arama zamanında bitmedi"),
        (ArtifactError("/secret/index"), 503, "Şu anda arama yapılamıyor"),
        (RuntimeError("about Ayşe"), 500, "Bizde bir şey ters gitti"),
    ):
        service.search = lambda _, error=error, **__: fails(error)
        answer = own_pages.get("/", params={"q": "kira"})
        assert (answer.status_code, said in answer.text) == (status, True)
        assert "Yeniden dene" in answer.text
        assert "/secret" not in answer.text
        assert "Ayşe" not in answer.text


def test_a_token_logs_in_and_out(shown: Path, serve: Serve, secrets: dict[str, str]) -> None:
    pages = serve(shown, limits=WIDE, tokens=Path(secrets["file"]))
    asked = pages.get("/", params={"q": "kira"})
    assert asked.status_code == 401
    assert "Erişim anahtarı" in asked.text
    assert 'name="back" value="/?q=kira"' in asked.text
    wrong = pages.post("/login", data={"token": "mecelle_wrong", "back": "/?q=kira"})
    assert wrong.status_code == 401
    assert "Bu anahtar tanınmıyor" in wrong.text
    right = pages.post("/login", data={"token": secrets["search"], "back": "/?q=kira"}, follow_redirects=False)
    assert right.headers["Location"] == "/?q=kira"
    cookie = right.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    inside = pages.get("/", params={"q": "kira"})
    assert inside.status_code == 200
    assert "Çıkış" in inside.text
    assert pages.get("/answer", params={"q": "kira"}).status_code == 403
    pages.post("/logout")
    assert pages.get("/").status_code == 401


def test_a_cookie_of_another_service_locks_nobody_out(pages: TestClient) -> None:
    assert pages.get("/", headers={"Cookie": "mecelle_token=mecelle_elsewhere"}).status_code == 200


def test_an_ended_cookie_is_forgotten(shown: Path, serve: Serve, secrets: dict[str, str]) -> None:
    pages = serve(shown, limits=WIDE, tokens=Path(secrets["file"]), anonymous=("search",))
    assert pages.get("/").status_code == 200
    answer = pages.get("/", headers={"Cookie": "mecelle_token=mecelle_ended"})
    assert answer.status_code == 401
    assert 'mecelle_token=""' in answer.headers["Set-Cookie"]
    assert "Max-Age=0" in answer.headers["Set-Cookie"]


def test_a_day_that_is_none_is_refused(pages: TestClient) -> None:
    assert pages.get("/article", params={"key": "6098:m49", "on": "2024-02-30"}).status_code == 422


def test_parts_leave_nothing_out_and_tear_no_passage(own_pages: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mecelle.serving.pages._PART", 200)
    address = decision(own_pages, "2020/1").partition("?")[0]
    assert 'href="?start=200"' in own_pages.get(address).text
    torn = own_pages.get(address, params={"at": "190-260"}).text
    assert 'href="?start=0"' in torn  # the part begins at 140, a quarter before the passage, and not at 200
    assert 'id="passage"' in torn


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http://[", ""]
)
def test_login_leads_nowhere_else(shown: Path, serve: Serve, secrets: dict[str, str], back: str) -> None:
    pages = serve(shown, limits=WIDE, tokens=Path(secrets["file"]))
    answer = pages.post("/login", data={"token": secrets["search"], "back": back}, follow_redirects=False)
    assert answer.headers["Location"] == "/"


def test_another_site_cannot_log_in(shown: Path, serve: Serve, secrets: dict[str, str]) -> None:
    pages = serve(shown, limits=WIDE, tokens=Path(secrets["file"]))
    sent = {"data": {"token": secrets["search"]}, "headers": {"Sec-Fetch-Site": "cross-site"}}
    assert pages.post("/login", **sent, follow_redirects=False).status_code == 403  # type: ignore[arg-type]


def test_a_login_of_too_many_fields_is_refused(shown: Path, serve: Serve) -> None:
    pages = serve(shown, limits=WIDE)
    assert pages.post("/login", data={f"field{n}": "a" for n in range(9)}).status_code == 422


def test_english_is_chosen_and_kept(pages: TestClient) -> None:
    chosen = pages.get("/", params={"lang": "en"})
    assert '<html lang="en">' in chosen.text
    assert "Filters" in pages.get("/", params={"q": "kira"}).text
    assert '<html lang="tr">' in pages.get("/", params={"lang": "tr"}).text
    assert '<html lang="tr">' in pages.get("/").text


def test_every_message_stands_in_both_languages_and_none_is_left_over() -> None:
    folder = Path(str(files("mecelle.serving.page")))
    sources = [
        *(folder / "templates").glob("*.html"),
        folder / "form.py",
        folder / "faults.py",
        folder.parent / "pages.py",
    ]
    used = " ".join(path.read_text(encoding="utf-8") for path in sources)
    prefixes = set(re.findall(r"'(\w+_)' ~", used))
    for key, texts in catalogue().items():
        assert set(texts) == set(LANGUAGES), key
        fields = [sorted(re.findall(r"\{(\w+)\}", text)) for text in texts.values()]
        assert fields[0] == fields[1], key
        assert re.search(rf"""['"]{key}['"]""", used) or key.startswith(tuple(prefixes)), f"{key} is never said"


def test_numbers_and_dates_are_written_as_in_turkish() -> None:
    said = messages("tr")
    assert (said.number(1_540_000), said.date("2024-05-29"), said.date("mayıs"), said.date(None)) == (
        "1.540.000", "29.05.2024", "mayıs", "",
    )  # fmt: skip


def test_static_files_are_kept_and_are_small(pages: TestClient) -> None:
    page = pages.get("/").text
    for name, file in static_files().items():
        [address] = {one for one in re.findall(r'(?:href|src)="([^"]*)"', page) if f"/{name}?" in one}
        answer = pages.get(address)
        assert answer.content == file.body
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert len(answer.content) < 25_000, name
        assert b"http://" not in answer.content.replace(b"http://www.w3.org/", b"")
    assert pages.get("/static/%2e%2e/pages.py").status_code == 404


def test_pages_load_nothing_from_elsewhere_and_have_no_inline_style_or_script(pages: TestClient) -> None:
    for path in ("/", "/?q=kira", decision(pages), "/article?key=6098:m49", "/login", "/documents/none"):
        page = pages.get(path).text
        assert not re.findall(r'(?:src|href|action)="(?:https?:|//)', page), path
        assert not re.search(r"<[^>]*\sstyle=", page)
        assert not re.search(r"<script(?![^>]*src=)", page)
        assert "<style" not in page
        assert page.count("<h1") == 1, path
        assert "<main" in page


def test_an_address_with_a_question_can_be_sent_on(pages: TestClient) -> None:
    """What is in a question survives the way through the address of a filter that is taken out."""
    question = 'kira & "tahliye" % + #1 İĞÜŞÖÇ'
    page = pages.get("/?" + urlencode({"q": question, "chamber": "3. HD"})).text
    without = {one for one in hrefs(page) if one.startswith("/?") and "chamber" not in one}
    assert without
    for one in without:
        assert html.escape(question) in pages.get(one).text.replace("&#34;", "&quot;"), one
