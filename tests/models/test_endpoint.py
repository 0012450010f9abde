import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from mecelle.base.config import parse
from mecelle.base.errors import ConfigError
from mecelle.models.endpoint import Answer, Chat, Endpoint, EndpointError, RefusedError

Reply = Callable[[BaseHTTPRequestHandler, dict[str, Any]], None]
PAYLOAD = {"messages": [{"role": "user", "content": "Merhaba"}]}


def answered(text: str = "tamam", *, reason: str = "stop") -> Reply:
    """A reply as the protocol has it."""

    def reply(handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> None:
        choice = {"message": {"role": "assistant", "content": text}, "finish_reason": reason}
        send(handler, 200, json.dumps({"choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}))

    return reply


def status(code: int, **headers: str) -> Reply:
    return lambda handler, request: send(handler, code, "busy", **headers)


def send(handler: BaseHTTPRequestHandler, code: int, body: str, **headers: str) -> None:
    data = body.encode()
    handler.send_response(code)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def dropped(handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> None:
    """Half an answer, then the connection is gone."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.close_connection = True


def slow(handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> None:
    time.sleep(0.6)
    answered("geç")(handler, request)


def malformed(handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> None:
    send(handler, 200, "<html>not JSON")


def textless(handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> None:
    send(handler, 200, json.dumps({"choices": [{"message": {"content": None}, "finish_reason": "stop"}]}))


class Served:
    """What a server was asked, and when."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[dict[str, Any]] = []
        self.times: list[float] = []
        self.keys: list[str | None] = []


@contextmanager
def serve(*replies: Reply) -> Iterator[Served]:
    """A real server on loopback that gives `replies` in order, the last one again and again."""
    served = Served()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            served.requests.append(body | {"path": self.path})
            served.times.append(time.monotonic())
            served.keys.append(self.headers.get("Authorization"))
            replies[min(len(served.requests), len(replies)) - 1](self, body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ask(url: str, *, times: int = 1, **settings: Any) -> list[Answer]:
    """Answers to as many requests at once."""
    defaults = {"model": "m", "first_wait_seconds": 0.01, "retries": 2, "timeout_seconds": 5.0}
    endpoint = Endpoint(url=url, **(defaults | settings))

    async def run() -> list[Answer]:
        async with Chat(endpoint) as chat:
            return await asyncio.gather(*(chat.post_chat(PAYLOAD) for _ in range(times)))

    return asyncio.run(run())


def test_an_answer() -> None:
    with serve(answered("Merhaba", reason="length")) as served:
        assert ask(served.url + "/") == [Answer("Merhaba", "length", 7, 3, 1)]
    assert served.requests == [{"model": "m", **PAYLOAD, "path": "/v1/chat/completions"}]
    assert served.keys == [None]


@pytest.mark.parametrize("trouble", [status(500), status(503), status(408), dropped, malformed, textless])
def test_trouble_is_tried_again(trouble: Reply) -> None:
    with serve(trouble, answered()) as served:
        assert ask(served.url)[0].attempts == 2
    with serve(trouble) as served, pytest.raises(EndpointError, match="attempt 3 of 3"):
        ask(served.url)
    assert len(served.requests) == 3


def test_a_slow_answer_is_given_up_and_asked_for_again() -> None:
    with serve(slow, answered()) as served:
        assert ask(served.url, timeout_seconds=0.2)[0] == Answer("tamam", "stop", 7, 3, 2)
    with serve(slow) as served, pytest.raises(EndpointError, match=r"no whole answer within 0\.2 s"):
        ask(served.url, timeout_seconds=0.2, retries=0)


def test_retry_after_is_honoured() -> None:
    with serve(status(429, Retry_After="1"), answered()) as served:
        ask(served.url)
    assert 1.0 <= served.times[1] - served.times[0] < 3.0
    with serve(status(429, Retry_After=formatdate(time.time() + 1, usegmt=True)), answered()) as served:
        ask(served.url, first_wait_seconds=30.0)
    assert served.times[1] - served.times[0] < 3.0
    with serve(status(429, Retry_After="3600")) as served, pytest.raises(EndpointError, match="wait 3600 s"):
        ask(served.url)
    assert len(served.requests) == 1


@pytest.mark.parametrize("code", [400, 401, 404, 413, 302])
def test_a_refusal_is_not_tried_again(code: int) -> None:
    with serve(status(code)) as served, pytest.raises(RefusedError, match=f"status {code}"):
        ask(served.url)
    assert len(served.requests) == 1


def test_nobody_listens() -> None:
    with serve(answered()) as served:
        url = served.url
    with pytest.raises(EndpointError, match="ConnectError"):
        ask(url, retries=1)


def test_requests_in_flight_are_bounded() -> None:
    at_once, most, lock = 0, 0, threading.Lock()

    def counting(handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.05)
        with lock:
            at_once -= 1
        answered()(handler, request)

    with serve(counting) as served:
        assert len(ask(served.url, times=12, requests_in_flight=3)) == 12
    assert most == 3


def test_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(answered()) as served:
        with pytest.raises(ConfigError, match="no MECELLE_TEST_KEY"):
            ask(served.url, api_key_variable="MECELLE_TEST_KEY")
        monkeypatch.setenv("MECELLE_TEST_KEY", "secret")
        ask(served.url, api_key_variable="MECELLE_TEST_KEY")
    assert served.keys == ["Bearer secret"]


@pytest.mark.parametrize("url", ["localhost:8000/v1", "ftp://x/v1", "http://", ""])
def test_a_url_that_is_none(url: str) -> None:
    with pytest.raises(ConfigError, match="url"):
        parse(Endpoint, {"url": url, "model": "m"}, where="test")
