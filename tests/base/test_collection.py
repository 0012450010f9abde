import gzip
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
import zstandard

from mecelle.base.collection import JsonlWriter, read_documents, read_jsonl, shards, write_documents
from mecelle.base.document import content_hash, make_document
from mecelle.base.errors import InputError


def test_documents_come_back_in_order_over_shards(tmp_path: Path) -> None:
    documents = [make_document(f"Madde {n} – İğdır", kind="article", source=f"a.txt#{n}") for n in range(5)]
    assert write_documents(documents, tmp_path / "documents", shard_characters=20) == 5
    assert len(shards(tmp_path)) > 1
    assert list(read_documents(tmp_path)) == documents


def test_same_documents_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_documents([make_document("metin", kind="other", source="x")], tmp_path / name)
    assert (tmp_path / "one" / "00000.jsonl.zst").read_bytes() == (tmp_path / "two" / "00000.jsonl.zst").read_bytes()


def test_an_empty_collection_is_a_collection(tmp_path: Path) -> None:
    assert write_documents([], tmp_path / "documents") == 0
    assert list(read_documents(tmp_path)) == []


def test_ids_are_stable_and_depend_on_what_the_design_says() -> None:
    one = make_document("metin", kind="decision", source="a#1", official="Yargıtay 4. HD 2024/3494 2024/5460")
    moved = make_document("metin", kind="decision", source="b#9", official="Yargıtay 4. HD 2024/3494 2024/5460")
    other = make_document("metin", kind="decision", source="a#1")
    assert one.id == moved.id
    assert other.id != one.id
    # Pinned: an id given once must mean the same document for ever, on every machine.
    assert one.id == "decision-e2097e388d79b92c9420952e"
    assert one.metadata["content_hash"] == other.metadata["content_hash"] == content_hash("metin")


def test_bad_lines_are_told_or_counted(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"id": 1}\nnot json\n\n{"id": 2}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"x\.jsonl:2: not JSON"):
        list(read_jsonl(path))
    faults: list[int] = []
    assert len(list(read_jsonl(path, on_error=lambda line, _: faults.append(line)))) == 2
    assert faults == [2]


def test_a_row_that_is_no_document(tmp_path: Path) -> None:
    with JsonlWriter(tmp_path / "00000.jsonl.zst") as writer:
        writer.write({"id": "x"})
    with pytest.raises(InputError, match="expected id, text, metadata"):
        list(read_documents(tmp_path))


@pytest.mark.parametrize("row", [{"text": None}, {"text": 3}, {"text": "x", "metadata": "y"}])
def test_a_document_has_a_text_and_an_object(tmp_path: Path, row: dict[str, object]) -> None:
    with JsonlWriter(tmp_path / "00000.jsonl.zst") as writer:
        writer.write({"id": "x", "text": "metin", "metadata": None})
        writer.write({"id": "x"} | row)
    documents = read_documents(tmp_path)
    assert next(documents).metadata == {}
    with pytest.raises(InputError, match=r":2: not a document; expected a text in `text`"):
        next(documents)


def test_a_folder_without_shards(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no documents/\*\.jsonl\.zst"):
        shards(tmp_path)


LINES = b"".join(orjson.dumps({"id": number, "text": f"metin {number * 7_919}"}) + b"\n" for number in range(3_000))


@pytest.mark.parametrize(("ending", "pack"), [(".gz", gzip.compress), (".zst", zstandard.compress)])
@pytest.mark.parametrize("kept", [-4, 10, 2_000])
def test_a_cut_or_damaged_file_is_never_taken_for_a_short_one(
    tmp_path: Path, ending: str, pack: Callable[[bytes], bytes], kept: int
) -> None:
    path = tmp_path / f"a.jsonl{ending}"
    packed = pack(LINES)
    path.write_bytes(packed[:kept])
    with pytest.raises(InputError, match=rf"a\.jsonl\{ending}: cut or damaged, nothing can be read behind line"):
        list(read_jsonl(path))
    path.write_bytes(packed[:2_000] + bytes(255 - byte for byte in packed[2_000:2_100]) + packed[2_100:])
    with pytest.raises(InputError):
        list(read_jsonl(path))
    path.write_bytes(LINES)  # packed by its name alone
    with pytest.raises(InputError, match="behind line 0"):
        list(read_jsonl(path))


def test_packed_files_that_were_joined_are_one(tmp_path: Path) -> None:
    for ending, pack in ((".gz", gzip.compress), (".zst", zstandard.compress)):
        (tmp_path / f"a.jsonl{ending}").write_bytes(pack(LINES) + pack(LINES[:-1]))
        assert len(list(read_jsonl(tmp_path / f"a.jsonl{ending}"))) == 6_000
