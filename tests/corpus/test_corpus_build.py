import errno
from pathlib import Path
from typing import Any

import pytest

from mecelle.base import artifacts
from mecelle.base.artifacts import read_marker, read_record
from mecelle.base.collection import read_documents, read_jsonl
from mecelle.base.config import parse
from mecelle.base.document import Document, content_hash
from mecelle.base.errors import AccountsError, ArtifactError, ConfigError, InputError, ResourceError
from mecelle.corpus import steps
from mecelle.corpus.build import CorpusConfig, build
from mecelle.corpus.executors.local import Local
from mecelle.corpus.filters import Filter
from mecelle.corpus.filters.high_risk_domains import HighRiskDomains
from mecelle.corpus.filters.language import Language
from mecelle.corpus.filters.refinement import Refinement
from mecelle.corpus.filters.short_text import ShortText
from mecelle.corpus.snapshot import write_snapshot


def source_ids(corpus: Path) -> list[str]:
    return [one.metadata["source_id"] for one in read_documents(corpus)]


def rows(path: Path) -> list[dict[str, Any]]:
    return list(read_jsonl(path))


def test_every_fate(tmp_path: Path, documents: list[Document], make: Any) -> None:
    build(make.collection(tmp_path / "in", documents), tmp_path / "corpus", CorpusConfig(), seed=7)

    gone = {row["source_id"]: row["reason"] for row in rows(tmp_path / "corpus" / "dropped.jsonl.zst")}
    assert gone == {
        "exact": "exact_duplicate",
        "near": "near_duplicate",
        "tiny": "short_text",
        "en": "foreign_language",
    }
    record = read_record(tmp_path / "corpus")
    assert record is not None
    assert record.accounts is not None
    assert record.accounts.seen == len(documents)
    assert record.accounts.kept == len(documents) - 4 == len(source_ids(tmp_path / "corpus"))
    assert record.figures["duplicates"]["near_duplicates"] == 1
    assert record.figures["identifiers"] == {"phone": 1, "tckn": 1}
    table = {row["kind"]: row for row in record.figures["kinds"]}
    assert (table["web"]["documents_before"], table["web"]["documents_after"]) == (1, 0)


def test_clusters_name_all_members(tmp_path: Path, documents: list[Document], make: Any) -> None:
    build(make.collection(tmp_path / "in", documents), tmp_path / "corpus", CorpusConfig(), seed=7)

    clusters = {row["method"]: row for row in rows(tmp_path / "corpus" / "clusters.jsonl")}
    first = next(one.id for one in documents if one.metadata["source_id"] == "d1")
    assert clusters["exact"]["representative"] == clusters["minhash"]["representative"] == first
    assert [one["source_id"] for one in clusters["exact"]["members"]] == ["d1", "exact"]
    assert [one["source_id"] for one in clusters["minhash"]["members"]] == ["d1", "near"]
    assert 0.9 <= clusters["minhash"]["members"][1]["similarity"] < 1.0


def test_identifiers_are_masked_and_only_placed(tmp_path: Path, documents: list[Document], make: Any) -> None:
    build(make.collection(tmp_path / "in", documents), tmp_path / "corpus", CorpusConfig(), seed=7)

    person = next(one for one in read_documents(tmp_path / "corpus") if one.metadata["source_id"] == "person")
    original = next(one for one in documents if one.metadata["source_id"] == "person")
    assert person.text.endswith("TCKN [TCKN], tel: [TELEFON].")
    assert person.metadata["content_hash"] == content_hash(person.text)
    assert person.id == original.id
    found = rows(tmp_path / "corpus" / "identifiers.jsonl")
    assert [original.text[row["start"] : row["end"]] for row in found] == ["10000000146", "0532 123 45 67"]
    assert {"id", "source_id", "kind", "start", "end"} == set(found[0])


def test_same_bytes_for_any_number_of_workers(tmp_path: Path, documents: list[Document], make: Any) -> None:
    source = make.collection(tmp_path / "in", documents, shards=3)
    for workers in (1, 2):
        build(
            source,
            tmp_path / f"w{workers}",
            CorpusConfig(),
            seed=7,
            executor=Local(workers=workers),
            work=tmp_path / "work",
        )

    assert read_marker(tmp_path / "w1").files == read_marker(tmp_path / "w2").files
    assert len(read_marker(tmp_path / "w1").files) == 3 + 5
    assert list((tmp_path / "work").iterdir()) == []


