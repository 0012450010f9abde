import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import pytest

from mecelle.base import artifacts
from mecelle.base.collection import write_documents
from mecelle.base.document import Document, make_document
from mecelle.base.errors import ArtifactError, ConfigError, InputError, LockedError, ResourceError
from mecelle.base.locks import lock
from mecelle.base.protocols import TextEncoder
from mecelle.documents import caching
from mecelle.documents.records import Failure
from mecelle.retrieval import building
from mecelle.retrieval import index as indexes
from mecelle.retrieval.bm25 import Bm25
from mecelle.retrieval.catalogue import Catalogue
from mecelle.retrieval.config import IndexConfig, VectorConfig
from mecelle.retrieval.deleting import delete, indexed_documents
from mecelle.retrieval.index import build
from mecelle.retrieval.manifest import read_manifest
from mecelle.retrieval.search import Searcher, search
from mecelle.retrieval.stored import documents
from mecelle.retrieval.vectors_server import ServerStore

QUESTIONS = ["kiracı kirayı ödemezse", "kıdem tazminatı", "2024/3494", "TBK 316", "trafik kazası"]


def contents(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(folder.rglob("*"))}


def answers(index: Path, encoder: TextEncoder) -> list[list[dict[str, object]]]:
    with Searcher(index, encoder=encoder) as searcher:
        return [[asdict(hit) for hit in searcher.search(question)] for question in QUESTIONS]


def test_without_a_model_the_index_searches_by_words(collection, tmp_path):
    report = build(collection, tmp_path / "index", workers=1)
    assert (report.mode, report.files_read, report.embedded, report.accounts.kept) == ("bm25", 4, 0, 4)
    assert search(tmp_path / "index", "kıdem tazminatı")[0].chamber == "9. Hukuk Dairesi"


def test_an_index_of_another_version_is_not_read_but_made_anew(collection, tmp_path, encoder):
    index = tmp_path / "index"
    build(collection, index, model=encoder, workers=1)
    marker = index / "index.json"
    older = json.loads(marker.read_text()) | {"version": 1}
    del older["model"]["kept"]
    marker.write_text(json.dumps(older))
    with pytest.raises(ArtifactError, match="written by version 1"):
        Searcher(index)
    assert build(collection, index, model=encoder, workers=1).accounts.kept == 4
    assert answers(index, encoder)


def test_nothing_changed_nothing_done(collection, tmp_path, encoder):
    index = tmp_path / "index"
    build(collection, index, model=encoder, workers=1)
    before, embedded = contents(index), len(encoder.documents)
    report = build(collection, index, model=encoder, workers=1)
    assert contents(index) == before
    assert len(encoder.documents) == embedded
    assert (report.files_read, report.files_unchanged, report.embedded) == (0, 4, 0)


def test_ten_new_files_are_ten_files_read_and_only_their_passages_embedded(
    collection, tmp_path, encoder, write_decision
):
    index = tmp_path / "index"
    build(collection, index, model=encoder, workers=1)
    encoder.documents.clear()
    for number in range(10):
        text = f"Davacı {number} numaralı parselin tapu kaydının iptalini istemiştir."
        write_decision(collection, f"2022/{number + 1}", f"2022/{number + 501}", "8. Hukuk Dairesi", text)
    report = build(collection, index, model=encoder, workers=1)
    assert (report.files_read, report.files_unchanged, report.embedded) == (10, 4, 10)
    assert len(encoder.documents) == 10
    assert all("parselin" in text for text in encoder.documents)
    assert search(index, "tapu kaydı parsel", mode="bm25")[0].chamber == "8. Hukuk Dairesi"


def test_built_in_steps_or_at_once_the_index_answers_alike(collection, tmp_path, encoder):
    (tmp_path / "later").mkdir()
    kept = [shutil.move(path, tmp_path / "later") for path in sorted(collection.glob("2023*"))]
    step = tmp_path / "step"
    build(collection, step, model=encoder, workers=1)
    for path in kept:
        shutil.move(path, collection)
    build(collection, step, model=encoder, workers=1)
    build(collection, tmp_path / "once", model=encoder, workers=1)
    assert answers(step, encoder) == answers(tmp_path / "once", encoder)


