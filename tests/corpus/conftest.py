"""Turkish texts of a test's own making; a small collection with known duplicates, twins, junk and identifiers."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from mecelle.base import artifacts
from mecelle.base.collection import write_documents
from mecelle.base.document import Document, make_document

_VOCABULARY = """
davacı davalı ile yapılan kira sözleşmesi gereğince taşınmazın teslim edilmediğini ve bu nedenle zarar
gördüğünü ileri sürerek tazminat istemiştir mahkemece toplanan deliller bilirkişi raporu için dosya kapsamı
birlikte değerlendirilmiş olup taraflar arasındaki ilişkinin niteliği kanunda öngörülen süre ihtar bedel ödeme
temerrüt hakkında bir karar verilmesi gerektiği anlaşılmıştır bu durumda hükmün gerekçesi usul ve yasaya uygun
görülmüştür
"""
WORDS = _VOCABULARY.split()


class Maker:
    """What tests build their input from. It comes as a fixture, since tests import nothing from each other."""

    @staticmethod
    def prose(seed: int, *, words: int = 200) -> str:
        """Running Turkish of its own for each seed: sentences of known words in drawn order."""
        rng = random.Random(seed)
        drawn = [rng.choice(WORDS) for _ in range(words)]
        return " ".join(" ".join(drawn[start : start + 12]) + "." for start in range(0, words, 12))

    @staticmethod
    def decision(seed: int, *, end: str = "Davanın reddine karar verildi.", number: str | None = None) -> str:
        """A decision text with a case number and an outcome."""
        return f"Esas No: {number or f'2019/{1000 + seed}'}\n\n{Maker.prose(seed)}\n\n{end}"

    @staticmethod
    def document(text: str, name: str, *, kind: str = "decision", **metadata: str) -> Document:
        """A document whose source id is `name`."""
        return make_document(text, kind=kind, source=f"file.jsonl#{name}", official=name, source_id=name, **metadata)

    @staticmethod
    def collection(folder: Path, documents: Sequence[Document], *, shards: int = 1) -> Path:
        """An artifact as `extract` leaves it, with its documents in `shards` files."""
        with artifacts.create(folder, stage="extract", version=1, parameters={}, inputs={}, seed=None) as run:
            size = -(-len(documents) // shards)
            for shard in range(shards):
                part = documents[shard * size : (shard + 1) * size]
                write_documents(part, run.folder / "part")
                (run.folder / "documents").mkdir(exist_ok=True)
                (run.folder / "part" / "00000.jsonl.zst").rename(run.folder / "documents" / f"{shard:05d}.jsonl.zst")
            (run.folder / "part").rmdir()
            run.accounts.keep(len(documents))
        return folder


@pytest.fixture
def make() -> type[Maker]:
    """The functions of `Maker`."""
    return Maker


@pytest.fixture
def documents() -> list[Document]:
    """Twelve decisions, an exact copy, a near copy, twins by number and by outcome, junk, and one with identifiers."""
    base = Maker.decision(1)
    return [
        *(Maker.document(Maker.decision(seed), f"d{seed}") for seed in range(1, 13)),
        Maker.document(base, "exact"),
        Maker.document(base.replace("davacı", "davaci", 1), "near"),
        Maker.document(base.replace("2019/1001", "2019/1002"), "twin-number"),
        Maker.document(base.replace("reddine", "kabulüne"), "twin-outcome"),
        Maker.document("Ana Sayfa", "tiny", kind="web"),
        Maker.document(
            "The court finds that the contract was breached and orders the defendant to pay damages. " * 5, "en"
        ),
        Maker.document(Maker.decision(20) + "\n\nTCKN 10000000146, tel: 0532 123 45 67.", "person"),
    ]
