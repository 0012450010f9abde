"""The tools of the MCP server: the same answers as the interface, behind the same tokens."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from fastapi.testclient import TestClient
from mcp import Client
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from mecelle.serving.mcp import make_server
from mecelle.serving.service import Service
from mecelle.serving.settings import Limits, ServiceSettings

Serve = Callable[..., TestClient]
TOOLS = {"search", "read_document", "read_sections", "similar_documents", "read_article", "answer"}


def call(client: TestClient, method: str, params: dict[str, Any], secret: str | None = None) -> Any:
    headers = {"Accept": "application/json, text/event-stream"}
    headers |= {"Authorization": f"Bearer {secret}"} if secret else {}
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return client.post("/mcp", json=body, headers=headers)


def test_the_tools_answer_in_process(built: Path, terms: Any) -> None:
    async def use() -> tuple[set[str], Any, Any, Any]:
        service = Service(ServiceSettings(index=built), encoder=terms)
        async with Client(make_server(service)) as client:
            names = {tool.name for tool in (await client.list_tools()).tools}
            found = await client.call_tool(
                "search", {"query": "trafik kazası", "k": 1, "filters": {"kind": "decision"}}
            )
            article = await client.call_tool("read_article", {"key": "6098:m315"})
            wrong = await client.call_tool("read_document", {"document_id": "none"})
        await service.close()
        return names, found, article, wrong

    names, found, article, wrong = anyio.run(use)
    assert names == TOOLS
    [hit] = found.structured_content["hits"]
    assert hit["citation"] == "Yargıtay 4. HD, E. 2024/3494, K. 2024/5460, 29.05.2024"
    assert "otuz gün" in article.structured_content["text"]
    assert wrong.is_error
    assert "not in this collection" in wrong.content[0].text


def test_over_http_tools_need_tokens_with_their_scope(built: Path, serve: Serve, secrets: dict[str, str]) -> None:
    client = serve(built, tokens=Path(secrets["file"]))
    search = {"name": "search", "arguments": {"query": "kira"}}
    assert call(client, "tools/call", search).status_code == 401
    assert call(client, "tools/call", search, secrets["embed"]).status_code == 403
    found = call(client, "tools/call", search, secrets["search"])
    assert found.status_code == 200
    assert json.loads(found.text)["result"]["structuredContent"]["hits"]
    refused = call(client, "tools/call", {"name": "answer", "arguments": {"query": "kira"}}, secrets["search"])
    result = json.loads(refused.text)["result"]
    assert result["isError"]
    assert "lacks the scope 'answer'" in result["content"][0]["text"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"query": "  "},
        {"query": "kira", "filters": {"kind": "roman"}},
        {"query": "kira", "filters": {"daire": "4. HD"}},
        {"query": "kira", "k": 99},
        {},
    ],
)
def test_wrong_arguments_are_told_and_no_path_is(client: TestClient, built: Path, arguments: dict[str, Any]) -> None:
    result = json.loads(call(client, "tools/call", {"name": "search", "arguments": arguments}).text)["result"]
    assert result["isError"]
    assert str(built) not in str(result)


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "HEAD"])
def test_no_stream_is_opened_that_nothing_is_sent_on(
    built: Path, serve: Serve, secrets: dict[str, str], monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    async def streams(*_: Any) -> None:
        raise AssertionError("the SDK opens a stream that lasts until the client ends it")

    client = serve(built, tokens=Path(secrets["file"]))
    monkeypatch.setattr(StreamableHTTPSessionManager, "handle_request", streams)
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {secrets['search']}"}
    told = client.request(method, "/mcp", headers=headers)
    assert (told.status_code, told.headers["Allow"]) == (405, "POST")


def test_refusals_say_what_those_of_the_interface_say(built: Path, serve: Serve, secrets: dict[str, str]) -> None:
    client = serve(built, tokens=Path(secrets["file"]), limits=Limits(requests_per_minute=1))
    strange = call(client, "tools/list", {})
    assert (strange.status_code, strange.headers["WWW-Authenticate"]) == (401, "Bearer")
    often = [call(client, "tools/list", {}, secrets["search"]) for _ in range(3)][-1]
    assert often.status_code == 429
    assert int(often.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    ("tool", "argument"),
    [
        *((tool, "document_id") for tool in ("read_document", "read_sections", "similar_documents")),
        ("read_article", "key"),
    ],
)
def test_what_is_no_id_for_its_length_reaches_no_search(client: TestClient, tool: str, argument: str) -> None:
    told = call(client, "tools/call", {"name": tool, "arguments": {argument: "6098:m" + "3" * 100_000}})
    result = json.loads(told.text)["result"]
    assert result["isError"]
    assert "at most" in result["content"][0]["text"]


def test_no_log_holds_what_was_typed(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(asked: Any) -> None:
        raise RuntimeError(f"inside: {asked.query}")

    logging.getLogger("mcp").removeHandler(caplog.handler)  # pytest listens there itself; an operator reads the root
    caplog.set_level("DEBUG")
    call(client, "tools/call", {"name": "search", "arguments": {"query": "kira", "filters": {"cites": "GİZLİ"}}})
    call(client, "tools/call", {"name": "GİZLİ", "arguments": {}})
    call(client, "tools/GİZLİ", {})
    monkeypatch.setattr(client.app.state.service, "search", broken)  # type: ignore[attr-defined]
    told = call(client, "tools/call", {"name": "search", "arguments": {"query": "GİZLİ"}})
    result = json.loads(told.text)["result"]
    assert result["isError"]
    assert "GİZLİ" not in str(result)
    assert "RuntimeError" in caplog.text
    assert "GİZLİ" not in caplog.text


def test_every_filter_and_mode_of_the_interface_is_there(client: TestClient) -> None:
    def found(**arguments: Any) -> list[str]:
        asked = {"name": "search", "arguments": {"query": "kira bedeli tazminat", **arguments}}
        result = json.loads(call(client, "tools/call", asked).text)["result"]["structuredContent"]
        return [result["mode"], *(hit["citation"] for hit in result["hits"])]

    decision = "Yargıtay 3. HD, E. 2023/100, K. 2023/200, 29.05.2024"
    assert found(mode="bm25", filters={"chamber": "3. HD"}) == ["bm25", decision]
    assert found(filters={"cites": "TBK 315", "year_from": 2024, "year_to": 2024}) == ["hybrid", decision]
    asked = {"name": "answer", "arguments": {"query": "kira bedeli", "filters": {"law_number": "6098"}}}
    answered = json.loads(call(client, "tools/call", asked).text)["result"]["structuredContent"]
    assert {one["hit"]["kind"] for one in answered["sources"]} == {"statute"}


def test_a_day_that_is_none_is_refused(client: TestClient) -> None:
    def read(on: str) -> Any:
        asked = {"name": "read_article", "arguments": {"key": "6098:m315", "on": on}}
        return json.loads(call(client, "tools/call", asked).text)["result"]

    assert not read("2016-05-29")["isError"]
    assert read("29.05.2016")["isError"], "another form of the day would compare as text, and hide what changed since"
