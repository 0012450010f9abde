"""Copies of what was taken down: which are known, which stay, and what the log says of a text."""

import resource
from pathlib import Path
from typing import Any

import pytest

from mecelle.base.artifacts import read_record
from mecelle.base.collection import read_documents, read_jsonl
from mecelle.base.document import Document, content_hash
from mecelle.base.errors import InputError, ResourceError
from mecelle.corpus.build import CorpusConfig, build
from mecelle.corpus.takedown import Match, Recogniser, print_of
from mecelle.corpus.takedown_log import Takedown, TakenDown, append_takedown, read_takedowns

NAMED = "Davacı Ahmet Yılmaz vekili Av. Ayşe Kaya, davalı Mehmet Demir aleyhine 12.03.2019 gününde dava açmıştır. "
BY_INITIALS = "Davacı A.Y. vekili Av. A... K..., davalı M. D. aleyhine 12.03.2019 gününde dava açmıştır. "
BY_TAGS = "Davacı [AD SOYAD] vekili Av. [KİŞİ], davalı ... aleyhine ../../.... gününde dava açmıştır. "
OTHERS = "Davacı Fatma Öztürk vekili Av. Kemal Arslan, davalı Hasan Çelik aleyhine 07.11.2020 gününde dava açmıştır. "


def takedown(*documents: Document, number: int = 1) -> Takedown:
    rows = [
        TakenDown(id=one.id, source_id=None, how="named", similarity=1.0, content_hash=content_hash(one.text))
        for one in documents
    ]
    prints = [print_of(one) for one in documents]
    return Takedown(number=number, date="2026-03-31", request="x", reason="", documents=rows, prints=prints)


def match(original: Document, other: Document) -> Match | None:
    return Recogniser([takedown(original)]).match(other)


@pytest.fixture
def original(make: Any) -> Document:
    return make.document(NAMED * 3 + make.prose(1, words=120), "a", case_number="2024/1")


def test_the_document_itself_is_known_by_its_id(original: Document) -> None:
    changed = Document(id=original.id, text="Başka bir metin.", metadata={})
    assert match(original, changed) == (1, "same_id", 1.0, "")


def test_an_exact_copy_is_known_whatever_its_numbers(original: Document, make: Any) -> None:
    assert match(original, make.document(original.text, "b", case_number="1999/9")) == (1, "exact_copy", 1.0, "")


def test_a_near_copy_leaves_also_where_a_number_differs(original: Document, make: Any) -> None:
    text = original.text + " Karar 31.12.2020 gününde verildi."
    found = match(original, make.document(text, "b"))
    assert found is not None
    assert found.how == "near_duplicate"
    assert 0.9 <= found.similarity < 1


@pytest.mark.parametrize("masked", [BY_INITIALS, BY_TAGS])
def test_a_masked_variant_leaves(original: Document, make: Any, masked: str) -> None:
    variant = make.document(original.text.replace(NAMED, masked), "b")
    found = match(original, variant)
    assert found is not None
    assert (found.how, found.leaves) == ("masked_variant", True)
    back = match(variant, original)
    assert back is not None
    assert back.how == "masked_variant"


def test_the_same_wording_with_other_names_is_for_a_person(original: Document, make: Any) -> None:
    found = match(original, make.document(original.text.replace(NAMED, OTHERS), "b"))
    assert found is not None
    assert not found.leaves
    assert found.why == "the same wording with other names and figures"


def test_a_twin_with_other_official_numbers_stays(original: Document, make: Any) -> None:
    twin = make.document(original.text + " Ek.", "b", case_number="2024/2")
    found = match(original, twin)
    assert found is not None
    assert not found.leaves
    assert found.why == "other official numbers"


