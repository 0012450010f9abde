"""Documents leave an index at once: tables, counts, vectors, bytes; a kill leaves the index of before."""

from pathlib import Path
from typing import Any

import pytest

from mecelle.base.artifacts import lock_path
from mecelle.base.errors import ArtifactError, LockedError
from mecelle.base.locks import lock
from mecelle.retrieval import deleting
from mecelle.retrieval.catalogue import Catalogue
from mecelle.retrieval.config import IndexConfig
from mecelle.retrieval.deleting import delete, indexed_documents
from mecelle.retrieval.index import build
from mecelle.retrieval.manifest import read_manifest
from mecelle.retrieval.search import Searcher

TEXT = "Trafik kazasında yaralanan davacı maddi tazminat istemiştir."


@pytest.fixture
def sources(tmp_path: Path, write_decision: Any) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    write_decision(folder, "2024/3494", "2024/5460", "4. Hukuk Dairesi", TEXT)
    write_decision(folder, "2023/100", "2023/200", "3. Hukuk Dairesi", "Kiracı tahliye edilmiştir. " * 300)
    return folder


def identity(index: Path, number: str) -> str:
    return next(one.id for one in indexed_documents(index) if one.metadata["decision_number"] == number)


def holders(index: Path, wanted: bytes) -> list[Path]:
    """The files of an index with these bytes."""
    return [path for path in index.rglob("*") if path.is_file() and wanted in path.read_bytes()]


def test_a_deleted_document_is_found_by_nothing(tmp_path: Path, sources: Path, counting_encoder: Any) -> None:
    index, encoder, config = tmp_path / "index", counting_encoder(), IndexConfig(mode="hybrid")
    build(sources, index, config, model=encoder, workers=1)
    vector = encoder.encode([TEXT])[0].tobytes()
    assert holders(index, vector)
    assert delete(index, {identity(index, "2024/5460")}) == (1, 1)
    with Searcher(index, encoder=encoder) as searcher:
        for question in ("Yargıtay 4. HD, E. 2024/3494", TEXT):
            for mode in ("bm25", "dense", "hybrid"):
                assert all(hit.case_number != "2024/3494" for hit in searcher.search(question, mode=mode))
    assert not holders(index, b"Trafik kaza")
    assert not holders(index, vector)
    report = build(sources, index, config, model=encoder, workers=1)
    assert (report.accounts.kept, report.files_read) == (1, 0)


def test_documents_are_put_together_from_overlapping_passages(tmp_path: Path, sources: Path) -> None:
    build(sources, tmp_path / "index", IndexConfig(), workers=1)
    texts = {one.metadata["decision_number"]: one.text for one in indexed_documents(tmp_path / "index")}
    assert texts["2023/200"].split() == ("Kiracı tahliye edilmiştir. " * 300).split()
    assert texts["2024/5460"] == TEXT


def test_a_kill_in_the_middle_leaves_the_index_of_before(
    tmp_path: Path, sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = tmp_path / "index"
    build(sources, index, IndexConfig(), workers=1)
    gone, before = identity(index, "2024/5460"), read_manifest(index)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(deleting, "put_in_place", die)
        with pytest.raises(KeyboardInterrupt):
            delete(index, {gone})
    assert read_manifest(index) == before
    assert delete(index, {gone}) == (1, 1)
    assert read_manifest(index).passages == before.passages - 1


def test_what_is_not_there_changes_nothing(tmp_path: Path, sources: Path) -> None:
    index = tmp_path / "index"
    build(sources, index, IndexConfig(), workers=1)
    before = read_manifest(index)
    assert delete(index, {"decision-0"}) == (0, 0)
    assert read_manifest(index) == before


def test_no_index_or_a_locked_one_is_an_error(tmp_path: Path, sources: Path) -> None:
    with pytest.raises(ArtifactError, match="no index is there"):
        delete(tmp_path / "none", {"decision-0"})
    index = tmp_path / "index"
    build(sources, index, IndexConfig(), workers=1)
    with lock(lock_path(index), doing="index of 2 files"), pytest.raises(LockedError, match="wait for it"):
        delete(index, {"decision-0"})


def test_documents_are_told_though_a_build_ends_while_they_are_opened(
    tmp_path: Path, sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = tmp_path / "index"
    build(sources, index, IndexConfig(), workers=1)
    gone, read = identity(index, "2024/5460"), Catalogue.read

    def overtaken(path: Path) -> Catalogue:
        monkeypatch.setattr(Catalogue, "read", read)
        delete(index, {gone})
        return read(path)

    monkeypatch.setattr(Catalogue, "read", overtaken)
    assert [one.metadata["decision_number"] for one in indexed_documents(index)] == ["2023/200"]
