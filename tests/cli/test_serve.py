"""`mecelle serve`: which parameters win, the address that is shown, tokens, and takedowns from build to build."""

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from mecelle.base.errors import ConfigError
from mecelle.cli import serve
from mecelle.retrieval import index as indexes
from mecelle.retrieval.deleting import indexed_documents
from mecelle.serving.settings import ServiceSettings


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> list[ServiceSettings]:
    """The settings that the service would begin with."""
    found: list[ServiceSettings] = []

    def begin(settings: ServiceSettings) -> None:
        found.append(settings)
        raise ConfigError("enough for a test")

    monkeypatch.setattr("mecelle.serving.app.create_app", begin)
    monkeypatch.setattr("mecelle.serving.service.Service", begin)
    monkeypatch.setattr(serve, "_bound", lambda host, port: socket.socket())  # port 8000 may be in use here
    return found


@pytest.fixture
def params(tmp_path: Path) -> Path:
    path = tmp_path / "params.yaml"
    endpoint = {"url": "http://a/v1", "model": "a", "api_key_variable": "KEY"}
    section = {"index": "theirs", "port": 9000, "limits": {"threads": 3}, "endpoint": endpoint}
    path.write_text(json.dumps({"serve": section}))
    return path


def test_options_go_over_the_file_and_under_set(
    refused: Callable[..., str], chosen: list[ServiceSettings], params: Path
) -> None:
    options = ["--host", "0.0.0.0", "--tokens", "tokens.json", "--index", "mine", "--endpoint", "b@http://b/v1"]
    refused("serve", "--params", params, *options, "--set", "names=[ara.baro.example]")
    [found] = chosen
    assert (found.host, found.port, found.index, found.tokens) == ("0.0.0.0", 9000, Path("mine"), Path("tokens.json"))
    assert not found.anonymous_scopes
    assert (found.names, found.limits.threads) == (("ara.baro.example",), 3)
    assert found.endpoint is not None
    assert (found.endpoint.url, found.endpoint.model, found.endpoint.api_key_variable) == ("http://b/v1", "b", "KEY")


def test_without_options_the_file_is_obeyed(
    refused: Callable[..., str], chosen: list[ServiceSettings], params: Path
) -> None:
    refused("serve", "--params", params)
    refused("serve", "mcp", "--params", params)
    refused("serve", "mcp", "--params", params, "--index", "mine")
    refused("serve")
    assert [(str(one.index), one.port) for one in chosen] == [
        ("theirs", 9000), ("theirs", 9000), ("mine", 9000), ("artifacts/index", 8000),
    ]  # fmt: skip


def test_port_0_is_shown_as_the_port_it_became(mecelle: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def run(server: uvicorn.Server, sockets: list[Any]) -> None:
        server.started = True
        [listening] = sockets
        ports.append(listening.getsockname()[1])
        listening.close()

    ports: list[int] = []
    monkeypatch.setattr("mecelle.serving.app.create_app", lambda settings: None)
    monkeypatch.setattr(uvicorn.Server, "run", run)
    said = mecelle("serve", "--port", "0").stdout
    assert ports[0] > 0
    assert f"http://127.0.0.1:{ports[0]} " in said


def test_a_port_in_use_is_told(refused: Callable[..., str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused("serve", "--port", port)  # before the index is opened, of which there is none
    assert f"port {port} of 127.0.0.1 is in use by another program" in said
    assert "--port (0: any free one)" in said


def test_an_address_of_another_machine_is_told(refused: Callable[..., str]) -> None:
    for host in ("192.0.2.1", "ara.invalid"):
        said = refused("serve", "--host", host, "--port", "0", "--tokens", "tokens.json")
        assert f"host {host}: no address of this machine" in said


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"prot": 9}, "serve: prot: unknown key; did you mean 'port'?"),
        ({"limits": {"threads": "zero"}}, "serve: limits.threads: found 'zero'; Input should be a valid integer"),
        ({"host": "0.0.0.0"}, "serve: tokens: found None; Value error, host 0.0.0.0: others than this machine"),
        ({"names": ["ara.example"]}, "serve: tokens: found None; Value error, names ara.example: others than"),
        ({"anonymous": ["takedown"]}, "serve: anonymous: found ['takedown']; Value error, a takedown needs a token"),
    ],
)
def test_a_fault_of_the_settings_names_key_value_and_what_is_allowed(
    refused: Callable[..., str], tmp_path: Path, values: dict[str, Any], said: str
) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(json.dumps({"serve": {"index": "mine", **values}}))
    for command in (("serve",), ("serve", "mcp")):
        found = refused(*command, "--params", path)
        assert said in found
        assert "query_characters" not in found, "the whole of the settings"


