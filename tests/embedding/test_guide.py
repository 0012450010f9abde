"""The guide is asked once about every text, and its vectors are found again by role and content."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from numpy.typing import NDArray

import mecelle.embedding.guide.build as build
from mecelle.base import artifacts
from mecelle.base.document import content_hash
from mecelle.base.errors import ArtifactError, ConfigError, InputError, MismatchError
from mecelle.base.protocols import Role
from mecelle.embedding.guide.build import GuideConfig, cache_guide
from mecelle.embedding.guide.vectors import GuideVectors
from mecelle.embedding.losses import GuideView
from mecelle.embedding.losses.guided import false_negatives
from mecelle.embedding.objective import GuideLookup
from mecelle.embedding.pairs.record import Pair, read_pairs, write_pairs
from mecelle.models.endpoint import Endpoint
from mecelle.models.names import load_encoder


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


SCRIPT = """
import sys
from pathlib import Path
import mecelle.embedding.guide.build as build
build.SEGMENT_TEXTS = 4
build.cache_guide(Path(sys.argv[1]), Path(sys.argv[2]), build.GuideConfig(model=sys.argv[3]), cache=Path(sys.argv[4]))
"""


@pytest.mark.slow
def test_killed_and_called_again_gives_the_same_bytes(pairs: Path, encoder: Path, tmp_path: Path) -> None:
    whole, out, cache = tmp_path / "whole", tmp_path / "guide", tmp_path / "cache"
    config = GuideConfig(model=str(encoder), batch=4)
    child = subprocess.Popen([sys.executable, "-c", SCRIPT, *map(str, (pairs, out, encoder, cache))])
    try:
        deadline = time.monotonic() + 300
        while len(list(cache.glob("*/*.npz"))) < 3 and time.monotonic() < deadline:
            assert child.poll() is None, "ended before it could be killed"
            time.sleep(0.001)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert not out.exists(), "it finished before it was killed"
    cache_guide(pairs, out, config, cache=cache)
    record = artifacts.read_record(out)
    assert record is not None
    assert record.figures["cached"] >= 12
    assert record.figures["embedded"] == 192 - record.figures["cached"]
    cache_guide(pairs, whole, config, cache=tmp_path / "other")
    difference = np.load(whole / "vectors.npy").astype(float) - np.load(out / "vectors.npy").astype(float)
    assert np.abs(difference).max() < 1e-3  # batches were cut elsewhere: the last bits may differ


def view(vectors: GuideVectors, given: list[Pair]) -> GuideView:
    """What the cached guide thinks of the pairs."""
    return GuideLookup(vectors, given).view(np.arange(len(given)), device=torch.device("cpu"))


def live(encoder: Path, given: list[Pair]) -> GuideView:
    """What the guide itself thinks of them."""
    model = load_encoder(encoder)
    sides = (("query", [pair.query for pair in given]), ("document", [pair.document for pair in given]))
    return GuideView(*(torch.from_numpy(model.encode(texts, role=role)) for role, texts in sides))  # type: ignore[arg-type]


@pytest.mark.parametrize(("precision", "most"), [("float16", 5e-4), ("int8", 0.02)])
def test_masks_of_the_cache_are_those_of_the_live_guide(
    precision: str, most: float, pairs: Path, encoder: Path, tmp_path: Path
) -> None:
    """But for near-ties, of which rounding may decide a few: `most` is their share of all candidates."""
    config = GuideConfig(model=str(encoder), precision=precision)  # type: ignore[arg-type]
    cache_guide(pairs, tmp_path / "guide", config)
    given, target = list(read_pairs(pairs)), torch.arange(96)
    assert np.load(tmp_path / "guide" / "vectors.npy").dtype == precision
    wanted = false_negatives(live(encoder, given), target)
    found = false_negatives(view(GuideVectors(tmp_path / "guide"), given), target)
    assert 192 * 2 < wanted.sum() < 0.9 * wanted.numel()  # not only the texts themselves
    assert (wanted != found).float().mean() <= most


def test_int8_keeps_directions(pairs: Path, tmp_path: Path, guide: FakeGuide) -> None:
    cache_guide(pairs, tmp_path / "guide", GuideConfig(precision="int8"))
    vectors, given = GuideVectors(tmp_path / "guide"), list(read_pairs(pairs))
    found = vectors.take(vectors.rows([pair.query for pair in given], "query"))
    wanted = np.stack([guide.vector(pair.query, "query") for pair in given])
    assert np.allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-6)
    assert (found * wanted).sum(axis=1).min() > 0.9998


def test_a_large_guide_stays_on_the_disk(tmp_path: Path) -> None:
    """920,000 texts of 1,024 dimensions, 1.9 GB: a file with a hole in it, read in batches all over it."""
    texts, dimension = 920_000, 1024
    with artifacts.create(tmp_path / "guide", stage="guide", version=1, parameters={}, inputs={}, seed=None) as run:
        np.save(run.folder / "keys.npy", np.array([f"{i:032x}" for i in range(10)], dtype="S32"))
        (run.folder / "guide.json").write_text('{"name": "n", "fingerprint": "f", "dimension": 1024}')
    header = np.lib.format.open_memmap(
        tmp_path / "guide" / "vectors.npy", mode="w+", dtype=np.float16, shape=(texts, dimension)
    )
    del header
    process, rng = psutil.Process(), np.random.default_rng(1)
    vectors = GuideVectors(tmp_path / "guide")
    before = process.memory_info().rss
    for _ in range(100):
        vectors.take(rng.integers(0, texts, 512))
    assert (tmp_path / "guide" / "vectors.npy").stat().st_size > 1.8e9
    assert process.memory_info().rss - before < 100e6  # 51,200 rows are 105 MB, and a page is twice a row


def test_hard_negatives_are_embedded_as_documents(
    tmp_path: Path, guide: FakeGuide, make_pairs: Callable[[int], list[Pair]], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [replace(pair, negatives=(f"yanlış {i}", "ortak")) for i, pair in enumerate(make_pairs(4))]
    monkeypatch.setattr(build, "read_pairs", lambda _: iter(given))
    cache_guide(tmp_path, tmp_path / "guide", GuideConfig(), cache=tmp_path.parent / f"{tmp_path.name}-cache")
    rows = GuideVectors(tmp_path / "guide").rows(["yanlış 0", "yanlış 3", "ortak"], "document")
    assert len(set(rows)) == 3
    assert len(guide.asked) == 4 + 4 + 5


def test_an_endpoint_guides(pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []

    class Served(FakeGuide):
        def __init__(self, endpoint: Endpoint, *, batch_size: int, prompts: dict[Role, str]) -> None:
            super().__init__()
            asked.append((endpoint.url, batch_size))
            assert prompts == {"query": "soru: "}

    monkeypatch.setattr(build, "EndpointEncoder", Served)
    endpoint = Endpoint(url="http://localhost:1/v1", model="bge-m3")
    cache_guide(pairs, tmp_path / "guide", GuideConfig(endpoint=endpoint, query_prompt="soru: ", batch=7))
    assert asked == [("http://localhost:1/v1", 7)]
    record = artifacts.read_record(tmp_path / "guide")
    assert record is not None
    assert record.inputs["guide"].path == "http://localhost:1/v1"
    with pytest.raises(ConfigError, match="leave max_length out"):
        cache_guide(pairs, tmp_path / "other", GuideConfig(endpoint=endpoint, max_length=64))


def test_a_text_that_the_guide_never_saw(pairs: Path, tmp_path: Path, guide: FakeGuide) -> None:
    cache_guide(pairs, tmp_path / "guide", GuideConfig())
    with pytest.raises(MismatchError, match=r"1 of 1 query texts .* make the guide again"):
        GuideVectors(tmp_path / "guide").rows(["bilinmeyen"], "query")


def test_bad_input(tmp_path: Path, guide: FakeGuide) -> None:
    (tmp_path / "empty.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="no row in it"):
        cache_guide(tmp_path / "empty.jsonl", tmp_path / "guide", GuideConfig())
    (tmp_path / "wrong.jsonl").write_text('{"query": "kira"}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"wrong.jsonl: no column for the document"):
        cache_guide(tmp_path / "wrong.jsonl", tmp_path / "guide", GuideConfig())
    with pytest.raises(InputError, match="no such file"):
        cache_guide(tmp_path / "absent.jsonl", tmp_path / "guide", GuideConfig())
    (tmp_path / "half").mkdir()
    with pytest.raises(ArtifactError, match="half-written"):
        cache_guide(tmp_path / "half", tmp_path / "guide", GuideConfig())
    assert not (tmp_path / "guide").exists()
