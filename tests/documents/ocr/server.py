"""A vision endpoint on loopback, as a process of its own: `python server.py [--tesseract]` prints its port.

POST /v1/chat/completions   answers like vLLM: a text that follows from the picture, or what Tesseract reads in it
POST /plan                  {"first": [...], "then": ...}: how the next requests are treated, and all after them
GET  /requests              what was asked, in order, and the most requests that were open at a time
"""

import argparse
import base64
import hashlib
import json
import os
import socket
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WORDS = (
    "davanın", "kabulüne", "kiracı", "tahliyesine", "hükmün", "bozulmasına", "oybirliğiyle", "temyiz", "eden", "vekili",
    "ağır", "kusurlu", "şoförün", "iş", "mahkemece", "gereği", "düşünüldü", "tazminat", "ihbar", "süresi", "içinde",
)  # fmt: skip

LOCK = threading.Lock()
STATE: dict[str, Any] = {"requests": [], "open": 0, "most_open": 0, "plan": [], "then": "ok", "tesseract": False}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        with LOCK:
            self._send(200, {name: STATE[name] for name in ("requests", "most_open")})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/plan":
            with LOCK:
                STATE.update(plan=list(body["first"]), then=body["then"], most_open=0)
            self._send(200, {})
            return
        picture = base64.b64decode(body["messages"][0]["content"][0]["image_url"]["url"].partition(",")[2])
        with LOCK:
            how = STATE["plan"].pop(0) if STATE["plan"] else STATE["then"]
            STATE["requests"].append(self._summary(body, picture))
            STATE["open"] += 1
            STATE["most_open"] = max(STATE["most_open"], STATE["open"])
        try:
            self._answer(how, picture)
        finally:
            with LOCK:
                STATE["open"] -= 1

    def _summary(self, body: dict[str, Any], picture: bytes) -> dict[str, Any]:
        content = body["messages"][0]["content"]
        return {
            "path": self.path, "key": self.headers.get("Authorization"), "model": body["model"],
            "temperature": body["temperature"], "max_tokens": body["max_tokens"], "prompt": content[1]["text"],
            "url_start": content[0]["image_url"]["url"][:22],
            "size": [int.from_bytes(picture[at : at + 4]) for at in (16, 20)],
            "colours": picture[25], "picture": hashlib.sha256(picture).hexdigest()[:8], "at": time.time(),
        }  # fmt: skip

    def _answer(self, how: str, picture: bytes) -> None:
        name, _, argument = how.partition(":")
        if name == "slow":
            time.sleep(float(argument))
        elif name == "wait":  # too many requests
            self._send(429, {"error": "busy"}, {"Retry-After": argument} if argument else {})
            return
        elif name == "status":
            self._send(int(argument), {"error": f"no: {argument}"})
            return
        elif name == "malformed":
            self._send_bytes(200, b'{"choices": [{"message"')
            return
        elif name == "drop":
            self._hang_up()
            return
        elif name == "half":
            self.send_response(200)
            self.send_header("Content-Length", "5000")
            self.end_headers()
            self.wfile.write(b'{"choices"')
            self.wfile.flush()
            self._hang_up()
            return
        reason = {"length": "length", "filtered": "content_filter"}.get(name, "stop")
        text = self._text(picture)
        usage = {"prompt_tokens": 900, "completion_tokens": len(text.split())}
        self._send(200, {"choices": [{"message": {"content": text}, "finish_reason": reason}], "usage": usage})

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _text(self, picture: bytes) -> str:
        if not STATE["tesseract"]:
            return "Karar: " + " ".join(WORDS[byte % len(WORDS)] for byte in hashlib.sha256(picture).digest()[:8])
        command = ["tesseract", "stdin", "stdout", "-l", "tur"]
        environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
        return subprocess.run(command, input=picture, capture_output=True, check=True, env=environment).stdout.decode()

    def _send(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        self._send_bytes(status, json.dumps(value).encode(), headers)

    def _send_bytes(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        try:
            self.send_response(status)
            for name, value in {**(headers or {}), "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client gave up, or was killed

    def log_message(self, *_: Any) -> None:
        pass


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--tesseract", action="store_true")
    STATE["tesseract"] = parser.parse_args().tesseract
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)  # noqa: T201
    server.serve_forever()
