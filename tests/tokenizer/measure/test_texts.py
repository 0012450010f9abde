"""Reading texts, and the reservoir."""

import gzip
from collections import Counter

import orjson
import pytest

from mecelle.base.collection import write_documents
from mecelle.base.document import make_document
from mecelle.base.errors import InputError
from mecelle.tokenizer.measure.texts import draw_sample, lines_of


def test_every_kind_of_file(tmp_path):
    (tmp_path / "a.txt").write_text("bir\n\niki\n", encoding="utf-8")
    with gzip.open(tmp_path / "b.jsonl.gz", "wb") as file:
        file.write(orjson.dumps({"text": "üç\n \ndört"}) + b"\n")
    write_documents([make_document("beş", kind="other", source="1")], tmp_path / "c" / "documents")
    found = draw_sample([tmp_path / "a.txt", tmp_path / "b.jsonl.gz", tmp_path / "c"], most=10, seed=7)
    assert [text.lines for text in found.texts] == [("bir",), ("iki",), ("üç", "dört"), ("beş",)]
    assert (found.seen, found.empty) == (5, 1)


def test_a_sample_is_even_seeded_and_in_order(tmp_path):
    path = tmp_path / "numbers.txt"
    path.write_text("\n".join(f"{number:02}" for number in range(40)), encoding="utf-8")
    drawn = [draw_sample([path], most=10, seed=seed) for seed in range(200)]
    lines = [[text.lines[0] for text in one.texts] for one in drawn]
    assert all(one == sorted(one) and len(set(one)) == 10 for one in lines)
    assert lines[3] == [text.lines[0] for text in draw_sample([path], most=10, seed=3).texts]
    counts = Counter(number for one in lines for number in one)  # 50 of 200 expected, standard deviation 6.1
    assert len(counts) == 40
    assert min(counts.values()) > 25
    assert max(counts.values()) < 75


def test_positions_in_all_lines():
    assert lines_of("bir\n\niki ").joined == "bir\niki "


def test_what_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="no texts to measure on"):
        draw_sample([], most=1, seed=7)
    with pytest.raises(InputError, match="no such file"):
        draw_sample([tmp_path / "absent.txt"], most=1, seed=7)
    with pytest.raises(InputError, match="no such file"):
        draw_sample([tmp_path], most=1, seed=7)
    (tmp_path / "empty.txt").write_text("\n \n")
    with pytest.raises(InputError, match="2 documents and no line"):
        draw_sample([tmp_path / "empty.txt"], most=1, seed=7)
    (tmp_path / "rows.jsonl").write_text('{"text": "a"}\n{"body": "b"}\n')
    with pytest.raises(InputError, match="row 2 has no text"):
        draw_sample([tmp_path / "rows.jsonl"], most=1, seed=7)
    (tmp_path / "latin.txt").write_bytes("ağaç\n".encode("iso-8859-9"))
    with pytest.raises(InputError, match=r"latin\.txt:1: not UTF-8"):
        draw_sample([tmp_path / "latin.txt"], most=1, seed=7)
