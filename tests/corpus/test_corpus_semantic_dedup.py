"""Duplicates in meaning: the rule of SemHash, the guard of numbers, the cache."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mecelle.base.collection import JsonlWriter, read_jsonl
from mecelle.base.document import content_hash
from mecelle.corpus.build import CorpusConfig, build
from mecelle.corpus.dedup import semantic
from mecelle.corpus.dedup.clusters import clusters_of
from mecelle.corpus.dedup.duplicates import Duplicates
from mecelle.corpus.dedup.minhash import MinHash, Signer
from mecelle.corpus.dedup.search import Dedup
from mecelle.corpus.dedup.semantic import SemHash, closest_selected, semantic_duplicates
from mecelle.corpus.dedup.signatures import Signatures, SignatureWriter


class Angles:
    """An encoder with known answers: a text "... at 30 degrees" is the unit vector at that angle."""

    name = fingerprint = "angles"
    dimension = 2

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str], *, role: str = "document") -> NDArray[np.float32]:
        self.seen += texts
        angles = np.radians([len(text.split()) for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> Angles:
    made = Angles()
    monkeypatch.setattr(semantic, "load_encoder", lambda *_, **__: made)
    return made


def text(degrees: int, last: str = "son") -> str:
    """A text of as many words as its angle has degrees."""
    return " ".join(["kelime"] * (degrees - 1) + [last])


def leaving(
    folder: Path,
    texts: Sequence[str],
    *,
    officials: Sequence[int] | None = None,
    settled: Sequence[int] = (),
    least: float = 0.95,
    guard: bool = True,
    vectors: Path | None = None,
) -> dict[int, int]:
    """Row that leaves -> row that represents it; the texts stand in two shards."""
    signer, half = Signer(MinHash(), seed=7), len(texts) // 2
    for shard, rows in enumerate((range(half), range(half, len(texts)))):
        with (
            JsonlWriter(folder / f"{shard}.jsonl.zst") as documents,
            SignatureWriter(folder / f"{shard}") as writer,
        ):
            for row in rows:
                content = content_hash(texts[row])
                documents.write({"id": str(row), "text": texts[row], "metadata": {"content_hash": content}})
                official = officials[row] if officials else 0
                writer.add({"id": str(row)}, content_hash=content, official=official, signature=signer.sign(texts[row]))
    signatures = Signatures([folder / "0", folder / "1"])
    found = Duplicates(len(texts), work=folder, settled=[row in settled for row in range(len(texts))])
    config = SemHash(least_similarity=least, decisive_tokens=guard)
    shards = [folder / "0.jsonl.zst", folder / "1.jsonl.zst"]
    semantic_duplicates(shards, signatures, config, found, work=folder, vectors=vectors)
    return {row: int(stays) for row, stays in enumerate(found.representative) if row != stays}


def test_a_document_leaves_for_the_closest_selected_one(tmp_path: Path, encoder: Angles) -> None:
    # Cosine .95 is 18 degrees.
    assert leaving(tmp_path, [text(10), text(40), text(24), text(80), text(30)]) == {2: 0, 4: 1}


def test_nothing_is_passed_on_along_a_chain(tmp_path: Path, encoder: Angles) -> None:
    assert leaving(tmp_path, [text(10), text(25), text(40), text(55)]) == {1: 0, 3: 2}


def test_settled_documents_stay(tmp_path: Path, encoder: Angles) -> None:
    assert leaving(tmp_path / "one", [text(10), text(12), text(14)], settled=[1]) == {0: 1, 2: 1}
    assert leaving(tmp_path / "two", [text(10), text(12), text(14)], settled=[1, 2]) == {0: 1}


def test_numbers_and_outcomes_keep_apart_and_are_not_embedded(tmp_path: Path, encoder: Angles) -> None:
    texts = [text(20, "5"), text(20, "6"), text(20, "reddine"), text(20, "kabulüne")]
    assert leaving(tmp_path / "guarded", texts) == {}
    assert encoder.seen == []
    assert leaving(tmp_path / "open", texts, guard=False) == {1: 0, 2: 0, 3: 0}


def test_official_numbers_keep_apart(tmp_path: Path, encoder: Angles) -> None:
    texts = [text(10), text(11), text(12), text(13)]
    # The first takes the number of the second, and so the third stays; the fourth has none and joins the closest.
    assert leaving(tmp_path, texts, officials=[0, 7, 8, 0]) == {1: 0, 3: 2}


def test_vectors_are_kept_across_runs(tmp_path: Path, encoder: Angles) -> None:
    texts = [text(10), text(12), text(70)]
    first = leaving(tmp_path / "one", texts, vectors=tmp_path / "kept")
    assert leaving(tmp_path / "two", [*texts, text(71)], vectors=tmp_path / "kept") == first | {3: 2}
    assert sorted(map(len, map(str.split, encoder.seen))) == [10, 12, 70, 71]


def test_the_stage_drops_them_and_writes_their_clusters(tmp_path: Path, encoder: Angles, make: Any) -> None:
    first = make.prose(1, words=60)
    other_order = " ".join(reversed(first.split("."))).strip() + "."
    texts = {"first": first, "longer": make.prose(2, words=90), "other-order": other_order}
    source = make.collection(tmp_path / "in", [make.document(text, name) for name, text in texts.items()])
    config = CorpusConfig(dedup=Dedup(semantic=SemHash()))
    build(source, tmp_path / "corpus", config, seed=7, kept=tmp_path / "kept")
    (dropped,) = read_jsonl(tmp_path / "corpus" / "dropped.jsonl.zst")
    assert (dropped["source_id"], dropped["reason"]) == ("other-order", "semantic_duplicate")
    (cluster,) = clusters_of(tmp_path / "corpus", dropped["id"])
    assert [member["source_id"] for member in cluster["members"]] == ["first", "other-order"]
    assert (tmp_path / "kept" / "vectors.sqlite").exists()


def test_the_threshold_counts(tmp_path: Path, encoder: Angles) -> None:
    assert leaving(tmp_path / "strict", [text(10), text(30)]) == {}
    assert leaving(tmp_path / "loose", [text(10), text(30)], least=0.75) == {1: 0}


@pytest.mark.parametrize("block", [3, 1_000])
def test_the_rule_is_that_of_semhash(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    # A plain reading of its rule: the closest of those that were selected before, if it is close enough.
    monkeypatch.setattr(semantic, "_BLOCK", block)
    monkeypatch.setattr(semantic, "_SELECTED_AT_ONCE", block)
    drawn = np.random.default_rng(5).normal(size=(60, 3))
    table = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float16)
    selected: list[int] = []
    expected = []
    for row in range(60):
        cosines = {one: float(table[one].astype(np.float32) @ table[row].astype(np.float32)) for one in selected}
        best = max(cosines, key=lambda one: cosines[one], default=row)
        expected.append(best if selected and cosines[best] >= 0.9 else row)
        if expected[-1] == row:
            selected.append(row)
    none = np.zeros(60, dtype=np.uint64)
    chosen, _ = closest_selected(table, np.arange(60), none, none.astype(bool), 0.9)
    assert chosen.tolist() == expected
    assert 10 < len(selected) < 50
