"""New documents do not make the old ones be done again, and the corpus is that of a build from scratch."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from mecelle.base.artifacts import read_marker, read_record
from mecelle.base.collection import read_documents
from mecelle.base.document import Document
from mecelle.corpus.build import CorpusConfig, build
from mecelle.corpus.dedup.minhash import MinHash
from mecelle.corpus.dedup.search import Dedup
from mecelle.corpus.filters import Filter
from mecelle.corpus.filters.high_risk_domains import HighRiskDomains
from mecelle.corpus.filters.language import Language
from mecelle.corpus.filters.refinement import Refinement
from mecelle.corpus.filters.url_keywords import UrlKeywords
from mecelle.corpus.steps import Sign, Write


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


def pages(make: Any, folder: Path) -> Path:
    documents = [make.document(make.prose(seed), f"d{seed}", url="https://www.ornek.com/a") for seed in range(5)]
    source: Path = make.collection(folder, documents)
    return source


def test_a_changed_list_keeps_nothing(tmp_path: Path, make: Any) -> None:
    source, listed = pages(make, tmp_path / "in"), tmp_path / "domains.txt"
    config = CorpusConfig(filters=(HighRiskDomains(domains=listed),))
    listed.write_text("baska.com\n", encoding="utf-8")
    build(source, tmp_path / "corpus", config, seed=7, kept=tmp_path / "kept")
    before = read_record(tmp_path / "corpus")
    assert before is not None
    assert before.accounts is not None
    assert before.accounts.kept == 5
    build(source, tmp_path / "corpus", config, seed=7, kept=tmp_path / "kept")
    assert kept_from_before(tmp_path / "corpus") == 1

    listed.write_text("ornek.com\n", encoding="utf-8")  # as many bytes: the time alone tells
    build(source, tmp_path / "corpus", config, seed=7, kept=tmp_path / "kept")
    after = read_record(tmp_path / "corpus")
    assert after is not None
    assert after.accounts is not None
    assert after.accounts.kept == 0
    assert kept_from_before(tmp_path / "corpus") == 0
    assert before.inputs["high_risk_domains.v1.0"].hash != after.inputs["high_risk_domains.v1.0"].hash


def test_a_killed_run_does_not_go_on_by_another_list(
    tmp_path: Path, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, listed = pages(make, tmp_path / "in"), tmp_path / "domains.txt"
    config = CorpusConfig(filters=(HighRiskDomains(domains=listed),))
    listed.write_text("baska.com\n", encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(Write, "act", lambda self, one: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            build(source, tmp_path / "corpus", config, seed=7, work=tmp_path / "work")
    listed.write_text("ornek.com\n", encoding="utf-8")
    build(source, tmp_path / "corpus", config, seed=7, work=tmp_path / "work")
    assert list(read_documents(tmp_path / "corpus")) == []


def test_filters_name_their_files(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    named: list[tuple[Filter, tuple[Path, ...]]] = [
        (HighRiskDomains(domains=one), (one,)),
        (UrlKeywords(), ()),
        (UrlKeywords(denied=one), (one,)),
        (UrlKeywords(denied=one, allowed=two), (one, two)),
        (Language(), ()),
        (Language(model=one), (one,)),
        (Refinement(), ()),
        (Refinement(tokenizer="owner/name"), ()),
        (Refinement(tokenizer=str(tmp_path)), (tmp_path / "tokenizer.json",)),
    ]
    assert [filter.files() for filter, _ in named] == [files for _, files in named]
