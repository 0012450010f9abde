from pathlib import Path

from mecelle.base.document import Document
from mecelle.corpus.statistics.kinds import Kinds, kind_table, read_kinds
from mecelle.corpus.statistics.truth import score_duplicates, score_identifiers


def cluster(*names: str) -> dict[str, object]:
    return {"members": [{"source_id": name} for name in names]}


def test_score_duplicates() -> None:
    truth = {"exact": [["a", "b", "c"]], "near": [["d", "e"], ["f", "g"]], "distinct_pairs": [["x", "y"]]}
    score = score_duplicates([cluster("a", "b"), cluster("c", "b"), cluster("d", "e"), cluster("y", "x")], truth)
    assert (score.all.planted, score.all.found, score.all.right) == (5, 5, 4)
    assert (score.all.precision, score.all.recall) == (0.8, 0.8)
    assert (score.exact.recall, score.near.recall) == (1.0, 0.5)
    assert score.missed == (("f", "g"),)
    spared = score_duplicates([cluster("d", "e"), cluster("d", "ocr")], truth, tolerated=[("ocr", "d"), ("e", "ocr")])
    assert spared.wrong == ()
    assert score.wrong == score.merged_distinct == (("x", "y"),)


def test_score_identifiers() -> None:
    truth = [{"source_id": "a", "kind": "tckn"}, {"source_id": "a", "kind": "tckn"}, {"source_id": "b", "kind": "iban"}]
    found = [{"source_id": "a", "kind": "tckn"}, {"source_id": "b", "kind": "card"}]
    truth.append({"source_id": "dropped", "kind": "iban"})
    scores = score_identifiers(found, truth, among={"a", "b"})
    assert scores["tckn"] == {"planted": 2, "found": 1, "right": 1, "precision": 1.0, "recall": 0.5}
    assert scores["iban"]["recall"] == scores["card"]["precision"] == 0.0
    assert scores["all"] == {"planted": 3, "found": 2, "right": 1, "precision": 0.5, "recall": 0.3333}


def test_kind_table(tmp_path: Path) -> None:
    before, after = Kinds(), Kinds()
    before.add(Document(text="iki kelime", id="1", metadata={"kind": "decision"}))
    before.add(Document(text="üç", id="2", metadata={}))
    after.add(Document(text="iki", id="1", metadata={"kind": "decision"}))
    before.write(tmp_path / "a.json")
    before.write(tmp_path / "b.json")
    table = {row["kind"]: row for row in kind_table(read_kinds([tmp_path / "a.json", tmp_path / "b.json"]), after)}
    assert table["decision"]["words_before"] == 4
    assert table["decision"]["characters_after"] == 3
    assert table["other"]["documents_before"] == 2
    assert table["other"]["documents_after"] == 0
