import asyncio
import json
import threading
from collections import Counter
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from mecelle.models.endpoint import Answer, Chat, Endpoint, EndpointError
from mecelle.models.reconstruction import Reconstruction, fault, reconstruct

DAMAGED = "M a h k e m e c e d a v a n ı n kabulune,\n10.000 TL'nin tahsiline karar veri1miştir."


class Model:
    """A chat that gives known answers, in place of `Chat` (whose HTTP tests/models/test_endpoint.py proves)."""

    def __init__(self, *answers: Answer | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def post_chat(self, payload: Mapping[str, Any]) -> Answer:
        self.asked.append(payload["messages"][-1]["content"])
        assert payload["temperature"] == 0
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def run(text: str, *answers: Answer | Exception, **settings: Any) -> tuple[str, Counter[str], Model]:
    config = Reconstruction(endpoint=Endpoint(url="http://localhost/v1", model="m"), **settings)
    model = Model(*answers)
    mended, fates = asyncio.run(reconstruct(text, model, config))  # type: ignore[arg-type]
    return mended, fates, model


def test_spaces_and_letters_are_restored() -> None:
    answer = "Mahkemece davanın kabulüne, tahsiline karar verilmiştir."
    text = "\n  M a h k e m e c e d a v a n ı n kabulune, tah-\nsiline karar verilrniştir.\n"
    assert run(text, Answer(answer, "stop"))[:2] == (f"\n  {answer}\n", Counter(reconstructed=1))


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        (Answer("Mahkemece davanın reddine, 10.000 TL'nin tahsiline karar veri1miştir.", "stop"), "content_changed"),
        (Answer("Mahkemece davanın kabulüne, 100.000 TL'nin tahsiline karar veri1miştir.", "stop"), "digits_changed"),
        (Answer("Mahkemece davanın kabulüne, 10.000 TL'nin tahsiline karar verilmiştir.", "stop"), "digits_changed"),
        (Answer("Mahkemece davanın kabulüne, 10.000 TL'nin", "length"), "truncated"),
        (Answer("İşte düzeltilmiş metin: Mahkemece 10.000", "stop"), "digits_changed"),
        (Answer("", "stop"), "digits_changed"),
        (EndpointError("gone"), "failed"),
    ],
)
def test_refused_answers_leave_the_text(answer: Answer | Exception, fate: str) -> None:
    assert run(DAMAGED, answer)[:2] == (DAMAGED, Counter({fate: 1}))


def test_a_refusal_costs_its_piece_alone() -> None:
    text = "k a r a r bir\n" * 8 + "k a r a r iki\n" * 8
    good = "\n".join(["karar iki"] * 8)
    mended, fates, model = run(text, Answer("başka", "stop"), Answer(good, "stop"), piece_characters=112)
    assert mended == "k a r a r bir\n" * 8 + good + "\n"
    assert fates == Counter(content_changed=1, reconstructed=1)
    assert len(model.asked) == 2


def test_blank_text_is_not_asked_about() -> None:
    assert run(" \n\n ")[:2] == (" \n\n ", Counter(unchanged=1))
    assert run("")[:2] == ("", Counter())


def test_how_far_an_answer_may_go() -> None:
    assert fault("davacı", "davalı", most_changed=0.0) == "content_changed"
    assert fault("davacı", "davalı", most_changed=0.2) is None
    assert fault("istern i ş i gunu", "istem işi günü", most_changed=0.0) is None
    assert fault("karar", "karar verildi", most_changed=0.0) == "content_changed"


class JoiningModel(BaseHTTPRequestHandler):
    """A server that joins the letters of every line, fails at first, and adds a sentence where it reads `ekle`."""

    failed = False

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = request["messages"][-1]["content"]
        if not JoiningModel.failed:
            JoiningModel.failed = True
            self.send_error(503)
            return
        answer = text.replace(" ", "") + ("\nSaygılarımla." if "e k l e" in text else "")
        choice = {"message": {"content": answer}, "finish_reason": "stop"}
        body = json.dumps({"choices": [choice]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_over_http() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), JoiningModel)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    endpoint = Endpoint(url=f"http://127.0.0.1:{server.server_port}/v1", model="m", first_wait_seconds=0.01)
    config = Reconstruction(endpoint=endpoint, piece_characters=100)
    good, bad = "K A R A R 1 2\n" * 7, "e k l e\n" * 10

    async def run_over_http() -> tuple[str, Counter[str]]:
        async with Chat(endpoint) as chat:
            return await reconstruct(good + bad, chat, config)

    try:
        assert asyncio.run(run_over_http()) == ("KARAR12\n" * 7 + bad, Counter(reconstructed=1, content_changed=1))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
