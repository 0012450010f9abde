"""New documents do not make the old ones be done again, and the corpus is that of a build from scratch."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from mecelle.base.artifacts import read_marker, read_record
from mecelle.base.document import Document
from mecelle.corpus.build import CorpusConfig, build
from mecelle.corpus.dedup.minhash import MinHash
from mecelle.corpus.dedup.search import Dedup
from mecelle.corpus.steps import Sign


def collection(make: Any, folder: Path, documents: list[Document], shards: list[int]) -> Path:
    """The first shards of `documents`, four documents each."""
    made: Path = make.collection(folder / "all", documents, shards=-(-len(documents) // 4))
    out = folder / "-".join(map(str, shards)) / "documents"
    out.mkdir(parents=True)
    for place, shard in enumerate(shards):
        shutil.copyfile(made / "documents" / f"{shard:05d}.jsonl.zst", out / f"{place:05d}.jsonl.zst")
    return out


@pytest.fixture
def signed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Source ids of the documents that were signed."""
    seen: list[str] = []
    act = Sign.act

    def note(step: Sign, document: Document) -> Any:
        seen.append(document.metadata["source_id"])
        return act(step, document)

    monkeypatch.setattr(Sign, "act", note)
    return seen


def kept_from_before(corpus: Path) -> int:
    record = read_record(corpus)
    assert record is not None
    return int(record.figures["shards_kept_from_before"])


def test_only_new_shards_are_done(tmp_path: Path, documents: list[Document], make: Any, signed: list[str]) -> None:
    kept, config = tmp_path / "kept", CorpusConfig()
    old = collection(make, tmp_path / "a", documents, [0, 1])
    build(old, tmp_path / "old", config, seed=7, kept=kept)
    signed.clear()

    # The copies of d1 stand in a new shard, which moreover moves one of the old ones to another place.
    grown = collection(make, tmp_path / "b", documents, [0, 3, 1])
    build(grown, tmp_path / "grown", config, seed=7, kept=kept)
    assert kept_from_before(tmp_path / "grown") == 2
    assert {"exact", "near"} <= set(signed)
    assert not {"d1", "d5"} & set(signed)

    build(grown, tmp_path / "scratch", config, seed=7)
    assert kept_from_before(tmp_path / "scratch") == 0
    assert read_marker(tmp_path / "grown").files == read_marker(tmp_path / "scratch").files


@pytest.mark.parametrize(
    ("config", "seed"),
    [(CorpusConfig(cleaning=()), 7), (CorpusConfig(dedup=Dedup(minhash=MinHash(bands=32))), 7), (CorpusConfig(), 8)],
)
def test_other_parameters_keep_nothing(
    tmp_path: Path, documents: list[Document], make: Any, config: CorpusConfig, seed: int
) -> None:
    source = collection(make, tmp_path / "a", documents, [0, 1])
    build(source, tmp_path / "first", CorpusConfig(), seed=7, kept=tmp_path / "kept")
    build(source, tmp_path / "second", config, seed=seed, kept=tmp_path / "kept")
    assert kept_from_before(tmp_path / "second") == 0
    assert len(list((tmp_path / "kept" / "shards").iterdir())) == 2  # those of the last build alone