def test_similar_below_the_threshold_is_for_a_person_and_less_is_nothing(original: Document, make: Any) -> None:
    near = make.document(original.text + " " + make.prose(2, words=40), "b")
    far = make.document(original.text[: len(original.text) // 2] + make.prose(3, words=120), "c")
    found = match(original, near)
    assert found is not None
    assert not found.leaves
    assert 0.7 <= found.similarity < 0.9
    assert match(original, far) is None
    assert match(original, make.document(make.prose(4), "d")) is None


def test_short_and_empty_texts_match_only_themselves(make: Any) -> None:
    short = make.document("Davanın reddine karar verildi.", "a")
    assert match(short, make.document("Davanın kabulüne karar verildi.", "b")) is None
    assert match(make.document("Davacı.", "a"), make.document("", "b")) is None


def test_the_log_keeps_no_word_of_the_text(tmp_path: Path, original: Document) -> None:
    log = tmp_path / "takedowns.jsonl"
    append_takedown(log, takedown(original))
    written = log.read_text(encoding="utf-8")
    for word in ("Ahmet", "ahmet", "Yılmaz", "yılmaz", "tazminat", "davacı"):
        assert word not in written
    assert len(written) < 8_000
    assert read_takedowns(log) == [takedown(original)]


def test_rows_are_added_and_a_foreign_line_is_refused(tmp_path: Path, original: Document, make: Any) -> None:
    log = tmp_path / "takedowns.jsonl"
    append_takedown(log, takedown(original))
    before = log.read_bytes()
    append_takedown(log, takedown(make.document(make.prose(5), "b"), number=2))
    assert log.read_bytes().startswith(before)
    assert [row.number for row in read_takedowns(log)] == [1, 2]
    log.write_text('{"number": 1}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"takedowns\.jsonl: row 1: .*restore it"):
        read_takedowns(log)


@pytest.fixture
def small_files() -> Any:
    """Lets no file grow beyond so many bytes: a write that comes to it is cut short, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_row_that_does_not_fit_on_the_disk_leaves_the_log_as_it_was(
    tmp_path: Path, original: Document, small_files: Any
) -> None:
    log = tmp_path / "takedowns.jsonl"
    append_takedown(log, takedown(original))
    before = log.read_bytes()
    small_files(len(before) + 500)
    with pytest.raises(ResourceError, match=r"takedowns\.jsonl: .*nothing was taken down; free some space"):
        append_takedown(log, takedown(original, number=2))
    assert log.read_bytes() == before


@pytest.mark.parametrize("kept", [-2, 500, 1])
def test_a_row_that_a_kill_cut_off_is_passed_over_and_cut_by_the_next(
    tmp_path: Path, original: Document, kept: int
) -> None:
    log = tmp_path / "takedowns.jsonl"
    append_takedown(log, takedown(original))
    whole = log.read_bytes()
    append_takedown(log, takedown(original, number=2))
    log.write_bytes(whole + log.read_bytes()[len(whole) :][:kept])
    assert [row.number for row in read_takedowns(log)] == [1]
    append_takedown(log, takedown(original, number=2))
    assert [row.number for row in read_takedowns(log)] == [1, 2]
    assert len(log.read_bytes().splitlines()) == 2


def test_a_last_row_without_its_end_counts_and_a_broken_one_before_others_is_refused(
    tmp_path: Path, original: Document
) -> None:
    log = tmp_path / "takedowns.jsonl"
    append_takedown(log, takedown(original))
    log.write_bytes(log.read_bytes().rstrip(b"\n"))
    append_takedown(log, takedown(original, number=2))
    assert [row.number for row in read_takedowns(log)] == [1, 2]
    log.write_bytes(b'{"number": 1,\n' + log.read_bytes().rstrip(b"\n"))
    with pytest.raises(InputError, match=r"takedowns\.jsonl:1: not JSON: .*restore the file"):
        read_takedowns(log)


def test_a_build_leaves_out_what_was_taken_down_and_copies_that_came_later(
    tmp_path: Path, original: Document, make: Any
) -> None:
    log = tmp_path / "takedowns.jsonl"
    append_takedown(log, takedown(original))
    later = make.document(original.text.replace(NAMED, BY_INITIALS), "later")
    twin = make.document(original.text.replace("zarar", "kayıp"), "twin", case_number="2024/2")
    documents = make.collection(tmp_path / "in", [original, later, twin, make.document(make.prose(6), "other")])
    build(documents, tmp_path / "corpus", CorpusConfig(), seed=7, takedowns=log)
    assert [one.metadata["source_id"] for one in read_documents(tmp_path / "corpus")] == ["twin", "other"]
    dropped = list(read_jsonl(tmp_path / "corpus" / "dropped.jsonl.zst"))
    assert [(row["source_id"], row["reason"], row["measured"]["how"]) for row in dropped] == [
        ("a", "taken_down", "same_id"),
        ("later", "taken_down", "masked_variant"),
    ]
    record = read_record(tmp_path / "corpus")
    assert record is not None
    assert record.accounts is not None
    assert record.accounts.dropped == {"taken_down": 2}
    assert "takedowns" in record.inputs


def test_kept_shards_are_judged_anew_after_a_takedown(tmp_path: Path, original: Document, make: Any) -> None:
    documents = make.collection(tmp_path / "in", [original, make.document(make.prose(6), "other")])
    log = tmp_path / "takedowns.jsonl"
    for expected in (["a", "other"], ["other"]):
        build(documents, tmp_path / "corpus", CorpusConfig(), seed=7, kept=tmp_path / "kept", takedowns=log)
        assert [one.metadata["source_id"] for one in read_documents(tmp_path / "corpus")] == expected
        append_takedown(log, takedown(original))
