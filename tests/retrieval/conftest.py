"""A small collection with known answers, and an encoder whose vectors can be worked out by hand."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mecelle.base.protocols import Role
from mecelle.retrieval.index import build
from mecelle.text.stemming import search_terms

DIMENSION = 64


class CountingEncoder:
    """Adds one axis for each term: texts that share terms are near. Counts what it embeds."""

    name = "counting"
    dimension = DIMENSION

    def __init__(self, fingerprint: str = "a" * 32) -> None:
        self.fingerprint = fingerprint
        self.documents: list[str] = []

    def encode(self, texts: Sequence[str], *, role: Role = "document") -> NDArray[np.float32]:
        if role == "document":
            self.documents += texts
        vectors = np.full((len(texts), DIMENSION), 1e-3, dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for term in search_terms(text):
                row[int.from_bytes(hashlib.blake2b(term.encode(), digest_size=4).digest(), "big") % DIMENSION] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


ACT = """Kira Kanunu

Kanun Numarası : 6098

Kiracının temerrüdü

MADDE 315- Kiracı kira bedelini ödemezse kiraya veren yazılı süre verir ve sözleşmeyi fesheder.

Kiralananın teslimi

MADDE 316- Kiracı kiralananı özenle kullanır ve komşulara saygı gösterir.

GEÇİCİ MADDE 2- Bu Kanun yürürlüğe girmeden önce yapılan sözleşmelere uygulanmaz.
"""

DECISIONS = [
    ("2024/3494", "2024/5460", "4. Hukuk Dairesi", "Trafik kazasında yaralanan davacı maddi tazminat istemiştir."),
    (
        "2024/3494",
        "2024/7001",
        "9. Hukuk Dairesi",
        "İşçi kıdem tazminatı alacağını istemiş, işveren ödediğini savunmuştur.",
    ),
    ("2023/100", "2023/200", "3. Hukuk Dairesi", "Kiracı kira bedelini ödemediği için tahliye davası açılmıştır."),
]


def write_decision(folder: Path, case: str, decision: str, chamber: str, text: str) -> Path:
    row = {"kind": "decision", "court": "Yargıtay", "chamber": chamber, "date": "2024-05-29", "text": text}
    row |= {"case_number": case, "decision_number": decision, "id": f"karar-{decision}"}
    path = folder / f"{decision.replace('/', '-')}.jsonl"
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def counting_encoder() -> type[CountingEncoder]:
    """The class, to make one with another fingerprint."""
    return CountingEncoder


@pytest.fixture(name="write_decision")
def _write_decision() -> Callable[..., Path]:
    return write_decision


@pytest.fixture
def encoder() -> CountingEncoder:
    return CountingEncoder()


def write_collection(folder: Path) -> Path:
    """Three decisions and an act of three articles, a file each."""
    folder.mkdir()
    for decision in DECISIONS:
        write_decision(folder, *decision)
    row = {"kind": "KANUN", "title": "TÜRK BORÇLAR KANUNU", "number": "6098", "id": "law-6098", "text": ACT}
    (folder / "kanun.jsonl").write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """A small collection of a test's own."""
    return write_collection(tmp_path / "belgeler")


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the small collection with vectors of CountingEncoder, to be read only."""
    folder = tmp_path_factory.mktemp("searched")
    build(write_collection(folder / "belgeler"), folder / "index", model=CountingEncoder(), workers=1)
    return folder / "index"