def test_a_document_that_raises_is_a_failed_row(
    tmp_path: Path, documents: list[Document], monkeypatch: pytest.MonkeyPatch, make: Any
) -> None:
    judge = ShortText.judge

    def fragile(self: ShortText, one: Document) -> Any:
        if one.metadata["source_id"] == "d3":
            raise RuntimeError("boom")
        return judge(self, one)

    monkeypatch.setattr(ShortText, "judge", fragile)
    build(make.collection(tmp_path / "in", documents), tmp_path / "corpus", CorpusConfig(), seed=7)

    failed = rows(tmp_path / "corpus" / "failed.jsonl")
    assert [(row["source_id"], row["step"], row["error"]) for row in failed] == [
        ("d3", "short_text.v1", "RuntimeError: boom")
    ]
    record = read_record(tmp_path / "corpus")
    assert record is not None
    assert record.accounts is not None
    assert record.accounts.failed == {"short_text.v1_error": 1}
    assert "d3" not in source_ids(tmp_path / "corpus")


def test_a_text_that_cannot_be_used_is_a_failed_row(
    tmp_path: Path, documents: list[Document], monkeypatch: pytest.MonkeyPatch, make: Any
) -> None:
    def fail(self: steps.Mask, one: Document) -> Any:
        raise InputError("an identifier does not stand at its offsets")

    monkeypatch.setattr(steps.Mask, "act", fail)
    build(make.collection(tmp_path / "in", documents), tmp_path / "corpus", CorpusConfig(), seed=7)
    assert {row["reason"] for row in rows(tmp_path / "corpus" / "failed.jsonl")} == {"mask_error"}


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    "filter",
    [
        Language(model=Path("no_model.bin")),
        HighRiskDomains(domains=Path("no_list.txt")),
        Refinement(tokenizer="/no/tokenizer", more_tokens_than=0),
    ],
    ids=lambda one: str(one.filter),
)
def test_a_parameter_that_no_document_can_mend_ends_the_build(
    tmp_path: Path, make: Any, filter: Filter, workers: int
) -> None:
    pages = [make.document(make.prose(seed), f"d{seed}", url="https://example.com/a") for seed in range(3)]
    source, config = make.collection(tmp_path / "in", pages, shards=2), CorpusConfig(filters=(filter,))
    with pytest.raises(ConfigError, match=r"no_model|no_list|no/tokenizer"):
        build(source, tmp_path / "corpus", config, seed=7, executor=Local(workers=workers))
    assert not (tmp_path / "corpus").exists()


def test_a_full_disk_ends_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Any) -> None:
    source = make.collection(tmp_path / "in", [make.document(make.decision(seed), f"d{seed}") for seed in range(3)])

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(steps.SignatureWriter, "add", full)
    with pytest.raises(ResourceError, match="the disk is full"):
        build(source, tmp_path / "corpus", CorpusConfig(), seed=7)
    assert not (tmp_path / "corpus").exists()


def test_documents_without_signature_end_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Any) -> None:
    source = make.collection(tmp_path / "in", [make.document(make.decision(seed), f"d{seed}") for seed in range(3)])
    add = steps.SignatureWriter.add

    def lose(self: steps.SignatureWriter, names: dict[str, Any], **columns: Any) -> None:
        if names["source_id"] != "d1":
            add(self, names, **columns)

    monkeypatch.setattr(steps.SignatureWriter, "add", lose)
    with pytest.raises(AccountsError, match="3 documents but 2 signatures"):
        build(source, tmp_path / "corpus", CorpusConfig(), seed=7)


def test_unwritable_text_fails_alone(tmp_path: Path, make: Any) -> None:
    # Cleaning would mend the lone surrogate; JSON files cannot hold it, so it can only come from a step of one's own.
    config = CorpusConfig(cleaning=(), filters=())
    source = make.collection(tmp_path / "in", [make.document(make.decision(seed), f"d{seed}") for seed in range(3)])

    def spoil(self: steps.Clean, one: Document) -> Any:
        one.text += "\ud800" if one.metadata["source_id"] == "d1" else ""
        return steps.keep()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps.Clean, "act", spoil)
        build(source, tmp_path / "corpus", config, seed=7)

    assert source_ids(tmp_path / "corpus") == ["d0", "d2"]
    assert [row["reason"] for row in rows(tmp_path / "corpus" / "failed.jsonl")] == ["sign_error"]


