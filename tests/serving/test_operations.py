"""Takedowns, the audit log, backups, and an index that changes while it is served."""

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from mecelle.base.artifacts import lock_path
from mecelle.base.errors import ArtifactError, ConfigError, InputError, LockedError
from mecelle.base.locks import lock
from mecelle.corpus.takedown_log import LOG, read_takedowns
from mecelle.retrieval.deleting import indexed_documents
from mecelle.retrieval.manifest import read_manifest, write_manifest
from mecelle.retrieval.meaning import Meaning
from mecelle.retrieval.search import Searcher
from mecelle.serving import audit, takedowns
from mecelle.serving.backup import backup, restore
from mecelle.serving.collection import Collection
from mecelle.serving.embeddings import embed
from mecelle.serving.log_check import check_logs
from mecelle.serving.rates import RateLimiter, network_of
from mecelle.serving.service import Service
from mecelle.serving.settings import Limits, ServiceSettings
from mecelle.serving.takedowns import obey
from mecelle.serving.views import EmbeddingRequest
from mecelle.serving.workers import Workers

Serve = Callable[..., TestClient]
WaitFor = Callable[[Callable[[], Any]], None]


def identity(index: Path, number: str) -> str:
    return next(one.id for one in indexed_documents(index) if one.metadata.get("decision_number") == number)


def take_down(client: TestClient, index: Path, secret: str) -> Any:
    body = {"document_id": identity(index, "2024/5460"), "reason": "mahkeme kararı"}
    return client.post("/v1/takedowns", json=body, headers={"Authorization": f"Bearer {secret}"})


def searched(client: TestClient, secret: str) -> set[str]:
    headers = {"Authorization": f"Bearer {secret}"}
    answer = client.post("/v1/search", json={"query": "trafik kazası kira"}, headers=headers)
    assert answer.status_code == 200
    return {hit["decision_number"] for hit in answer.json()["hits"]}


def test_a_takedown_leaves_the_running_service_at_once(index: Path, serve: Serve, secrets: dict[str, str]) -> None:
    client = serve(index, tokens=Path(secrets["file"]))
    assert "2024/5460" in searched(client, secrets["search"])
    document = identity(index, "2024/5460")
    done = take_down(client, index, secrets["takedown"])
    assert done.json() == {"number": 1, "document_ids": [document], "passages": 1}
    assert "2024/5460" not in searched(client, secrets["search"])
    gone = client.get(f"/v1/documents/{document}", headers={"Authorization": f"Bearer {secrets['search']}"})
    assert gone.status_code == 404
    state = index.parent / "service"
    rows = [json.loads(line) for line in (state / audit.FILE).read_text().splitlines()]
    assert [(row["event"], row["by"]) for row in rows] == [("takedown", "only-takedown"), ("deleted", "only-takedown")]
    assert "Trafik" not in (state / audit.FILE).read_text() + (state / LOG).read_text()


