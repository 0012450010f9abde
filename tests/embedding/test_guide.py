"""The guide is asked once about every text, and its vectors are found again by role and content."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import mecelle.embedding.guide.build as build
from mecelle.base import artifacts
from mecelle.base.document import content_hash
from mecelle.base.errors import ArtifactError, InputError, MismatchError
from mecelle.base.protocols import Role
from mecelle.embedding.guide.build import GuideConfig, cache_guide
from mecelle.embedding.guide.vectors import GuideVectors
from mecelle.embedding.pairs.record import Pair, read_pairs, write_pairs


class FakeGuide:
    """Vectors that depend on role and text alone; counts what it was asked."""

    name, fingerprint, dimension = "fake", "f" * 32, 8

    def __init__(self, fail_after: int | None = None) -> None:
        self.asked: list[str] = []
        self.fail_after = fail_after

    def encode(self, texts: Sequence[str], *, role: Role = "document") -> NDArray[np.float32]:
        if self.fail_after is not None and len(self.asked) + len(texts) > self.fail_after:
            raise KeyboardInterrupt
        self.asked += texts
        return np.stack([self.vector(text, role) for text in texts])

    @staticmethod
    def vector(text: str, role: Role) -> NDArray[np.float32]:
        vector = np.random.default_rng(int(content_hash(role + text)[:8], 16)).normal(size=8)
        return (vector / np.linalg.norm(vector)).astype(np.float32)


@pytest.fixture
def guide(monkeypatch: pytest.MonkeyPatch) -> FakeGuide:
    fake = FakeGuide()
    monkeypatch.setattr(build, "load_encoder", lambda name, **_: fake)
    monkeypatch.setattr(build, "SEGMENT_TEXTS", 20)
    return fake


def test_vectors_are_found_again(pairs: Path, tmp_path: Path, guide: FakeGuide) -> None:
    cache_guide(pairs, tmp_path / "guide", GuideConfig(), cache=tmp_path / "cache")
    vectors, given = GuideVectors(tmp_path / "guide"), list(read_pairs(pairs))
    texts = [pair.document for pair in given][::-1]
    found = vectors.take(vectors.rows(texts, "document"))
    assert np.allclose(found, [guide.vector(text, "document") for text in texts], atol=2e-3)
    assert np.allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-6)
    assert (vectors.name, vectors.fingerprint) == ("fake", "f" * 32)
    assert artifacts.read_record(tmp_path / "guide").accounts.seen == len(guide.asked) == 2 * len(given)  # type: ignore[union-attr]


def test_roles_have_vectors_of_their_own(tmp_path: Path, guide: FakeGuide) -> None:
    (tmp_path / "pairs.jsonl").write_text('{"query": "kira", "document": "kira"}\n', encoding="utf-8")
    cache_guide(tmp_path / "pairs.jsonl", tmp_path / "guide", GuideConfig(), cache=tmp_path / "cache")
    vectors = GuideVectors(tmp_path / "guide")
    assert vectors.rows(["kira"], "query") != vectors.rows(["kira"], "document")


def test_a_rerun_embeds_only_new_texts(
    tmp_path: Path, guide: FakeGuide, make_pairs: Callable[[int], list[Pair]]
) -> None:
    for count, out in ((30, "first"), (30, "again"), (40, "more")):
        with artifacts.create(
            tmp_path / f"pairs-{out}", stage="pairs", version=1, parameters={}, inputs={}, seed=1
        ) as run:
            write_pairs(make_pairs(count), run.folder)
        cache_guide(tmp_path / f"pairs-{out}", tmp_path / out, GuideConfig(), cache=tmp_path / "cache")
    figures = [artifacts.read_record(tmp_path / out).figures for out in ("first", "again", "more")]  # type: ignore[union-attr]
    assert [(f["embedded"], f["cached"]) for f in figures] == [(60, 0), (0, 60), (20, 60)]
    assert len(guide.asked) == len(set(guide.asked)) == 80
    assert artifacts.hash_input(tmp_path / "first") == artifacts.hash_input(tmp_path / "again")


def test_a_stopped_run_goes_on(pairs: Path, tmp_path: Path, guide: FakeGuide) -> None:
    guide.fail_after = 100
    with pytest.raises(KeyboardInterrupt):
        cache_guide(pairs, tmp_path / "guide", GuideConfig(), cache=tmp_path / "cache")
    assert not (tmp_path / "guide").exists()
    before, guide.fail_after = len(guide.asked), None
    (tmp_path / "cache" / guide.fingerprint / "00099.partial").write_bytes(b"torn")
    cache_guide(pairs, tmp_path / "guide", GuideConfig(), cache=tmp_path / "cache")
    assert before > 0
    assert len(guide.asked) == len(set(guide.asked)) == 192
    assert not list((tmp_path / "cache").rglob("*.partial"))


def test_a_text_that_the_guide_never_saw(pairs: Path, tmp_path: Path, guide: FakeGuide) -> None:
    cache_guide(pairs, tmp_path / "guide", GuideConfig())
    with pytest.raises(MismatchError, match=r"1 of 1 query texts .* make the guide again"):
        GuideVectors(tmp_path / "guide").rows(["bilinmeyen"], "query")


def test_bad_input(tmp_path: Path, guide: FakeGuide) -> None:
    (tmp_path / "empty.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="no pairs"):
        cache_guide(tmp_path / "empty.jsonl", tmp_path / "guide", GuideConfig())
    (tmp_path / "wrong.jsonl").write_text('{"query": "kira"}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"wrong.jsonl:1: not a pair"):
        cache_guide(tmp_path / "wrong.jsonl", tmp_path / "guide", GuideConfig())
    with pytest.raises(InputError, match="no such file"):
        cache_guide(tmp_path / "absent.jsonl", tmp_path / "guide", GuideConfig())
    (tmp_path / "half").mkdir()
    with pytest.raises(ArtifactError, match="half-written"):
        cache_guide(tmp_path / "half", tmp_path / "guide", GuideConfig())
    assert not (tmp_path / "guide").exists()