def test_a_killed_run_goes_on(
    tmp_path: Path, documents: list[Document], monkeypatch: pytest.MonkeyPatch, make: Any
) -> None:
    source = make.collection(tmp_path / "in", documents, shards=3)
    with monkeypatch.context() as patch:
        patch.setattr(steps.Mask, "act", lambda self, one: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            build(source, tmp_path / "corpus", CorpusConfig(), seed=7, work=tmp_path / "work")
    assert not (tmp_path / "corpus").exists()

    with monkeypatch.context() as patch:  # what the killed run finished is not done again
        patch.setattr(steps.Clean, "act", lambda self, one: pytest.fail("cleaned twice"))
        build(source, tmp_path / "corpus", CorpusConfig(), seed=7, work=tmp_path / "work")
    build(source, tmp_path / "fresh", CorpusConfig(), seed=7)
    assert read_marker(tmp_path / "corpus").files == read_marker(tmp_path / "fresh").files


def test_documents_of_the_snapshot_stay(tmp_path: Path, documents: list[Document], make: Any) -> None:
    newcomer = make.document(make.decision(1).replace("davacı", "davaci", 1), "newcomer")
    source = make.collection(tmp_path / "in", [newcomer, *documents])
    write_snapshot(tmp_path / "snapshot", [one.id for one in documents])
    build(source, tmp_path / "plain", CorpusConfig(), seed=7)
    build(source, tmp_path / "settled", CorpusConfig(), seed=7, snapshot=tmp_path / "snapshot")

    assert "d1" not in source_ids(tmp_path / "plain")
    assert "d1" in source_ids(tmp_path / "settled")
    assert "newcomer" not in source_ids(tmp_path / "settled")


def test_quiet(tmp_path: Path, documents: list[Document], capfd: pytest.CaptureFixture[str], make: Any) -> None:
    build(
        make.collection(tmp_path / "in", documents, shards=2),
        tmp_path / "corpus",
        CorpusConfig(),
        seed=7,
        executor=Local(workers=2),
    )
    out, err = capfd.readouterr()
    assert out == ""
    assert all(line.startswith('{"task":') for line in err.splitlines())
    assert '"done":19' in err


def test_bad_input(tmp_path: Path, make: Any) -> None:
    with pytest.raises(InputError, match="no documents"):
        build(tmp_path / "absent", tmp_path / "corpus", CorpusConfig(), seed=7)
    source = make.collection(tmp_path / "in", [make.document(make.decision(1), "d1")])
    (source / artifacts.MARKER).unlink()
    with pytest.raises(ArtifactError, match="half-written"):
        build(source, tmp_path / "corpus", CorpusConfig(), seed=7)
    assert not (tmp_path / "corpus").exists()


def test_config_round_trip_and_errors() -> None:
    config = CorpusConfig(filters=(ShortText(least_words=3),))
    assert parse(CorpusConfig, config.model_dump(mode="json"), where="params.yaml") == config
    with pytest.raises(ConfigError, match=r"short_text\.v1: least_wrds: unknown key; did you mean 'least_words'"):
        parse(CorpusConfig, {"filters": [{"filter": "short_text.v1", "least_wrds": 3}]}, where="params.yaml")
    with pytest.raises(ConfigError, match=r"'shrt_text.v1' is not registered; did you mean 'short_text.v1'"):
        parse(CorpusConfig, {"filters": [{"filter": "shrt_text.v1"}]}, where="params.yaml")
    with pytest.raises(ConfigError, match="needs the key 'filter'"):
        parse(CorpusConfig, {"filters": [{"least_words": 3}]}, where="params.yaml")


def test_a_filter_stands_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="each may stand once"):
        build(tmp_path, tmp_path / "corpus", CorpusConfig(filters=(ShortText(), ShortText())), seed=7)
