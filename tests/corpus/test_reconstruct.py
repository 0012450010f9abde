"""The stage against a real HTTP server; the guards of single answers are proved in tests/models."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from mecelle.base.artifacts import read_record
from mecelle.base.collection import read_documents
from mecelle.base.config import parse
from mecelle.base.document import content_hash
from mecelle.corpus.build import CorpusConfig, build
from mecelle.corpus.reconstruct import ReconstructConfig, reconstruct_documents, scattered

WHOLE = "Mahkemece davanın kabulüne, 10.000 TL tazminatın davalıdan tahsiline karar verilmiştir."
APART = " ".join(WHOLE.replace(" ", ""))


class Server:
    """Joins what stands apart; the first `broken` answers are errors that no retry mends."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.broken = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append(body["messages"][-1]["content"])
                outer.broken -= 1
                answer = WHOLE if "1 0 . 0" in outer.asked[-1] else "Başka bir metin."
                content = json.dumps(
                    {"choices": [{"message": {"content": answer}, "finish_reason": "stop"}], "usage": {}}
                ).encode()
                self.send_response(400 if outer.broken >= 0 else 200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Silent."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def config(self) -> ReconstructConfig:
        endpoint = {"url": f"http://127.0.0.1:{self.http.server_port}/v1", "model": "m", "retries": 0}
        return parse(ReconstructConfig, {"reconstruction": {"endpoint": endpoint}}, where="test")


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


def fates(out: Path) -> dict[str, int]:
    record = read_record(out)
    assert record is not None
    return dict(record.figures["fates"])


def test_scattered_texts_are_given_to_the_model_and_no_others(tmp_path: Path, server: Server, make: Any) -> None:
    other = " ".join("Bütünbaşkabirmetin") + " 12"
    named = [(APART, "apart"), (other, "other"), (make.decision(1), "clean")]
    source = make.collection(tmp_path / "in", [make.document(text, name) for text, name in named])
    reconstruct_documents(source, tmp_path / "out", server.config, work=tmp_path / "work")

    texts = {one.metadata["source_id"]: one for one in read_documents(tmp_path / "out")}
    assert texts["apart"].text == WHOLE
    assert texts["apart"].metadata["content_hash"] == content_hash(WHOLE)
    assert texts["other"].text == other, "an answer that loses a number is refused"
    assert texts["clean"].text == make.decision(1)
    assert fates(tmp_path / "out") == {"digits_changed": 1, "reconstructed": 1}
    assert len(server.asked) == 2

    reconstruct_documents(source, tmp_path / "again", server.config, work=tmp_path / "work")
    assert len(server.asked) == 2, "answers are remembered"
    assert fates(tmp_path / "again") == fates(tmp_path / "out")
    build(tmp_path / "out", tmp_path / "corpus", CorpusConfig(), seed=7)


def test_a_failed_answer_is_asked_for_again(tmp_path: Path, server: Server, make: Any) -> None:
    source = make.collection(tmp_path / "in", [make.document(APART, "apart")])
    server.broken = 1
    reconstruct_documents(source, tmp_path / "out", server.config, work=tmp_path / "work")
    assert fates(tmp_path / "out") == {"failed": 1}
    assert next(read_documents(tmp_path / "out")).text == APART

    reconstruct_documents(source, tmp_path / "out", server.config, work=tmp_path / "work")
    assert fates(tmp_path / "out") == {"reconstructed": 1}


def test_scattered_is_a_share() -> None:
    assert scattered("m a h k eme") == 0.8
    assert scattered("12 ...") == 0.0