def test_the_environment_is_checked(
    mecelle: Callable[..., Any],
    refused: Callable[..., str],
    chosen: list[ServiceSettings],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "vier")
    for command in (("serve", "--port", "0"), ("serve", "mcp"), ("search", "kira"), ("index", "build", tmp_path)):
        more = ("--out", tmp_path / "index") if "build" in command else ()
        assert "OMP_NUM_THREADS of the environment: found 'vier'; allowed is" in refused(*command, *more)
    assert not chosen
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("WEB_CONCURRENCY", "vier")
    monkeypatch.setattr("mecelle.serving.app.create_app", lambda settings: None)
    monkeypatch.setattr(uvicorn.Server, "run", lambda server, sockets: setattr(server, "started", True))
    assert "http://127.0.0.1:" in mecelle("serve", "--port", "0").stdout


def test_a_last_day_that_is_none_is_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    for day in ("31.12.2027", "2027-02-30"):
        said = refused("serve", "token", "kutuphane", "--tokens", tmp_path / "tokens.json", "--last-day", day)
        assert "expected a day such as 2027-12-31" in said
    assert not (tmp_path / "tokens.json").exists()


@pytest.fixture
def taken_down(mecelle: Callable[..., Any], collection: Path, tmp_path: Path) -> str:
    """Id of a document that a command has taken out of the index `service/index`."""
    index = tmp_path / "service" / "index"
    mecelle("index", "build", collection, "--out", index, "--model", "none", "--workers", "1")
    [identity] = [one.id for one in indexed_documents(index) if one.metadata["case_number"] == "2024/3"]
    mecelle("serve", "takedown", identity, "--index", index, "--reason", "mahkeme kararı")
    return identity


def build(mecelle: Callable[..., Any], collection: Path, index: Path) -> dict[str, Any]:
    said = mecelle("index", "build", collection, "--out", index, "--model", "none", "--workers", "1").stdout
    told: dict[str, Any] = json.loads(said.splitlines()[-1])
    return told


def test_what_was_taken_down_stays_out_of_the_next_build(
    mecelle: Callable[..., Any], collection: Path, tmp_path: Path, taken_down: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = tmp_path / "service" / "index"
    path = collection / "003.jsonl"
    path.write_text(path.read_text() + '{"id": "x", "text": "Başka bir karar metni."}\n', encoding="utf-8")
    put_in_place = indexes.put_in_place

    def checked(folder: Path, *rest: Any) -> None:
        assert not [one for one in folder.rglob("*") if one.is_file() and taken_down.encode() in one.read_bytes()]
        put_in_place(folder, *rest)

    monkeypatch.setattr(indexes, "put_in_place", checked)
    told = build(mecelle, collection, index)
    assert (told["files_read"], told["taken_down"], told["accounts"]["kept"]) == (1, 1, 6)
    assert taken_down not in {one.id for one in indexed_documents(index)}
    assert build(mecelle, collection, index)["files_read"] == 0


def test_a_takedown_during_a_build_is_carried_out_at_its_end(
    mecelle: Callable[..., Any], collection: Path, tmp_path: Path, taken_down: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "service" / "service" / "takedowns.jsonl"
    row, before = log.read_text(), indexes.build
    log.unlink()
    index = tmp_path / "other" / "index"

    def built(*given: Any, **named: Any) -> Any:
        report = before(*given, **named)
        (tmp_path / "other" / "service").mkdir()
        (tmp_path / "other" / "service" / "takedowns.jsonl").write_text(row)
        return report

    monkeypatch.setattr(indexes, "build", built)
    assert build(mecelle, collection, index)["taken_down"] == 1
    assert len(list(indexed_documents(index))) == 5


def test_a_document_that_is_not_there_is_told(
    refused: Callable[..., str], collection: Path, tmp_path: Path, taken_down: str
) -> None:
    said = refused("serve", "takedown", taken_down, "--index", tmp_path / "service" / "index")
    assert f"holds no document '{taken_down}'" in said
