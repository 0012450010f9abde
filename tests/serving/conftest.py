"""A small index that is served, clients with and without tokens, and a language model that says what it is told."""

import hashlib
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray

from mecelle.base.document import Document
from mecelle.base.protocols import Role
from mecelle.models.endpoint import Endpoint
from mecelle.retrieval.config import IndexConfig
from mecelle.retrieval.index import build
from mecelle.retrieval.sections import SectionSpan
from mecelle.serving.app import create_app
from mecelle.serving.settings import Limits, ServiceSettings
from mecelle.serving.tokens import add_token
from mecelle.text.stemming import search_terms

DIMENSION = 64


class TermEncoder:
    """Adds one axis for each term: texts that share terms are near."""

    name = "terms"
    dimension = DIMENSION
    fingerprint = "a" * 32

    def encode(self, texts: Sequence[str], *, role: Role = "document") -> NDArray[np.float32]:
        vectors = np.full((len(texts), DIMENSION), 1e-3, dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for term in search_terms(text):
                row[int.from_bytes(hashlib.blake2b(term.encode(), digest_size=4).digest(), "big") % DIMENSION] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


ACT = """Türk Borçlar Kanunu

Kanun Numarası : 6098

Kiracının temerrüdü

MADDE 315- Kiracı, kira bedelini ödemezse kiraya veren yazılı olarak otuz gün süre verir ve bu sürede de ödenmezse \
sözleşmeyi fesheder.

Kiralananın teslimi

MADDE 316- Kiracı kiralananı özenle kullanır ve komşulara saygı gösterir.
"""

DECISIONS = [
    ("2024/3494", "2024/5460", "4. Hukuk Dairesi", "Trafik kazasında yaralanan davacı 250.000 TL manevi tazminat "
     "istemiştir. Mahkemece davanın kısmen kabulüne karar verilmiştir. Hüküm davalı vekilince temyiz edilmiştir."),
    ("2023/100", "2023/200", "3. Hukuk Dairesi", "Kiracı kira bedelini ödemediği için TBK'nın 315. maddesi uyarınca "
     "tahliye davası açılmıştır. Davacı kiraya veren, davalıya otuz günlük süre vermiştir."),
]  # fmt: skip


def write_collection(folder: Path) -> Path:
    """Two decisions and an act of two articles, a file each."""
    folder.mkdir(parents=True)
    for case, decision, chamber, text in DECISIONS:
        row = {"kind": "decision", "court": "Yargıtay", "chamber": chamber, "date": "2024-05-29", "text": text}
        row |= {"case_number": case, "decision_number": decision, "id": f"karar-{decision}"}
        path = folder / f"{decision.replace('/', '-')}.jsonl"
        path.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    row = {"kind": "KANUN", "title": "TÜRK BORÇLAR KANUNU", "number": "6098", "id": "law-6098", "text": ACT}
    (folder / "kanun.jsonl").write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def wait_for() -> Callable[[Callable[[], Any]], None]:
    """Fails unless a condition holds within ten seconds."""

    def wait(condition: Callable[[], Any]) -> None:
        for _ in range(1_000):
            if condition():
                return
            time.sleep(0.01)
        raise AssertionError("it took too long")

    return wait


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with vectors, never to be changed."""
    folder = tmp_path_factory.mktemp("served")
    build(write_collection(folder / "belgeler"), folder / "index", model=TermEncoder(), workers=1)
    return folder / "index"


@pytest.fixture
def terms() -> TermEncoder:
    """The model of the index."""
    return TermEncoder()


@pytest.fixture
def index(built: Path, tmp_path: Path) -> Path:
    """An index of a test's own."""
    shutil.copytree(built, tmp_path / "own" / "index")
    return tmp_path / "own" / "index"


@pytest.fixture
def serve() -> Iterator[Callable[..., TestClient]]:
    """Start a service over an index: `serve(index, limits=..., tokens=...)`; it is stopped at the end of the test."""
    clients: list[TestClient] = []

    def start(index: Path, **settings: Any) -> TestClient:
        settings.setdefault("limits", Limits(search_seconds=60))  # a machine that is busy otherwise is no fault
        app = create_app(ServiceSettings(index=index, **settings), encoder=TermEncoder())
        client = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
        client.__enter__()
        clients.append(client)
        return client

    yield start
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def client(built: Path, serve: Callable[..., TestClient]) -> TestClient:
    """A service on loopback that asks for no token and sets wide limits."""
    return serve(built, limits=Limits(requests_per_minute=100_000, answers_per_minute=100_000))


@pytest.fixture
def secrets(tmp_path: Path) -> dict[str, str]:
    """A file of tokens, one for each scope; `file` is where it lies."""
    path = tmp_path / "tokens.jsonl"
    scopes = ("search", "answer", "embed", "metrics", "takedown")
    return {"file": str(path), **{scope: add_token(path, f"only-{scope}", [scope]) for scope in scopes}}


class Model:
    """A language model that says `text`, or does what `behaviour` does with the request."""

    def __init__(self) -> None:
        self.text = "YANIT YOK"
        self.behaviour: Callable[[BaseHTTPRequestHandler], None] | None = None
        self.requests: list[dict[str, Any]] = []
        self.endpoint = Endpoint(url="http://localhost", model="stub")


@contextmanager
def stub_model() -> Iterator[Model]:
    """A server on loopback in OpenAI's form."""
    model = Model()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            model.requests.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            if model.behaviour:
                model.behaviour(self)
                return
            choice = {"message": {"role": "assistant", "content": model.text}, "finish_reason": "stop"}
            data = json.dumps({"choices": [choice]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    model.endpoint = Endpoint(
        url=f"http://127.0.0.1:{server.server_address[1]}/v1",
        model="stub",
        timeout_seconds=0.5,
        retries=1,
        first_wait_seconds=0.0,
    )
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def model() -> Iterator[Model]:
    with stub_model() as model:
        yield model


HOSTILE = """"><script>window.hacked=1</script><img src=x onerror="window.hacked=1">' onfocus=window.hacked=1 {{7*7}}"""

SHOWN_ACT = """Türk Borçlar Kanunu

Kanun Numarası : 6098

Haksız fiil sorumluluğu

MADDE 49- Kusurlu ve hukuka aykırı bir fiille başkasına zarar veren, bu zararı gidermekle yükümlüdür.

Manevi tazminat

MADDE 56- (Değişik: 1/2/2025-7000/3 md.) Hâkim, zarar görene manevi tazminat olarak bir miktar paranın ödenmesine \
karar verebilir.

Gecikme zammı

MADDE 90- (Mülga: 1/1/2020-7100/5 md.)
"""

SECTIONED = (
    ("header", "T.C. YARGITAY 4. Hukuk Dairesi\nEsas No : 2024/3494\nKarar No : 2024/5460\n"),
    ("claim", "Davacı vekili, trafik kazası nedeniyle manevi tazminat istemiştir.\n"),
    ("defense", "Davalı vekili davanın reddini savunmuştur.\n"),
    ("reasoning", "TBK'nın 49. maddesi uyarınca kusur gerekir. TBK'nın 56. maddesi manevi tazminatı düzenler; TBK'nın "
     "90. maddesi burada uygulanmaz. Yargıtay 3. HD 2023/102 E., 2023/202 K. sayılı karar da bu yöndedir.\n"),
    ("ruling", "Hükmün onanmasına karar verildi.\n"),
    ("dissent", "Karşı oy: manevi tazminat tutarı düşüktür.\n"),
)  # fmt: skip


class SectionsOfTest:
    """Knows the sections of the one decision that has them."""

    fingerprint = "b" * 32

    def read(self, documents: Sequence[Document]) -> list[tuple[SectionSpan, ...]]:
        return [self._spans(one.text) for one in documents]

    def _spans(self, text: str) -> tuple[SectionSpan, ...]:
        found = [(label, text.find(said.strip()), len(said.strip())) for label, said in SECTIONED]
        return tuple(SectionSpan(label, start, start + length) for label, start, length in found if start >= 0)


@pytest.fixture(scope="session")
def hostile() -> str:
    """Markup that would run if anything escaped it badly; stands in a document of `shown`."""
    return HOSTILE


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index for the pages: a decision by sections, fourteen others, one of them hostile, an act with a repeal."""
    folder = tmp_path_factory.mktemp("shown")
    common = {"kind": "decision", "court": "Yargıtay", "date": "2024-05-29"}
    rows: list[dict[str, Any]] = [
        {**common, "chamber": "4. Hukuk Dairesi", "case_number": "2024/3494", "decision_number": "2024/5460",
         "text": "".join(said for _, said in SECTIONED)},
        {**common, "chamber": "1. Hukuk Dairesi", "title": HOSTILE, "case_number": "2020/1",
         "decision_number": "2020/2", "text": f"Düşmanca metin {HOSTILE} ve TBK'nın 49. maddesi {HOSTILE} sonudur."},
        {"kind": "KANUN", "title": "TÜRK BORÇLAR KANUNU", "number": "6098", "text": SHOWN_ACT},
    ]  # fmt: skip
    for n in range(13):
        numbers = {"case_number": f"2023/{100 + n}", "decision_number": f"2023/{200 + n}"}
        text = f"Kiracı {n + 2} aylık kira bedelini ödemediği için tahliye istenmiştir. Dosya {n} incelendi."
        rows.append({**common, **numbers, "date": "2023-03-14", "chamber": "3. Hukuk Dairesi", "text": text})
    path = folder / "belgeler.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    build(path, folder / "index", IndexConfig(mode="bm25"), sections=SectionsOfTest(), workers=1)
    return folder / "index"