def test_a_kill_between_log_and_deletion_is_made_good(
    index: Path, serve: Serve, secrets: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, state = serve(index, tokens=Path(secrets["file"])), index.parent / "service"

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(takedowns, "delete", killed)
        with pytest.raises(KeyboardInterrupt):
            takedowns.take_down(index, state, client.app.state.service.collection._opened.searcher.document(  # type: ignore[attr-defined]
                identity(index, "2024/5460")), "", "x")  # fmt: skip
    assert len(read_takedowns(state / LOG)) == 1
    assert obey(index, state, by="start", copies=False).documents == 1
    assert "2024/5460" not in searched(client, secrets["search"])
    assert [row["event"] for row in audit.read(state)] == ["takedown", "obeyed"]
    assert check_logs(state).takedowns == 1


def test_a_takedown_is_logged_also_where_copies_cannot_be_looked_for(
    index: Path, serve: Serve, secrets: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, document = serve(index, tokens=Path(secrets["file"])), identity(index, "2024/5460")

    def gone(_: Path) -> Any:
        raise ArtifactError("generation-000001: cannot be opened")

    monkeypatch.setattr(takedowns, "indexed_documents", gone)
    assert take_down(client, index, secrets["takedown"]).json()["document_ids"] == [document]
    assert [one.id for row in read_takedowns(index.parent / "service" / LOG) for one in row.documents] == [document]
    assert "2024/5460" not in searched(client, secrets["search"])


def test_a_changed_audit_log_is_found(tmp_path: Path) -> None:
    for number in range(3):
        audit.append(tmp_path, "takedown", by="x", number=number)
    assert len(audit.read(tmp_path)) == 3
    path = tmp_path / audit.FILE
    lines = path.read_text().splitlines(keepends=True)
    for changed in ([lines[0], lines[2]], [lines[0].replace('"x"', '"y"'), *lines[1:]], [lines[0], lines[1][:20]]):
        path.write_text("".join(changed))
        with pytest.raises(ArtifactError, match="does not follow"):
            audit.read(tmp_path)


@pytest.fixture
def logged(index: Path) -> Path:
    """The folder of the logs, after two takedowns."""
    state = index.parent / "service"
    with Searcher(index) as searcher:
        for number in ("2024/5460", "2023/200"):
            found = searcher.document(identity(index, number))
            assert found
            takedowns.take_down(index, state, found, "mahkeme kararı", "x")
    return state


def without(path: Path, *rows: int) -> None:
    """Take rows out of a log, or the log away."""
    lines = path.read_bytes().splitlines(keepends=True)
    kept = [line for place, line in enumerate(lines) if place not in rows and place - len(lines) not in rows]
    path.write_bytes(b"".join(kept)) if rows else path.unlink()


@pytest.mark.parametrize(
    ("log", "rows", "told"),
    [
        (LOG, [0], "row 1 has number 2"),
        (LOG, [1], "takedown 2, which audit.jsonl tells of, was taken out"),
        (LOG, [], "takedowns.jsonl: gone, but audit.jsonl tells of 2"),
        (audit.FILE, [], "nothing tells of takedown 1; restore both"),
        (audit.FILE, [-1], "nothing tells that takedown 2 was carried out: the service is at it now, or was killed"),
        (audit.FILE, [-1, -2], "nothing tells of takedown 2, the last one: the service is at it now, or was killed"),
    ],
)
def test_a_takedown_that_one_log_lacks_is_found(logged: Path, log: str, rows: list[int], told: str) -> None:
    assert check_logs(logged).sentence() == "4 rows; none was changed; 2 takedowns, each in both logs"
    without(logged / log, *rows)
    with pytest.raises(ArtifactError, match=told):
        check_logs(logged)


@pytest.mark.parametrize(("before", "after"), [("mahkeme", "makheme"), ('"id":"decision', '"id":"decisiom')])
def test_a_changed_takedown_is_found(logged: Path, before: str, after: str) -> None:
    text = (logged / LOG).read_text(encoding="utf-8")
    assert before in text
    (logged / LOG).write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ArtifactError, match="takedown 1 is not the one"):
        check_logs(logged)


def test_events_of_before_have_no_hash_and_their_logs_are_whole(index: Path, logged: Path) -> None:
    events = audit.read(logged)
    (logged / audit.FILE).unlink()
    for event in events[:3]:
        kept = {key: value for key, value in event.items() if key not in ("time", "before", "row", "event", "by")}
        audit.append(logged, event["event"], by=event["by"], **kept)
    audit.append(logged, "obeyed", by="x", documents=1, passages=1)  # as it was: without numbers
    assert check_logs(logged).takedowns == 2


def test_a_kill_between_both_logs_is_made_good_and_told(
    index: Path, logged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with Searcher(index) as searcher, monkeypatch.context() as patch:
        found = searcher.document(next(indexed_documents(index)).id)
        assert found
        patch.setattr(audit, "append", killed)
        with pytest.raises(KeyboardInterrupt):
            takedowns.take_down(index, logged, found, "", "x")
    with pytest.raises(ArtifactError, match="takedown 3, the last one: the service is at it now, or was killed"):
        check_logs(logged)
    assert obey(index, logged, by="start", copies=False).documents == 1
    assert check_logs(logged).sentence().endswith("3 takedowns, each in both logs; told late, after a kill: 3")


def test_folders_without_takedowns_are_whole(index: Path, tmp_path: Path) -> None:
    assert "nothing was taken down" in check_logs(tmp_path / "none").sentence()
    backup(index, index.parent / "service", tmp_path / "one.tar.zst")
    restore(tmp_path / "one.tar.zst", tmp_path / "again" / "index", tmp_path / "again" / "service", by="x")
    assert check_logs(tmp_path / "again" / "service").rows == 1


def test_a_takedown_while_a_backup_is_made_leaves_its_logs_whole(
    index: Path, logged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, rows = Path.read_bytes, {name: (logged / name).read_bytes() for name in (LOG, audit.FILE)}
    without(logged / LOG, -1)
    without(logged / audit.FILE, -1, -2)

    def meanwhile(path: Path) -> bytes:
        found = read(path)
        if path.name in rows:  # the first of both: the second takedown comes behind it
            for name, row in rows.items():
                (logged / name).write_bytes(row)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", meanwhile)
        backup(index, logged, tmp_path / "one.tar.zst")
    state = tmp_path / "again" / "service"
    restore(tmp_path / "one.tar.zst", tmp_path / "again" / "index", state, by="x")
    assert check_logs(state).takedowns == 2


def test_a_restored_backup_does_not_bring_back_what_was_taken_down(
    index: Path, tmp_path: Path, serve: Serve, secrets: dict[str, str]
) -> None:
    state, archive = index.parent / "service", tmp_path / "one.tar.zst"
    assert backup(index, state, archive) > 3
    client = serve(index, tokens=Path(secrets["file"]))
    assert take_down(client, index, secrets["takedown"]).status_code == 200
    again = tmp_path / "again" / "index"
    again.parent.mkdir()
    assert restore(archive, again, state, by="operator").documents == 1
    assert [one.metadata.get("decision_number") for one in indexed_documents(again)].count("2024/5460") == 0
    assert {one.metadata.get("decision_number") for one in indexed_documents(again)} >= {"2023/200"}
    with pytest.raises(InputError, match="exists"):
        restore(archive, again, state, by="operator")


def test_a_damaged_backup_is_refused_and_leaves_nothing(index: Path, tmp_path: Path) -> None:
    archive, state = tmp_path / "one.tar.zst", tmp_path / "service"
    backup(index, state, archive)
    whole = archive.read_bytes()
    for number, damaged in enumerate((whole[: len(whole) // 2], b"not a backup", whole[:-200] + b"\0" * 200)):
        archive.write_bytes(damaged)
        with pytest.raises(ArtifactError, match="cut off"):
            restore(archive, tmp_path / f"new{number}", state, by="operator")
        assert not (tmp_path / f"new{number}").exists()
    assert not list(tmp_path.glob("*.restoring"))


def test_searches_go_on_while_generations_change(index: Path, serve: Serve) -> None:
    client = serve(index, limits=Limits(requests_per_minute=100_000))
    statuses: list[int] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            statuses.append(client.post("/v1/search", json={"query": "kira", "mode": "bm25"}).status_code)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        from mecelle.retrieval.deleting import delete

        for number in ("2024/5460", "2023/200"):
            delete(index, [identity(index, number)])
    finally:
        stop.set()
        thread.join()
    assert set(statuses) == {200}
    assert client.get("/health").json()["generation"] == read_manifest(index).generation == 3


def test_an_index_that_vanished_is_told_without_its_path(index: Path, serve: Serve) -> None:
    client = serve(index)
    index.rename(index.with_name("moved"))
    answer = client.post("/v1/search", json={"query": "kira"})
    assert answer.status_code == 503
    assert str(index.parent) not in answer.text
    assert client.get("/health").status_code == 503


def test_too_many_searches_are_refused_and_slow_ones_ended(index: Path, serve: Serve) -> None:
    client = serve(index, limits=Limits(threads=1, waiting=0, search_seconds=0.2))
    service, release = client.app.state.service, threading.Event()  # type: ignore[attr-defined]

    async def blocked() -> None:
        await service.workers.run(5.0, release.wait)

    assert client.portal is not None
    held = client.portal.start_task_soon(blocked)
    while not service.workers.unfinished:
        pass
    answer = client.post("/v1/search", json={"query": "kira"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    release.set()
    held.result()
    service.workers.close()
    service.workers = Workers(threads=1, waiting=0)
    ended = threading.Event()
    service._gather = lambda *_: ended.wait(5)
    assert client.post("/v1/answer", json={"query": "kira"}).status_code == 504
    ended.set()


def test_a_bucket_fills_with_time() -> None:
    rates = RateLimiter(60)
    assert [rates.wait("a", now=0.0) for _ in range(120)] == [0.0] * 120
    assert rates.wait("a", now=0.0) == pytest.approx(1.0)
    assert rates.wait("b", now=0.0) == 0.0
    assert rates.wait("a", now=1.0) == 0.0
    assert network_of("2001:db8::1") == network_of("2001:db8::2") != network_of("2001:db8:1::1")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") != network_of("::ffff:192.0.2.2")


def test_a_takedown_waits_for_a_build_and_is_hidden_meanwhile(
    index: Path, serve: Serve, secrets: dict[str, str], wait_for: WaitFor
) -> None:
    client, log = serve(index, tokens=Path(secrets["file"])), index.parent / "service" / LOG
    document = identity(index, "2024/5460")
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(take_down(client, index, secrets["takedown"])))
    with lock(lock_path(index), doing="index of 3 files"):
        thread.start()
        wait_for(lambda: read_takedowns(log))
        assert "2024/5460" not in searched(client, secrets["search"])
        headers = {"Authorization": f"Bearer {secrets['search']}"}
        assert client.get(f"/v1/documents/{document}", headers=headers).status_code == 404
        named = client.post("/v1/search", json={"query": "2024/5460", "mode": "bm25"}, headers=headers)
        assert not [hit for hit in named.json()["hits"] if hit["decision_number"] == "2024/5460"]
        assert not answers
    thread.join()
    assert answers[0].json() == {"number": 1, "document_ids": [document], "passages": 1}
    assert document not in {one.id for one in indexed_documents(index)}


def test_a_takedown_that_waits_in_vain_is_told_and_stays_hidden(
    index: Path, serve: Serve, secrets: dict[str, str], monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor
) -> None:
    client, document = serve(index, tokens=Path(secrets["file"])), identity(index, "2024/5460")
    monkeypatch.setattr(takedowns, "WAIT_SECONDS", 0.3)
    with lock(lock_path(index), doing="index of 3 files"):
        told = take_down(client, index, secrets["takedown"])
    assert told.status_code == 503
    assert told.json()["error"]["type"] == "not_yet_deleted"
    assert "2024/5460" not in searched(client, secrets["search"])

    def deleted() -> bool:
        with suppress(LockedError):  # a slow service may still be waiting for the index, and be first
            obey(index, index.parent / "service", by="start", copies=False)
        return document not in {one.id for one in indexed_documents(index)}

    wait_for(deleted)


def test_faults_of_the_machine_are_told_to_the_operator_alone(
    index: Path, serve: Serve, secrets: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    client, file = serve(index, tokens=Path(secrets["file"])), Path(secrets["file"])
    headers = {"Authorization": f"Bearer {secrets['search']}"}
    file.unlink()
    told = client.post("/v1/search", json={"query": "kira"}, headers=headers)
    assert told.status_code == 503
    assert file.name not in told.text
    assert str(file) in caplog.text


def test_without_its_vectors_a_search_is_by_words_and_says_so(
    index: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def lost(*_: Any) -> None:
        raise InputError("http://qdrant:6333: no Qdrant server answers there")

    client = serve(index)
    usual = client.post("/v1/search", json={"query": "kira"}).json()
    assert (usual["mode"], usual["notice"]) == ("hybrid", None)
    monkeypatch.setattr(Meaning, "of_question", lost)
    told = client.post("/v1/search", json={"query": "kira"})
    assert (told.status_code, told.json()["mode"], told.json()["notice"]) == (200, "bm25", "words_only")
    assert told.json()["hits"]
    page = client.get("/", params={"q": "kira", "lang": "en"})
    assert page.status_code == 200
    assert "Search by meaning is out of order" in page.text
    assert client.post("/v1/answer", json={"query": "kira"}).status_code == 200
    asked = client.post("/v1/search", json={"query": "kira", "mode": "hybrid"})
    assert asked.status_code == 503
    assert "qdrant" not in asked.text + told.text + page.text
    assert "qdrant:6333" in caplog.text


def test_a_model_in_a_folder_is_named_without_its_place(tmp_path: Path, terms: Any) -> None:
    asked = EmbeddingRequest(input="kira")
    for name, shown in ((str(tmp_path / "my-model"), "my-model"), ("owner/model", "owner/model")):
        terms.name = name
        assert embed(terms, asked, ["kira"]).model == shown


def test_models_are_loaded_on_the_device_of_the_settings(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[tuple[str, str]] = []

    def load(name: str, *, device: str = "cpu", **_: Any) -> Any:
        loaded.append((name, device))
        raise ConfigError("enough for a test")

    def load_reranker(name: str, *, device: str = "cpu") -> None:
        loaded.append((name, device))

    monkeypatch.setattr("mecelle.serving.collection.load_encoder", load)
    monkeypatch.setattr("mecelle.serving.collection.load_reranker", load_reranker)
    with pytest.raises(ConfigError, match="enough"):
        Service(ServiceSettings(index=index, reranker="second", device="cuda:1"))
    assert loaded == [("second", "cuda:1"), ("terms", "cuda:1")]


def test_an_index_on_a_server_has_no_backup(index: Path, tmp_path: Path) -> None:
    manifest = read_manifest(index)
    values = manifest.config | {"vectors": manifest.config["vectors"] | {"server": "http://qdrant:6333"}}
    write_manifest(index, manifest.model_copy(update={"config": values, "identity": "abc"}))
    with pytest.raises(InputError, match=r"collection 'mecelle-abc-\w+' of http://qdrant:6333"):
        backup(index, index.parent / "service", tmp_path / "one.tar.zst")
    assert not list(tmp_path.glob("one*"))


def test_health_opens_a_generation_beside_the_event_loop(
    index: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, threads = serve(index), []
    before = Collection._newest

    def newest(collection: Collection) -> Any:
        threads.append(threading.current_thread())
        return before(collection)

    monkeypatch.setattr(Collection, "_newest", newest)

    async def loop() -> threading.Thread:
        return threading.current_thread()

    assert client.get("/health").status_code == 200
    assert client.portal is not None
    assert threads != [client.portal.call(loop)]
