"""Vectors from a server that speaks the protocol, on loopback."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from mecelle.models.embedding_endpoint import EndpointEncoder
from mecelle.models.endpoint import Endpoint, EndpointError, RefusedError


class Server(ThreadingHTTPServer):
    """Embeds a text as (its length, 1, 0); `faults` are answered first."""

    requests: list[dict[str, Any]]
    faults: list[tuple[int, dict[str, Any]]]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append({"path": self.path, **request})
        rows = [{"index": i, "embedding": [len(text), 1, 0]} for i, text in enumerate(request["input"])]
        code, body = self.server.faults.pop(0) if self.server.faults else (200, {"data": rows[::-1]})
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as serving:
        serving.requests, serving.faults = [], []
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


def encoder(server: Server, **more: Any) -> EndpointEncoder:
    endpoint = Endpoint(
        url=f"http://127.0.0.1:{server.server_port}/v1", model="bge-m3", retries=1, first_wait_seconds=0.0
    )
    return EndpointEncoder(endpoint, batch_size=2, **more)


def test_rows_come_back_in_order_and_unit(server: Server) -> None:
    guide = encoder(server, prompts={"query": "soru: "})
    vectors = guide.encode(["a", "bbb", "cc"], role="query")
    lengths = np.array([7, 9, 8])
    assert vectors.dtype == np.float32
    assert np.allclose(vectors[:, 0] / vectors[:, 1], lengths, atol=1e-4)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)
    assert sorted(request["input"] for request in server.requests) == [["soru: a", "soru: bbb"], ["soru: cc"]]
    assert {(request["path"], request["model"]) for request in server.requests} == {("/v1/embeddings", "bge-m3")}
    assert guide.dimension == 3
    assert guide.encode([]).shape == (0, 3)


def test_fingerprints_tell_prompts_and_models_apart(server: Server) -> None:
    plain, prompted = encoder(server), encoder(server, prompts={"document": "metin: "})
    assert plain.fingerprint == encoder(server).fingerprint
    assert plain.fingerprint != prompted.fingerprint
    assert plain.encode(["a"])[0, 0] != prompted.encode(["a"])[0, 0]


def test_faults_of_the_server(server: Server) -> None:
    server.faults = [(503, {})]
    assert encoder(server).encode(["a"]).shape == (1, 3)  # asked again
    short = {"data": [{"index": 0, "embedding": [1.0]}]}
    server.faults = [(200, short), (200, short)]
    with pytest.raises(EndpointError, match="1 vectors for 2 texts"):
        encoder(server).encode(["a", "b"])
    server.faults = [(400, {"error": "too long"})]
    with pytest.raises(RefusedError, match="too long"):
        encoder(server).encode(["a"])
