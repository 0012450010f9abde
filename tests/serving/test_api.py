"""The routes: what each answers, who may ask, and what is refused."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from mecelle.base.document import KINDS
from mecelle.base.errors import ConfigError
from mecelle.retrieval.config import IndexConfig
from mecelle.retrieval.index import build
from mecelle.retrieval.search import Hit, Searcher
from mecelle.sample.records import SECTION_LABELS
from mecelle.serving.app import create_app
from mecelle.serving.settings import Limits, ServiceSettings
from mecelle.serving.tokens import add_token, remove_token

Serve = Callable[..., TestClient]

NEEDS = {
    ("POST", "/v1/search"): "search",
    ("GET", "/v1/documents/{document_id}"): "search",
    ("GET", "/v1/documents/{document_id}/sections"): "search",
    ("GET", "/v1/documents/{document_id}/similar"): "search",
    ("GET", "/v1/article"): "search",
    ("POST", "/v1/answer"): "answer",
    ("POST", "/v1/embeddings"): "embed",
    ("POST", "/v1/takedowns"): "takedown",
    ("GET", "/metrics"): "metrics",
    ("GET", "/health"): None,
    ("GET", "/"): "search",
    ("GET", "/documents/{document_id}"): "search",
    ("GET", "/article"): "search",
    ("GET", "/cited"): "search",
    ("GET", "/answer"): "answer",
    ("GET", "/login"): None,
    ("POST", "/login"): None,
    ("POST", "/logout"): None,
    ("GET", "/static/icon.svg"): None,
    ("GET", "/static/page.css"): None,
    ("GET", "/static/page.js"): None,
    ("GET", "/static/theme.js"): None,
    ("POST", "/mcp"): "search",
    ("GET", "/openapi.json"): None,
}
BODIES: dict[str, Any] = {
    "/v1/search": {"query": "kira"},
    "/v1/answer": {"query": "kira"},
    "/v1/embeddings": {"input": "kira"},
    "/v1/takedowns": {"document_id": "none"},
}


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def first_hit(client: TestClient, query: str, **more: Any) -> dict[str, Any]:
    hit: dict[str, Any] = client.post("/v1/search", json={"query": query, **more}).json()["hits"][0]
    return hit


def test_search_finds_and_cites(client: TestClient) -> None:
    found = client.post("/v1/search", json={"query": "trafik kazası manevi tazminat", "k": 2}).json()
    hit = found["hits"][0]
    assert hit["citation"] == "Yargıtay 4. HD, E. 2024/3494, K. 2024/5460, 29.05.2024"
    assert next(hit["passage"][start:end] for start, end in hit["spans"]) == "Trafik"
    assert found["mode"] == "hybrid"
    assert found["generation"] == 1


def test_filters_narrow_and_unknown_ones_are_refused(client: TestClient) -> None:
    asked = {"query": "kira bedeli", "filters": {"law_number": "6098"}}
    assert {hit["kind"] for hit in client.post("/v1/search", json=asked).json()["hits"]} == {"statute"}
    refused = client.post("/v1/search", json={"query": "kira", "filters": {"daire": "4. HD"}})
    assert refused.status_code == 422
    assert "filters.daire" in refused.json()["error"]["message"]
    assert client.post("/v1/search", json={"query": "kira", "filters": {"kind": "roman"}}).status_code == 422


def test_a_court_may_be_cut_and_one_that_is_not_held_is_told(client: TestClient) -> None:
    for court in ("yargitay", "Yarg.", "YARGITAY 3. HD"):
        found = client.post("/v1/search", json={"query": "kira bedeli", "filters": {"court": court}}).json()
        assert found["hits"][0]["court"] == "Yargıtay"
    for path in ("/v1/search", "/v1/answer"):
        refused = client.post(path, json={"query": "kira", "filters": {"court": "AYM"}})
        assert refused.status_code == 422
        assert refused.json()["error"]["message"].endswith("no document of the index has it. It has: Yargıtay")


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ({"court": "Sayıştay"}, "court 'Sayıştay': no document of the index has it"),
        ({"sections": ["dissent"]}, "this index knows no sections"),
    ],
)
def test_refusals_hold_no_place_and_are_not_rewritten(
    index: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch, filters: dict[str, Any], told: str
) -> None:
    monkeypatch.chdir(index.parent)
    for place in (Path("index"), index):
        asked = {"query": "kira", "filters": filters}
        message = serve(place).post("/v1/search", json=asked).json()["error"]["message"]
        assert message.startswith(told)
        assert str(index) not in message


def test_numbers_that_the_collection_lacks_are_told(client: TestClient) -> None:
    def missing(query: str) -> list[str]:
        found: list[str] = client.post("/v1/search", json={"query": query}).json()["missing"]
        return found

    assert missing("2020/123 E. ve TBK 999 kira") == ["2020/123", "6098 sayılı Kanun m. 999"]
    assert missing("2024/3494 ve TBK 315") == missing("kira bedeli") == []


def test_a_document_is_read_whole_and_in_parts(client: TestClient) -> None:
    identity = first_hit(client, "2023/100")["document_id"]
    whole = client.get(f"/v1/documents/{identity}").json()
    assert whole["text"].startswith("Kiracı kira bedelini")
    assert whole["characters"] == len(whole["text"])
    [citation] = [one for one in whole["citations"] if one["key"] == "6098:m315"]
    assert whole["text"][citation["start"] : citation["end"]].startswith("TBK'nın 315")
    assert citation["is_held"]
    part = client.get(f"/v1/documents/{identity}", params={"start": 7, "characters": 4}).json()
    assert part["text"] == "kira"
    assert client.get(f"/v1/documents/{identity}/sections").json()["sections"] == []


def test_similar_leaves_the_document_itself_out(client: TestClient) -> None:
    identity = first_hit(client, "2023/100")["document_id"]
    hits = client.get(f"/v1/documents/{identity}/similar").json()["hits"]
    assert hits
    assert all(hit["document_id"] != identity for hit in hits)


def test_an_article_is_opened_by_its_key(client: TestClient) -> None:
    found = client.get("/v1/article", params={"key": "6098:m315/1"}).json()
    assert "otuz gün" in found["text"]
    assert found["heading"] == "Kiracının temerrüdü"
    assert client.get("/v1/article", params={"key": "6098:m999"}).status_code == 404
    assert client.get("/v1/article", params={"key": "6098:m315", "on": "2024-02-30"}).status_code == 422


def test_embeddings_have_openais_form(client: TestClient) -> None:
    answer = client.post("/v1/embeddings", json={"input": ["kira", "tazminat"], "model": "x", "dimensions": 16}).json()
    assert [row["index"] for row in answer["data"]] == [0, 1]
    vector = answer["data"][0]["embedding"]
    assert len(vector) == 16
    assert sum(x * x for x in vector) == pytest.approx(1, abs=1e-5)
    packed = client.post("/v1/embeddings", json={"input": "kira", "encoding_format": "base64"}).json()
    assert isinstance(packed["data"][0]["embedding"], str)
    assert client.post("/v1/embeddings", json={"input": "kira", "dimensions": 65}).status_code == 422
    assert client.post("/v1/embeddings", json={"input": ["kira"] * 65}).status_code == 422


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/search", r'{"query": "kira", "filters": {"court": "\ud800"}}'),
        ("/v1/search", r'{"query": "kira", "filters": {"cites": "TBK \udfff"}}'),
        ("/v1/embeddings", r'{"input": "\ud800"}'),
        ("/v1/embeddings", r'{"input": ["kira", "\ud800"]}'),
    ],
)
def test_half_a_character_is_refused(built: Path, serve: Serve, secrets: dict[str, str], path: str, body: str) -> None:
    client = serve(built, tokens=Path(secrets["file"]))
    scope = NEEDS["POST", path]
    assert scope
    headers = {**bearer(secrets[scope]), "Content-Type": "application/json"}
    answer = client.post(path, content=body, headers=headers)
    assert answer.status_code == 422
    assert "half a character" in answer.json()["error"]["message"]


def test_the_schema_names_what_is_taken(client: TestClient) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    filters = schemas["Filters"]["properties"]
    assert filters["sections"]["items"]["enum"] == list(SECTION_LABELS)
    assert filters["kind"]["anyOf"][0]["enum"] == list(KINDS)
    listed = schemas["EmbeddingRequest"]["properties"]["input"]["anyOf"][1]
    assert (listed["minItems"], listed["maxItems"]) == (1, 64)
    assert client.post("/v1/embeddings", json={"input": []}).status_code == 422


def test_rows_whose_fields_are_no_text_are_found_and_read(tmp_path: Path, serve: Serve) -> None:
    rows: list[dict[str, Any]] = [
        {"kind": "decision", "case_number": ["2020/1"], "title": ["a", "b"], "text": "Kira bedeli ödenmemiştir."},
        {"kind": "decision", "chamber": ["3. HD"], "decision_number": 2.5, "text": "Kira sözleşmesi feshedilmiştir."},
        {"kind": "KANUN", "law": ["TBK"], "law_number": "6098", "text": "MADDE 315- Kira bedeli ödenir."},
    ]
    file = tmp_path / "belgeler.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    build(file, tmp_path / "index", IndexConfig(mode="bm25"), workers=1)
    client = serve(tmp_path / "index")
    hits = client.post("/v1/search", json={"query": "kira"}).json()["hits"]
    assert {(hit["title"], hit["chamber"], hit["decision_number"]) for hit in hits} == {
        (None, None, None),
        ("['TBK']", None, None),
    }
    assert len(hits) == 3
    for hit in hits:
        assert client.get(f"/v1/documents/{hit['document_id']}").status_code == 200
    assert client.get("/v1/article", params={"key": "6098:m315"}).json()["title"] == "['TBK']"
    assert client.get("/", params={"q": "kira"}).status_code == 200


def test_a_hit_says_which_searches_found_it(client: TestClient) -> None:
    assert first_hit(client, "2023/100 kira", mode="bm25")["ranks"] == {"exact": 1, "bm25": 1}
    assert first_hit(client, "tazminat", mode="dense")["ranks"] == {"dense": 1}


def test_hits_behind_those_that_were_ordered_anew_have_no_score(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_of_them(searcher: Searcher, question: str, **more: Any) -> list[Hit]:
        first, *others = before(searcher, question, **more)
        return [replace(first, ranks={**first.ranks, "rerank": 1}), *(replace(one, score=None) for one in others)]

    before = Searcher.search
    monkeypatch.setattr(Searcher, "search", one_of_them)
    hits = client.post("/v1/search", json={"query": "kira bedeli davacı"}).json()["hits"]
    assert [hit["score"] is None for hit in hits] == ["rerank" not in hit["ranks"] for hit in hits]
    assert len(hits) > 1


def routes_of(routes: Any) -> Iterator[tuple[str, str]]:
    """Method and path of every route, those of included routers too. A route without methods takes any."""
    for route in routes:
        if inner := getattr(route, "original_router", None):
            yield from routes_of(inner.routes)
        else:
            yield from ((method, route.path) for method in (route.methods or {"POST"}) - {"HEAD"})


def test_every_route_is_in_the_table_and_asks_for_its_scope(built: Path, serve: Serve, secrets: dict[str, str]) -> None:
    client = serve(built, tokens=Path(secrets["file"]))
    assert set(routes_of(client.app.routes)) == NEEDS.keys(), "a new route must say here what it needs"  # type: ignore[attr-defined]
    for (method, path), scope in NEEDS.items():
        url, body = path.replace("{document_id}", "none"), BODIES.get(path)
        given = {"json": body} if body else {}
        status = {name: client.request(method, url, headers=bearer(secret), **given).status_code  # type: ignore[arg-type]
                  for name, secret in secrets.items() if name != "file"}  # fmt: skip
        bare = client.request(method, url, **given)  # type: ignore[arg-type]
        if scope is None:
            assert bare.status_code == 200
            continue
        assert bare.status_code == 401, (method, path)
        assert {name for name, code in status.items() if code not in (401, 403)} == {scope}, (method, path)


def test_a_token_ends_when_it_is_taken_out(built: Path, serve: Serve, secrets: dict[str, str]) -> None:
    client, file = serve(built, tokens=Path(secrets["file"])), Path(secrets["file"])
    assert client.post("/v1/search", json={"query": "kira"}, headers=bearer(secrets["search"])).status_code == 200
    remove_token(file, "only-search")
    assert client.post("/v1/search", json={"query": "kira"}, headers=bearer(secrets["search"])).status_code == 401
    old = add_token(file, "old", ["search"], last_day="2020-01-01")
    assert client.post("/v1/search", json={"query": "kira"}, headers=bearer(old)).status_code == 401
    assert secrets["answer"] not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


def test_strangers_need_tokens(built: Path) -> None:
    for settings in ({"host": "0.0.0.0"}, {"names": ("ara.example",)}, {"host": "192.168.1.4"}):
        with pytest.raises(ValueError, match="mecelle serve token"):
            ServiceSettings(index=built, **settings)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="no such file of tokens"):
        create_app(ServiceSettings(index=built, host="0.0.0.0", tokens=built / "none.jsonl"))


def test_another_host_is_refused_on_loopback(client: TestClient) -> None:
    """A page of another site that points its own name at 127.0.0.1 (DNS rebinding) must not search here."""
    assert client.post("/v1/search", json={"query": "kira"}, headers={"Host": "evil.example"}).status_code == 400


def test_rates_bound_each_client(built: Path, serve: Serve, secrets: dict[str, str]) -> None:
    client = serve(built, tokens=Path(secrets["file"]), limits=Limits(requests_per_minute=1))
    ask = {"json": {"query": "kira"}, "headers": bearer(secrets["search"])}
    statuses = [client.post("/v1/search", **ask) for _ in range(3)]  # type: ignore[arg-type]
    assert [answer.status_code for answer in statuses] == [200, 200, 429]
    assert int(statuses[-1].headers["Retry-After"]) >= 1
    assert client.post("/v1/embeddings", json={"input": "a"}, headers=bearer(secrets["embed"])).status_code == 200


def test_guessing_tokens_is_slowed(built: Path, serve: Serve, secrets: dict[str, str]) -> None:
    client = serve(built, tokens=Path(secrets["file"]), limits=Limits(failed_tokens_per_minute=2))
    statuses = [client.get("/v1/article?key=a", headers=bearer(f"wrong{n}")).status_code for n in range(6)]
    assert statuses == [401] * 4 + [429] * 2
    right = client.get("/v1/article?key=6098:m315", headers=bearer(secrets["search"]))
    assert right.status_code == 200, "wrong tokens of others behind the same proxy lock nobody out"


def test_what_is_too_long_is_refused(built: Path, serve: Serve) -> None:
    client = serve(built, limits=Limits(body_bytes=2_000, query_characters=100))
    assert client.post("/v1/search", json={"query": "a" * 3_000}).status_code == 413
    chunks = (b"x" * 500 for _ in range(10))
    assert client.post("/v1/search", content=chunks).status_code == 413
    assert client.post("/v1/search", json={"query": "a" * 200}).status_code == 422


@pytest.mark.parametrize("field", ["court", "chamber", "law_number", "cites"])
@pytest.mark.parametrize("path", ["/v1/search", "/v1/answer"])
def test_a_filter_is_no_longer_than_a_name(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, path: str, field: str
) -> None:
    def searched(*_: Any, **__: Any) -> None:
        raise AssertionError("a search thread has to work through it")

    monkeypatch.setattr(Searcher, "search", searched)
    told = client.post(path, json={"query": "kira", "filters": {field: "a " * 100_000}})
    assert told.status_code == 422
    assert f"filters.{field}: String should have at most 100" in told.json()["error"]["message"]
    assert client.post("/v1/search", json={"query": "kira", "k": 51}).status_code == 422
    for year in (10**20, -1, 10_000):
        assert client.post("/v1/search", json={"query": "kira", "filters": {"year_from": year}}).status_code == 422


def test_most_results_bounds_all_pages_together(built: Path, serve: Serve) -> None:
    client = serve(built, limits=Limits(most_results=3))
    pages = [
        client.post("/v1/search", json={"query": "kiracı kira davacı", "k": 2, "skip": skip}) for skip in (0, 2, 4)
    ]
    shown = [[(hit["document_id"], hit["article"]) for hit in page.json()["hits"]] for page in pages]
    assert [len(page) for page in shown] == [2, 1, 0]
    assert shown[1][0] not in shown[0]


def test_most_results_bounds_similar_ones_too(built: Path, serve: Serve) -> None:
    client = serve(built, limits=Limits(most_results=2))
    address = f"/v1/documents/{first_hit(client, '2023/100', k=1)['document_id']}/similar"
    assert client.get(address, params={"k": 2}).status_code == 200
    refused = client.get(address, params={"k": 3})
    assert refused.status_code == 422
    assert "at most 2 hits" in refused.json()["error"]["message"]


@pytest.mark.parametrize("wider", [{"query_characters": 1_001}, {"most_results": 1_001}])
def test_no_limit_is_wider_than_a_request_may_be(wider: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="less than or equal to 1000"):
        Limits(**wider)  # type: ignore[arg-type]


def test_every_response_has_security_headers(client: TestClient) -> None:
    for response in (client.get("/"), client.get("/nothing"), client.post("/v1/search", content="{")):
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cache-Control"] == "no-store"


def test_markup_in_a_question_is_text_on_the_page(client: TestClient) -> None:
    page = client.get("/", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/index.json", "/etc/passwd", "a%00b", "...."]
)
def test_no_path_leads_to_the_file_system(client: TestClient, path: str) -> None:
    for url in (f"/v1/documents/{path}", f"/static/{path}", f"/{path}", f"/v1/article?key={path}"):
        answer = client.get(url)
        assert answer.status_code in (404, 422), url
        assert "root:" not in answer.text


def test_nothing_personal_is_logged(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="mecelle.serving")
    name, number = "Ayşe Yılmaz", "10000000146"
    client.post("/v1/search", json={"query": f"{name} {number}"})
    client.get("/", params={"q": f"{name} {number}"})
    client.get(f"/v1/documents/{number}")

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError(f"about {name} {number}")

    client.app.state.service.search = broken  # type: ignore[attr-defined]
    assert client.post("/v1/search", json={"query": name}).status_code == 500
    lines = [record.getMessage() for record in caplog.records if record.name == "mecelle.serving"]
    assert len(lines) == 5
    assert '"fault":"RuntimeError"' in lines[3]
    assert not any(word in line for line in lines for word in ("Ayşe", number, "testclient", "127.0.0.1"))
    assert json.loads(lines[2])["route"] == "/v1/documents/{document_id}"


def test_metrics_count_by_route_not_by_path(client: TestClient) -> None:
    client.get("/v1/documents/one")
    client.get("/nowhere/at/all")
    text = client.get("/metrics").text
    assert 'mecelle_requests_total{method="GET",route="/v1/documents/{document_id}",status="404"} 1.0' in text
    assert "nowhere" not in text
    assert "mecelle_index_passages" in text


def test_methods_that_nobody_knows_are_counted_as_one(client: TestClient) -> None:
    for number in range(3):
        for path in ("/v1/search", "/mcp"):
            client.request(f"ZZZ{number}", path)
    text = client.get("/metrics").text
    assert "ZZZ" not in text
    assert 'mecelle_requests_total{method="other",route="/v1/search",status="405"} 3.0' in text


def test_the_schema_says_which_scope_a_route_needs(
    built: Path, serve: Callable[..., TestClient], secrets: dict[str, str]
) -> None:
    schema = serve(built, tokens=Path(secrets["file"])).get("/openapi.json").json()
    [(name, scheme)] = schema["components"]["securitySchemes"].items()
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    for path, methods in schema["paths"].items():
        for method, route in methods.items():
            scope = NEEDS[method.upper(), path]
            assert route.get("security") == ([{name: [scope]}] if scope else None), path


def test_the_schema_asks_for_no_token_where_strangers_may(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert paths["/v1/search"]["post"]["security"] == [{}, {"HTTPBearer": ["search"]}]
    assert paths["/v1/takedowns"]["post"]["security"] == [{"HTTPBearer": ["takedown"]}]


def hostile(rng: random.Random) -> str:
    """Strings that break parsers: controls, surrogates, quotes, long runs, numbers, directions, SQL, regexes."""
    pieces = [
        *(
            "\x00",
            "\ud800",
            "'",
            '"',
            ";--",
            "%s",
            "{}",
            "\u202e",
            "İ",
            "i̇",
            "ı",
            "2024/",
            "TBK ",
            "m. ",
            "/",
            "((",
            ")*",
        ),
        *("[" * 20, "9" * 40, "a" * 60, " ve ", "1, 2 ve ", "\n", "\u2028", "🏛", "e\u0301", "DROP TABLE", "<script>"),
        *("..", "$", "\\", "NULL", "ilâ 999", "sayılı "),
    ]
    return "".join(rng.choice(pieces) for _ in range(rng.randint(1, 60)))[:1_000]


def test_hostile_questions_are_answered_or_refused(client: TestClient) -> None:
    """The longer run is `benchmarks/serving_faults.py hostile`: 10,000 strings."""
    rng = random.Random(7)
    for _ in range(150):
        body = json.dumps({"query": hostile(rng), "k": 3})
        answer = client.post("/v1/search", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (200, 422), body
        json.loads(answer.text)


def test_a_broken_body_is_told_without_being_repeated(client: TestClient) -> None:
    for body in (b"{", b"[]", b'{"query": 3}', b"\xff\xfe", b'{"query": "a", "k": 1e99}', b'{"query": NaN}'):
        answer = client.post("/v1/search", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422), body
        assert set(answer.json()["error"]) == {"type", "message"}