def test_removed_and_changed_files(collection, tmp_path, encoder, write_decision):
    index = tmp_path / "index"
    build(collection, index, model=encoder, workers=1)
    encoder.documents.clear()
    (collection / "2023-200.jsonl").unlink()
    write_decision(collection, "2024/3494", "2024/7001", "9. Hukuk Dairesi", "Fazla mesai ücreti istenmiştir.")
    report = build(collection, index, model=encoder, workers=1)
    assert (report.files_read, report.files_removed, report.embedded) == (1, 1, 1)
    assert encoder.documents == ["Fazla mesai ücreti istenmiştir."]
    for mode in ("bm25", "dense"):
        with Searcher(index, encoder=encoder) as searcher:
            found = searcher.search("kiracı tahliye davası kıdem tazminatı", mode=mode)
        assert not [hit for hit in found if "tahliye" in hit.passage or "kıdem" in hit.passage]
    with Searcher(index, encoder=encoder) as searcher:
        assert len(searcher.meaning.store().points()) == report.passages


def test_a_moved_file_is_read_but_not_embedded_again(collection, tmp_path, encoder):
    build(collection, tmp_path / "index", model=encoder, workers=1)
    (collection / "2023-200.jsonl").rename(collection / "yeni.jsonl")
    report = build(collection, tmp_path / "index", model=encoder, workers=1)
    assert (report.files_read, report.files_removed, report.embedded) == (1, 1, 0)


def test_a_touched_file_is_not_read(collection, tmp_path):
    build(collection, tmp_path / "index", workers=1)
    os.utime(collection / "kanun.jsonl", ns=(1, 1))
    assert build(collection, tmp_path / "index", workers=1).files_read == 0


def test_the_same_document_in_two_files_counts_once_until_one_goes(collection, tmp_path):
    shutil.copy(collection / "2023-200.jsonl", collection / "kopya.jsonl")
    report = build(collection, tmp_path / "index", workers=1)
    assert report.accounts.dropped == {"same_id": 1}
    [hit] = search(tmp_path / "index", "tahliye davası")
    assert hit.source.startswith("2023-200.jsonl")  # the first by name
    (collection / "2023-200.jsonl").unlink()
    report = build(collection, tmp_path / "index", workers=1)
    assert report.accounts.dropped == {}
    assert search(tmp_path / "index", "tahliye davası")[0].source.startswith("kopya.jsonl")


def test_failed_files_are_counted_and_listed(collection, tmp_path):
    (collection / "bozuk.pdf").write_bytes(b"%PDF-1.7 broken")
    (collection / "satir.jsonl").write_text('{"text": "Yargıtay kararı metni burada."}\nno json\n', encoding="utf-8")
    report = build(collection, tmp_path / "index", workers=1)
    rows = [json.loads(line) for line in (tmp_path / "index" / "failed.jsonl").read_text().splitlines()]
    assert {row["path"] for row in rows} == {"bozuk.pdf", "satir.jsonl"}
    assert sum(report.accounts.failed.values()) == 2
    assert "2 failed" in report.sentence()
    assert "failed.jsonl" in report.sentence()
    (collection / "bozuk.pdf").unlink()
    assert sum(build(collection, tmp_path / "index", workers=1).accounts.failed.values()) == 1


@pytest.mark.parametrize("reason", ["ocr_abort", "unreachable", "crashed"])
def test_a_file_that_a_server_failed_is_read_again_by_the_next_build(collection, tmp_path, monkeypatch, reason):
    index, read = tmp_path / "index", caching.read_file

    def fails(file, config):
        if file.name != "2023-200.jsonl":
            yield from read(file, config)
        else:
            yield Failure(file.name, "", reason, "no server answers")

    with monkeypatch.context() as patch:
        patch.setattr(caching, "read_file", fails)
        if reason == "crashed":  # of a process of its own: what is kept of it is not kept as the file's
            patch.setattr(caching, "PASSING_REASONS", frozenset({"crashed"}))
        assert build(collection, index, workers=1).accounts.failed == {reason: 1}
        again = build(collection, index, workers=1)
        assert (again.files_read, again.accounts.failed) == (1, {reason: 1})
    report = build(collection, index, workers=1)
    assert (report.files_read, report.accounts.kept, report.accounts.failed) == (1, 4, {})
    assert build(collection, index, workers=1).files_read == 0


