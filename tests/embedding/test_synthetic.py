"""Questions that a model writes: a stub server on loopback answers."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mecelle.base import artifacts
from mecelle.base.collection import write_documents
from mecelle.base.document import make_document
from mecelle.base.errors import InputError
from mecelle.embedding.pairs.record import read_pairs
from mecelle.embedding.pairs.synthetic import SynthesisConfig, synthesise
from mecelle.models.endpoint import Endpoint

RULE = (
    "davasında görevli mahkeme, dava açıldığı sırada tarafların oturduğu yer mahkemesidir ve bu kural sözleşme ile "
    "değiştirilemez; aykırı anlaşmalar geçersizdir."
)
TEXTS = [f"{subject} {RULE}" for subject in ("Kira", "Nafaka", "Miras", "İpotek", "Velayet", "Haciz")]


class Server(ThreadingHTTPServer):
    """Answers by a function of the passage."""

    answer: Callable[[str], tuple[int, str, str]]
    asked: list[str]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        passage = request["messages"][1]["content"]
        self.server.asked.append(passage)
        code, text, reason = self.server.answer(passage)
        data = json.dumps({"choices": [{"message": {"content": text}, "finish_reason": reason}]}).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as serving:
        serving.asked = []
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


def settings(server: Server, **more: object) -> SynthesisConfig:
    endpoint = Endpoint(url=f"http://127.0.0.1:{server.server_port}/v1", model="m", retries=0)
    return SynthesisConfig.model_validate({"endpoint": endpoint, "held_out_pairs": 0, "least_passage_words": 5, **more})


@pytest.fixture
def training(tmp_path: Path) -> Path:
    write_documents(
        [make_document(text, kind="decision", source=f"d#{n}") for n, text in enumerate(TEXTS)], tmp_path / "training"
    )
    return tmp_path / "training"


def answers(passage: str) -> tuple[int, str, str]:
    """Good but for four passages."""
    subject = passage.split()[0]
    return {
        "Nafaka": (500, "", "stop"),
        "Miras": (200, "Yanıt yarım", "length"),
        "İpotek": (200, "bu kural sözleşme ile değiştirilemez", "stop"),
        "Velayet": (200, "İlk satır\nikinci satır", "stop"),
        "Haciz": (200, "Haciz davası nerede açılır?", "stop"),
    }.get(subject, (200, f' "{subject} için hangi mahkemeye gidilir?" ', "stop"))


def test_answers_become_pairs_and_faults_are_counted(server: Server, training: Path, tmp_path: Path) -> None:
    server.answer = answers
    asked = tmp_path / "asked.jsonl"
    asked.write_text('{"query": "haciz davası nerede açılır"}\n', encoding="utf-8")
    out, cache = tmp_path / "pairs", tmp_path / "answers.jsonl"
    synthesise(training, out, settings(server), seed=1, cache=cache, exclude=[asked])
    [pair] = read_pairs(out)
    assert (pair.query, pair.document) == ("Kira için hangi mahkemeye gidilir?", TEXTS[0])
    record = artifacts.read_record(out)
    assert record is not None
    assert record.accounts is not None
    assert record.accounts.dropped == {"query_in_document": 1, "not_one_question": 1, "leaked": 1}
    assert record.accounts.failed == {"no_answer": 2}


def test_answers_are_asked_once(server: Server, training: Path, tmp_path: Path) -> None:
    server.answer = lambda passage: (200, f"{passage.split()[0]} için nereye gidilir?", "stop")
    hashes = []
    cache = tmp_path / "answers.jsonl"
    for name in ("a", "b"):
        synthesise(training, tmp_path / name, settings(server, passages=4), seed=1, cache=cache)
        hashes.append(artifacts.hash_input(tmp_path / name))
        with cache.open("ab") as file:
            file.write(b'{"asked": "half')  # where a killed run stops
    assert hashes[0] == hashes[1]
    assert len(server.asked) == 4


def test_of_equal_passages_one_is_asked_about(server: Server, tmp_path: Path) -> None:
    """Articles that read the same, and copies that a mix has drawn: each was paid for, and trained on."""
    server.answer = answers
    one, other = (make_document(TEXTS[0], kind="decision", source=f"d#{n}") for n in (1, 2))
    third = make_document(TEXTS[5], kind="decision", source="d#3")
    write_documents([one, other, one, third], tmp_path / "training")
    out = tmp_path / "pairs"
    synthesise(tmp_path / "training", out, settings(server), seed=1, cache=tmp_path / "answers.jsonl")
    assert sorted(server.asked) == sorted((TEXTS[0], TEXTS[5]))
    assert len(list(read_pairs(out))) == 2


def test_a_server_that_refuses_is_told(server: Server, training: Path, tmp_path: Path) -> None:
    server.answer = lambda passage: (401, "", "stop")
    with pytest.raises(InputError, match=r"no answer was of use .*first fault: .*status 401"):
        synthesise(training, tmp_path / "pairs", settings(server), seed=1, cache=tmp_path / "answers.jsonl")
    assert not (tmp_path / "pairs").exists()
