"""Leaked items are found; the rest is not accused."""

import numpy as np
import orjson
import pytest

from mecelle.base.collection import write_documents
from mecelle.base.document import make_document
from mecelle.corpus.decontamination.config import Decontamination
from mecelle.evaluation.leakage import TrainingText, TrainingTexts, find_leaks
from mecelle.evaluation.tasks.cloze import ClozeItem

LEAKED = ClozeItem(
    "leaked",
    "Kiracının kira bedelini ödemekte temerrüde düşmesi hâlinde kiraya veren en az otuz gün [MASK] verir.",
    ("süre", "ceza"),
    "süre",
    "",
)
CLEAN = ClozeItem(
    "clean",
    "Anonim şirketin pay sahipleri genel kurulun aldığı kararlara karşı üç ay içinde mahkemede [MASK] davası açabilir.",
    ("iptal", "alacak"),
    "iptal",
    "",
)
LONG = " ".join(f"kelime{number} ile olay{number}" for number in range(120))
FILLING = "Davacı vekili dilekçesinde özetle alacağın tahsilini talep etmiştir."


def documents():
    texts = [f"{FILLING} {LEAKED.filled} {FILLING}", f"{LONG} {FILLING}", FILLING * 3]
    return [make_document(text, kind="web", source=f"s{number}") for number, text in enumerate(texts)]


@pytest.fixture
def training(tmp_path):
    write_documents(documents(), tmp_path / "training" / "documents")
    return tmp_path / "training"


def test_a_planted_item_is_caught():
    found = find_leaks({one.id: one.filled for one in (LEAKED, CLEAN)}, documents(), Decontamination())
    assert found.touched == {"leaked": "shared_ngram"}
    assert (found.judged, found.documents) == (2, 3)


def test_another_gold_is_no_leak_of_this_item():
    other = LEAKED.sentence.replace("Kiracının kira", "İşçinin").replace("[MASK]", "ceza")
    shortened = " ".join(other.split()[-9:])
    assert not find_leaks({"other": shortened}, documents(), Decontamination()).touched


def test_a_near_copy_of_a_long_item_is_caught():
    changed = LONG.replace("kelime7 ", "sözcük7 ")
    found = find_leaks({"long": changed, "strange": changed.replace("kelime", "terim")}, documents(), Decontamination())
    assert found.touched == {"long": "near_copy"}


def test_a_training_artifact_is_searched(training):
    found = TrainingText(training).find({one.id: one.filled for one in (LEAKED, CLEAN)})
    assert found.touched == {"leaked": "shared_ngram"}


def test_only_what_the_model_saw_counts(training, tmp_path):
    """A lineage of one step of one row, which held a piece of the last document alone."""
    ids = [document.id for document in documents()]
    for seen, touched in ((2, {}), (0, {"leaked": "shared_ngram"})):
        place = tmp_path / f"model{seen}" / "lineage"
        place.mkdir(parents=True)
        (place / "documents.jsonl").write_bytes(b"".join(orjson.dumps({"id": one}) + b"\n" for one in ids))
        np.save(place / "pieces.npy", np.array([[seen, 0, 5]]))
        np.save(place / "offsets.npy", np.array([0, 1]))
        (place / "run.json").write_bytes(orjson.dumps({"seed": 1, "steps": 1, "rows_per_step": 1}))
        text = TrainingText(training, tmp_path / f"model{seen}")
        assert text.seen == {ids[seen]}
        assert text.find({"leaked": LEAKED.filled}).touched == touched


def test_a_model_without_lineage_may_have_seen_all(training, tmp_path):
    (tmp_path / "model").mkdir()
    assert TrainingText(training, tmp_path / "model").seen is None


def test_records_know_the_training_text(training, tmp_path):
    facts = TrainingText(training).facts
    write_documents(documents()[:1], tmp_path / "other" / "documents")
    assert facts != TrainingText(tmp_path / "other").facts
    assert facts != TrainingText(training, config=Decontamination(gram_words=8)).facts
    assert orjson.dumps(facts)


def test_many_models_are_held_against_one_search(training, tmp_path, monkeypatch):
    ids = [document.id for document in documents()]
    place = tmp_path / "model" / "lineage"
    place.mkdir(parents=True)
    (place / "documents.jsonl").write_bytes(b"".join(orjson.dumps({"id": one}) + b"\n" for one in ids))
    np.save(place / "pieces.npy", np.array([[2, 0, 5]]))
    np.save(place / "offsets.npy", np.array([0, 1]))
    (place / "run.json").write_bytes(orjson.dumps({"seed": 1, "steps": 1, "rows_per_step": 1}))
    asked = []
    texts = TrainingTexts(training, lambda: asked.append(1) or {one.id: one.filled for one in (LEAKED, CLEAN)})
    assert texts.touched(None) == {"leaked"}
    assert texts.touched(tmp_path / "model") == frozenset()  # its training reached the last document alone
    assert asked == [1]
    assert texts.facts(None) == TrainingText(training).facts
    assert texts.facts(tmp_path / "model") == TrainingText(training, tmp_path / "model").facts != texts.facts(None)
