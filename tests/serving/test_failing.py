"""Where one part fails, is slow or is taken down, the others go on."""

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from mecelle.base.errors import ArtifactError
from mecelle.retrieval.deleting import indexed_documents
from mecelle.retrieval.search import Searcher
from mecelle.serving import takedowns
from mecelle.serving.collection import Collection
from mecelle.serving.service import Service
from mecelle.serving.settings import Limits

Serve = Callable[..., TestClient]
WaitFor = Callable[[Callable[[], Any]], None]


class Slow:
    """An encoder that takes its time, or fails after it."""

    def __init__(self, encoder: Any, *, seconds: float = 0.0, error: Exception | None = None) -> None:
        self._encoder, self._seconds, self._error = encoder, seconds, error
        self.calls: list[list[str]] = []
        self.go_on = threading.Event()

    def encode(self, texts: Sequence[str], *, role: Any = "document") -> Any:
        self.calls.append(list(texts))
        self.go_on.wait(self._seconds)
        if self._error:
            raise self._error
        return self._encoder.encode(texts, role=role)


def service_of(client: TestClient) -> Service:
    service: Service = client.app.state.service  # type: ignore[attr-defined]
    return service


def slowed(client: TestClient, **how: Any) -> Slow:
    """Give the service an encoder that is slow or fails."""
    questions = service_of(client).collection.encoder
    assert questions
    questions._encoder = slow = Slow(questions._encoder, **how)
    return slow


def search(client: TestClient, query: str = "kira", **more: Any) -> Any:
    return client.post("/v1/search", json={"query": query, **more})


def test_whatever_the_model_raises_a_search_is_by_words(
    index: Path, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    client = serve(index)
    slow = slowed(client, error=RuntimeError("the question was: kira"))
    told = search(client)
    assert (told.status_code, told.json()["mode"], told.json()["notice"]) == (200, "bm25", "words_only")
    assert told.json()["hits"]
    assert len(slow.calls) == 1, "what just failed is not tried again"
    page = client.get("/", params={"q": "kira", "lang": "en"})
    assert page.status_code == 200
    assert "Search by meaning is out of order" in page.text
    assert client.post("/v1/answer", json={"query": "kira"}).status_code == 200
    assert search(client, mode="dense").status_code == 503
    assert "RuntimeError" in caplog.text
    assert "the question was" not in caplog.text


def test_whatever_a_search_by_meaning_raises_words_are_searched(
    index: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, before = serve(index), Searcher.search

    def broken(searcher: Searcher, question: str, *, mode: Any = None, **more: Any) -> Any:
        if mode != "bm25":
            raise RuntimeError("shapes do not match")
        return before(searcher, question, mode=mode, **more)

    monkeypatch.setattr(Searcher, "search", broken)
    assert search(client).json()["notice"] == "words_only"


def test_a_document_is_read_whatever_similar_ones_raise(
    index: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("no such point")

    client = serve(index)
    identity = search(client).json()["hits"][0]["document_id"]
    monkeypatch.setattr(Searcher, "similar", broken)
    assert client.get(f"/documents/{identity}").status_code == 200


def test_a_question_and_its_search_share_one_deadline(
    index: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, before = serve(index, limits=Limits(search_seconds=0.6)), Searcher.search
    slowed(client, seconds=0.4)

    def late(*args: Any, **more: Any) -> Any:
        time.sleep(0.4)
        return before(*args, **more)

    monkeypatch.setattr(Searcher, "search", late)
    told = search(client)
    assert told.status_code == 504
    assert "0.6 seconds" in told.text


def test_questions_that_wait_are_bounded_and_counted(index: Path, serve: Serve, wait_for: WaitFor) -> None:
    client = serve(index, limits=Limits(threads=1, waiting=1))
    slow, collection = slowed(client, seconds=10), service_of(client).collection
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda query=query: statuses.append(search(client, query).status_code))
        for query in ("kira", "tazminat")
    ]
    for thread in threads:
        thread.start()
    wait_for(lambda: collection.waiting == 2)
    assert "mecelle_searches_unfinished 2.0" in client.get("/metrics").text
    refused = search(client, "nafaka")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert search(client, "nafaka", mode="bm25").status_code == 200
    slow.go_on.set()
    for thread in threads:
        thread.join()
    assert statuses == [200, 200]


def test_takedowns_take_no_thread_of_a_search(
    index: Path, serve: Serve, secrets: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = serve(index, tokens=Path(secrets["file"]), limits=Limits(threads=1, waiting=0))
    noting, go_on = threading.Event(), threading.Event()

    def slow(*args: Any, before: Any = takedowns.note) -> Any:
        noting.set()
        go_on.wait(10)
        return before(*args)

    monkeypatch.setattr(takedowns, "note", slow)
    body = {"document_id": next(iter(indexed_documents(index))).id}
    headers = {"Authorization": f"Bearer {secrets['takedown']}"}
    thread = threading.Thread(target=lambda: client.post("/v1/takedowns", json=body, headers=headers))
    thread.start()
    assert noting.wait(10)
    headers = {"Authorization": f"Bearer {secrets['search']}"}
    found = client.post("/v1/search", json={"query": "kira", "mode": "bm25"}, headers=headers)
    go_on.set()
    thread.join()
    assert found.status_code == 200


def test_the_home_page_does_not_name_what_was_taken_down(index: Path, serve: Serve, wait_for: WaitFor) -> None:
    client = serve(index)
    wait_for(lambda: "2024/3494" in client.get("/").text)
    collection, state = service_of(client).collection, service_of(client).settings.state_folder
    with collection.searcher() as searcher:
        found = searcher.document(search(client, "2024/3494").json()["hits"][0]["document_id"])
    assert found
    takedowns.note(index, state, found, "", "operator")  # another process, which waits for a build now
    assert "2024/3494" not in client.get("/").text
    wait_for(lambda: "2023/100" in client.get("/").text)
    assert "2024/3494" not in client.get("/").text
    assert "4. Hukuk Dairesi" not in client.get("/").text, "no other decision is of this chamber"


def test_no_citation_and_no_answer_leads_to_what_was_taken_down(index: Path, serve: Serve) -> None:
    client = serve(index)
    decision, act = (search(client, one).json()["hits"][0]["document_id"] for one in ("2023/100", "TBK 315"))
    collection, state = service_of(client).collection, service_of(client).settings.state_folder
    assert [one["is_held"] for one in client.get(f"/v1/documents/{decision}").json()["citations"]] == [True]
    with collection.searcher() as searcher:
        found = searcher.document(act)
    assert found
    takedowns.note(index, state, found, "", "operator")
    assert [one["is_held"] for one in client.get(f"/v1/documents/{decision}").json()["citations"]] == [False]
    answer = client.post("/v1/answer", json={"query": "TBK 315 kira"}).json()
    assert (answer["outcome"], len(answer["missing"])) == ("not_in_collection", 1)


def test_a_closed_collection_lets_go_of_its_files_and_opens_none(index: Path, tmp_path: Path, terms: Any) -> None:
    collection = Collection(index, log=tmp_path / "log", most_questions=9, encoder=terms)
    with collection.searcher() as searcher:
        collection.close()
        assert searcher.search("kira", mode="bm25"), "who is at it may end"
    with pytest.raises(sqlite3.ProgrammingError):
        searcher.catalogue.rows("SELECT 1")
    with pytest.raises(ArtifactError, match="closed"), collection.searcher():
        pass