def test_a_file_that_goes_while_a_build_begins_is_a_failure_and_tried_again(collection, tmp_path, monkeypatch):
    index, path = tmp_path / "index", collection / "2023-200.jsonl"
    listed, held = indexes.find_units, path.read_bytes()

    def goes(sources):
        units = listed(sources)
        path.unlink(missing_ok=True)
        return units

    with monkeypatch.context() as patch:
        patch.setattr(indexes, "find_units", goes)
        report = build(collection, index, workers=1)
    assert (report.accounts.kept, report.accounts.failed) == (3, {"unreadable": 1})
    assert "2023-200.jsonl" in (index / "failed.jsonl").read_text()
    path.write_bytes(held)
    report = build(collection, index, workers=1)
    assert (report.files_read, report.accounts.kept, report.accounts.failed) == (1, 4, {})


def test_a_model_that_was_moved_is_found_where_it_is_now(collection, tmp_path, encoder):
    index = tmp_path / "index"
    encoder.name = str(tmp_path / "before")
    (tmp_path / "before").mkdir()
    build(collection, index, model=encoder, workers=1)
    encoder.documents.clear()
    encoder.name = str((tmp_path / "before").rename(tmp_path / "now"))
    report = build(collection, index, model=encoder, workers=1)
    manifest = read_manifest(index)
    assert manifest.model.place(index) == str(tmp_path / "now")
    assert (report.embedded, report.files_read, manifest.generation, encoder.documents) == (0, 0, 1, [])
    assert search(index, "kıdem tazminatı", mode="bm25")


def test_another_model_embeds_all_anew(collection, tmp_path, encoder, counting_encoder):
    build(collection, tmp_path / "index", model=encoder, workers=1)
    other = counting_encoder(fingerprint="b" * 32)
    report = build(collection, tmp_path / "index", model=other, workers=1)
    assert (report.files_read, report.embedded) == (0, report.passages)
    assert Searcher(tmp_path / "index", encoder=other).manifest.generation == 2


def test_other_passages_are_cut_from_the_cache_of_files(collection, tmp_path):
    index = tmp_path / "index"
    build(collection, index, workers=1)
    cached = contents(index / "cache")
    report = build(collection, index, IndexConfig(passage_words=10, overlap_words=2), workers=1)
    assert report.passages > 7
    assert contents(index / "cache") == cached


def test_an_artifact_of_mecelle_is_indexed_by_shard(tmp_path, encoder):
    corpus = tmp_path / "corpus"
    rows = [make_document(f"Kararın {n}. bendi hakkında.", kind="decision", source=f"a#{n}") for n in range(6)]
    with artifacts.create(corpus, stage="corpus", version=1, parameters={}, inputs={}, seed=None) as run:
        write_documents(rows, run.folder / "documents", shard_characters=60)
    report = build(corpus, tmp_path / "index", model=encoder)
    assert (report.accounts.kept, report.files_read) == (6, 2)
    with artifacts.create(corpus, stage="corpus", version=1, parameters={}, inputs={}, seed=None) as run:
        write_documents([*rows, make_document("Yeni.", kind="decision", source="b")], run.folder / "documents",
                        shard_characters=60)  # fmt: skip
    report = build(corpus, tmp_path / "index", model=encoder)
    assert (report.files_read, report.embedded) == (1, 1)


def test_an_artifact_without_documents_is_refused(tmp_path):
    with artifacts.create(tmp_path / "t", stage="tokenizer", version=1, parameters={}, inputs={}, seed=None):
        pass
    with pytest.raises(ArtifactError, match="made by stage 'tokenizer'"):
        build(tmp_path / "t", tmp_path / "index")


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from conftest import CountingEncoder
from mecelle.retrieval import building
from mecelle.retrieval.index import build
building.EMBEDDED_AT_ONCE = 2
class Mortal(CountingEncoder):
    def encode(self, texts, *, role="document"):
        if len(self.documents) >= 4:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().encode(texts, role=role)
build(Path(sys.argv[1]), Path(sys.argv[2]), model=Mortal(), workers=1)
"""


def kill_a_build(collection: Path, index: Path) -> None:
    arguments = [sys.executable, "-c", KILLED, collection, index, Path(__file__).parent]
    assert subprocess.run(arguments, capture_output=True, check=False).returncode == -signal.SIGKILL


def test_a_first_build_that_is_killed_is_not_searched_and_goes_on(collection, tmp_path, encoder):
    index = tmp_path / "index"
    kill_a_build(collection, index)
    with pytest.raises(ArtifactError, match="first build was not finished"):
        Searcher(index)
    report = build(collection, index, model=encoder, workers=1)
    assert report.files_read == 0  # they were read before the kill
    assert report.embedded == report.passages - 4
    build(collection, tmp_path / "whole", model=encoder, workers=1)
    assert answers(index, encoder) == answers(tmp_path / "whole", encoder)


def test_while_a_killed_build_waits_the_index_of_before_answers(collection, tmp_path, encoder, write_decision):
    index = tmp_path / "index"
    build(collection, index, model=encoder, workers=1)
    before = answers(index, encoder)
    for number in range(8):
        write_decision(
            collection, f"2021/{number + 1}", f"2021/{number + 90}", "1. Ceza Dairesi", f"Kira {number} suçu."
        )
    kill_a_build(collection, index)
    assert answers(index, encoder) == before
    report = build(collection, index, model=encoder, workers=1)
    assert (report.files_read, report.embedded) == (0, 4)
    assert report.accounts.kept == 12


def test_an_open_searcher_outlives_the_next_generation(collection, tmp_path, encoder, write_decision):
    index = tmp_path / "index"
    build(collection, index, model=encoder, workers=1)
    with Searcher(index, encoder=encoder) as searcher:
        before = [hit.document_id for hit in searcher.search("kira bedeli")]
        write_decision(collection, "2020/1", "2020/2", "3. Hukuk Dairesi", "Kira bedelinin tespiti istenmiştir.")
        build(collection, index, model=encoder, workers=1)
        assert [hit.document_id for hit in searcher.search("kira bedeli")] == before
        assert [path.name for path in index.glob("generation-*")] == ["generation-000002"]


def test_a_searcher_that_a_build_overtakes_opens_the_next_generation(
    collection, tmp_path, encoder, write_decision, monkeypatch
):
    index, load = tmp_path / "index", Bm25.load
    build(collection, index, model=encoder, workers=1)
    write_decision(collection, "2020/1", "2020/2", "3. Hukuk Dairesi", "Kira bedelinin tespiti istenmiştir.")

    def overtaken(folder):
        monkeypatch.setattr(Bm25, "load", load)
        counts = load(folder)
        build(collection, index, model=encoder, workers=1)  # between the counts and the vectors
        return counts

    monkeypatch.setattr(Bm25, "load", overtaken)
    with Searcher(index, encoder=encoder) as searcher:
        assert searcher.manifest.generation == 2
        assert "tespiti" in searcher.search("kira bedelinin tespiti", mode="dense")[0].passage


def test_opening_a_generation_changes_none_of_its_files(collection, tmp_path, encoder, write_decision):
    index = tmp_path / "index"

    def files():
        return {path: path.read_bytes() for path in index.glob("generation-*/**/*") if path.is_file()}

    for number in range(2):
        build(collection, index, model=encoder, workers=1)
        before = files()
        with Searcher(index, encoder=encoder) as searcher:
            assert searcher.search("kira", mode="dense")
        assert files() == before, f"generation {number + 1}"
        write_decision(collection, "2023/100", "2023/200", "3. Hukuk Dairesi", "Kira bedelinin tespiti istenmiştir.")


def test_two_builds_at_once_are_refused(collection, tmp_path):
    with (
        lock(artifacts.lock_path(tmp_path / "index"), doing="test"),
        pytest.raises(LockedError, match="process"),
    ):
        build(collection, tmp_path / "index")


def test_workers_do_not_change_the_answer(collection, tmp_path, encoder):
    build(collection, tmp_path / "one", model=encoder, workers=1)
    build(collection, tmp_path / "two", model=encoder, workers=2)
    assert answers(tmp_path / "one", encoder) == answers(tmp_path / "two", encoder)


def test_bad_sources_and_settings(collection, tmp_path, encoder):
    with pytest.raises(InputError, match="no such file"):
        build(tmp_path / "missing", tmp_path / "index")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no file"):
        build(tmp_path / "empty", tmp_path / "index")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "a.pdf").write_bytes(b"nothing")
    with pytest.raises(InputError, match="no document could be read"):
        build(tmp_path / "bad", tmp_path / "index", workers=1)
    with pytest.raises(ArtifactError, match="build"):
        Searcher(tmp_path / "index")
    with pytest.raises(InputError, match="is no index"):
        build(collection, collection)
    with pytest.raises(ConfigError, match="needs a model"):
        build(collection, tmp_path / "index", IndexConfig(mode="dense"))
    with pytest.raises(ValueError, match="overlap_words"):
        IndexConfig(passage_words=20, overlap_words=20)


def test_the_record_stands_beside_the_index(collection, tmp_path, encoder):
    build(collection, tmp_path / "index", model=encoder, workers=1)
    record = artifacts.read_record(tmp_path / "index")
    assert record is not None
    assert record.stage == "index"
    assert record.inputs["model"].hash == encoder.fingerprint
    assert record.figures["files_read"] == 4


def test_a_full_disk_leaves_the_index_of_before(collection, tmp_path, monkeypatch, write_decision):
    index = tmp_path / "index"
    build(collection, index, workers=1)
    write_decision(collection, "2020/1", "2020/2", "3. Hukuk Dairesi", "Kira bedelinin tespiti istenmiştir.")

    def save(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("mecelle.retrieval.bm25.Bm25.save", save)
        with pytest.raises(ResourceError, match="the disk is full"):
            build(collection, index, workers=1)
    assert not search(index, "tespiti")
    assert build(collection, index, workers=1).files_read == 0  # read before the disk was full
    assert search(index, "tespiti")


def test_what_was_taken_down_is_out_before_anybody_can_search(collection, tmp_path):
    index = tmp_path / "index"
    build(collection, index, workers=1)
    cached = len(list((index / "cache").iterdir()))
    report = build(collection, index, workers=1, taken_down=lambda one: "kıdem" in one.text)
    assert (report.files_read, report.taken_down, report.accounts.kept) == (0, 1, 3)
    assert not search(index, "kıdem")
    assert len(list((index / "cache").iterdir())) == cached - 1
    again = build(collection, index, workers=1, taken_down=lambda one: "kıdem" in one.text)
    assert (again.files_read, again.taken_down) == (0, 0)


SERVER = IndexConfig(vectors=VectorConfig(server="http://qdrant:6333"))


@pytest.fixture
def server(monkeypatch):
    """A Qdrant server at `SERVER`, in this process."""
    client = pytest.importorskip("qdrant_client").QdrantClient(":memory:")

    def connect(url: str, dimension: int, config: VectorConfig, *, may_create: bool) -> ServerStore:
        assert url == "http://qdrant:6333"
        store = ServerStore(client, dimension, config, may_create=may_create)
        monkeypatch.setattr(store, "close", lambda: None)
        return store

    monkeypatch.setattr(ServerStore, "connect", connect)
    return client


def names(client: object) -> list[str]:
    return sorted(one.name for one in client.get_collections().collections)


# The in-memory server says what it ignores and a real one has.
on_a_server = pytest.mark.filterwarnings(
    "ignore:Payload indexes have no effect:UserWarning", "ignore:Local mode performs exact:UserWarning"
)


@on_a_server
def test_an_index_with_its_vectors_on_a_server(collection, tmp_path, encoder, server):
    build(collection, tmp_path / "server", SERVER, model=encoder, workers=1)
    build(collection, tmp_path / "files", model=encoder, workers=1)
    assert answers(tmp_path / "server", encoder) == answers(tmp_path / "files", encoder)
    (collection / "kanun.jsonl").unlink()
    report = build(collection, tmp_path / "server", SERVER, model=encoder, workers=1)
    [name] = names(server)
    assert server.count(name).count == report.passages == 3


@on_a_server
def test_two_indexes_on_one_server_keep_their_own_vectors(collection, tmp_path, encoder, server, write_decision):
    build(collection, tmp_path / "one", SERVER, model=encoder, workers=1)
    before = answers(tmp_path / "one", encoder)
    (tmp_path / "few").mkdir()
    write_decision(tmp_path / "few", "2020/1", "2020/2", "3. Hukuk Dairesi", "Kira bedelinin tespiti istenmiştir.")
    build(tmp_path / "few", tmp_path / "other", SERVER, model=encoder, workers=1)
    build(tmp_path / "few", tmp_path / "other", SERVER, model=encoder, workers=1)
    assert [server.count(name).count for name in names(server)] in ([1, 7], [7, 1])
    assert answers(tmp_path / "one", encoder) == before


@on_a_server
def test_an_index_of_before_keeps_its_collection(collection, tmp_path, encoder, server, write_decision, monkeypatch):
    index = tmp_path / "index"
    with monkeypatch.context() as patch:
        patch.setattr(indexes, "identity_of", lambda *_: None)  # as it was made then
        build(collection, index, SERVER, model=encoder, workers=1)
    [name] = names(server)
    write_decision(collection, "2020/1", "2020/2", "3. Hukuk Dairesi", "Kira bedelinin tespiti istenmiştir.")
    assert build(collection, index, SERVER, model=encoder, workers=1).embedded == 1
    assert names(server) == [name]


@on_a_server
def test_a_killed_first_build_goes_on_in_its_collection(collection, tmp_path, encoder, server, monkeypatch):
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(indexes, "put_in_place", die)
        with pytest.raises(KeyboardInterrupt):
            build(collection, tmp_path / "index", SERVER, model=encoder, workers=1)
    assert build(collection, tmp_path / "index", SERVER, model=encoder, workers=1).embedded == 0
    assert len(names(server)) == 1


@on_a_server
@pytest.mark.parametrize("config", [IndexConfig(), SERVER], ids=["files", "server"])
def test_a_deletion_leaves_what_a_killed_build_has_done_but_for_the_document(
    collection, tmp_path, encoder, server, monkeypatch, write_decision, config
):
    index, encode = tmp_path / "index", encoder.encode
    build(collection, index, config, model=encoder, workers=1)
    for number in range(10):
        text = f"Davacı {number} numaralı parselin tapu kaydının iptalini istemiştir."
        write_decision(collection, f"2022/{number + 1}", f"2022/{number + 501}", "8. Hukuk Dairesi", text)
    encoder.documents.clear()

    def dies(texts, *, role="document"):
        if len(encoder.documents) >= 6:
            raise KeyboardInterrupt
        return encode(texts, role=role)

    with monkeypatch.context() as patch:
        patch.setattr(building, "EMBEDDED_AT_ONCE", 2)
        patch.setattr(encoder, "encode", dies)
        with pytest.raises(KeyboardInterrupt):
            build(collection, index, config, model=encoder, workers=1)
    # One that is searched, and one that only the killed build has read and embedded.
    gone = encoder.documents[0]
    names = {one.text: one.id for one in killed_documents(index)}
    held = next(text for text in names if text.startswith("Trafik"))
    vectors = [encode([text])[0].tobytes() for text in (gone, held)]
    assert delete(index, [names[gone], names[held]]) == (1, 1)
    for wanted in (*vectors, held.encode(), gone.encode()):
        assert not [path for path in index.rglob("*") if path.is_file() and wanted in path.read_bytes()]
    with Searcher(index, encoder=encoder) as searcher:
        assert searcher.search("tahliye davası", mode="dense")
    encoder.documents.clear()
    report = build(collection, index, config, model=encoder, workers=1)
    assert (report.files_read, report.embedded, report.accounts.kept) == (0, 4, 12)
    with Searcher(index, encoder=encoder) as searcher:
        found = searcher.search("tapu kaydının iptali", k=20, mode="dense")
    assert len([hit for hit in found if "parselin" in hit.passage]) == 9


def test_a_killed_build_that_cannot_be_read_does_not_hold_up_a_deletion(collection, tmp_path, encoder):
    index = tmp_path / "index"
    build(collection, index, model=encoder, workers=1)
    shutil.copytree(index / "generation-000001", index / "building")
    (index / "building" / "plan.json").write_text("{")
    (index / "building.partial").mkdir()
    gone = next(one.id for one in indexed_documents(index) if one.text.startswith("Trafik"))
    assert delete(index, [gone]).documents == 1
    assert sorted(path.name for path in index.iterdir() if path.is_dir()) == ["cache", "generation-000002"]


def killed_documents(index: Path) -> list[Document]:
    """What a killed build has read."""
    with closing(Catalogue.open(index / "building" / "passages.sqlite")) as tables:
        return list(documents(tables))


@on_a_server
def test_a_lost_collection_is_told_and_built_again(collection, tmp_path, encoder, server):
    index = tmp_path / "index"
    build(collection, index, SERVER, model=encoder, workers=1)
    before = answers(index, encoder)
    server.delete_collection(names(server)[0])
    with Searcher(index, encoder=encoder) as searcher:
        with pytest.raises(ArtifactError, match="has no collection"):
            searcher.search("kira bedeli")
        assert searcher.search("kira bedeli", mode="bm25")
    assert build(collection, index, SERVER, model=encoder, workers=1).embedded == 7
    assert answers(index, encoder) == before
