"""Records of models on tasks: made once, made again when something changed."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import mteb
import numpy as np
import orjson
import pytest

from mecelle.base.collection import write_documents
from mecelle.base.document import make_document
from mecelle.base.errors import ArtifactError, ConfigError, InputError
from mecelle.evaluation import run as module
from mecelle.evaluation.contestants import Contestant, contestants
from mecelle.evaluation.record import TaskRecord, read
from mecelle.evaluation.robustness import columns
from mecelle.evaluation.run import ROBUSTNESS, Setting, evaluate
from mecelle.evaluation.tasks.definition import Caps, LabelledData, LocalTask, RetrievalData, Source
from mecelle.evaluation.tasks.hub import MTEB_TURKISH
from mecelle.evaluation.thresholds import verdicts
from mecelle.models.random_vectors import RandomEncoder

SUBJECTS = ["kira", "miras", "nafaka", "ipotek", "haciz", "kefalet", "velayet", "vergi", "sigorta", "tapu"]


class Folding(RandomEncoder):
    """Knows a text by its first word as it is written: capitals are another word to it."""

    name, fingerprint = "folding", "folding"

    def __init__(self) -> None:
        super().__init__(dimension=64, seed=7)
        self.texts = 0

    def encode(self, texts: Any, *, role: Any = "document") -> Any:
        self.texts += len(texts)
        return super().encode([text.split()[0] for text in texts])


def search(name: str = "search.v1") -> LocalTask:
    def read_data(source: Source, caps: Caps, seed: int) -> RetrievalData:
        return RetrievalData(
            {f"q-{s}": f"{s} nedir" for s in SUBJECTS},
            {s: f"{s} bu kanuna göre düzenlenir" for s in SUBJECTS},
            {f"q-{s}": frozenset({s}) for s in SUBJECTS},
            {f"q-{s}": s[0] for s in SUBJECTS},
        )

    return LocalTask(name, "legal retrieval", "Search.", ("data.jsonl",), read_data)


def labels(source: Source, caps: Caps, seed: int) -> LabelledData:
    rows = [(f"{SUBJECTS[n % 2]} metni {n}", str(n % 2)) for n in range(40)]
    return LabelledData(rows[:20], [(f"t{n}", text, label) for n, (text, label) in enumerate(rows[20:])])


CLASSES = LocalTask("classes.v1", "classification", "Classes.", ("data.jsonl",), labels)


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    (tmp_path / "data.jsonl").write_text('{"a": 1}\n')
    return Setting(
        out=tmp_path / "results",
        source=Source(tmp_path),
        forms=("upper", "abbreviated"),
        seed=7,
        cache=tmp_path / "vectors",
    )


@pytest.fixture
def model() -> Callable[[], tuple[Contestant, Folding]]:
    def make() -> tuple[Contestant, Folding]:
        encoder = Folding()
        return Contestant("mine", lambda: encoder, None, "state", None), encoder

    return make


def test_records_are_written_and_taken_again(setting: Setting, model: Any, monkeypatch: Any) -> None:
    mine, encoder = model()
    made = evaluate([mine], [search(), CLASSES], setting)
    assert [record.task for record in made] == ["search.v1", "classes.v1"]
    assert read(setting.out) == sorted(made, key=lambda record: record.task)
    assert made[0].scores["ndcg@10"] == 1.0
    assert made[0].clusters == tuple(one.removeprefix("q-")[0] for one in made[0].ids)
    assert encoder.texts > 0
    monkeypatch.setattr(module._Bench, "_measure", lambda *_, **__: pytest.fail("ran again"))
    again, idle = model()
    assert evaluate([again], [search(), CLASSES], setting) == made
    assert idle.texts == 0


def test_what_changed_is_made_again(setting: Setting, model: Any, monkeypatch: Any) -> None:
    runs: list[str] = []
    outcome = module.Outcome(main_score="m", scores={"m": 1.0}, unit="query", ids=("q-kira",), values=(1.0,))

    def measure(_: Any, model: Contestant, task: LocalTask, data: Any) -> module.Outcome:
        runs.append(task.name if data is None else f"{task.name} damaged")
        return outcome

    def ran(mine: Contestant, changed: Setting) -> list[str]:
        runs.clear()
        evaluate([mine], [search()], changed)
        return list(runs)

    monkeypatch.setattr(module._Bench, "_measure", measure)
    plain = replace(setting, forms=())
    assert ran(model()[0], plain) == ["search.v1"]
    assert ran(model()[0], replace(plain, seed=8)) == ["search.v1"]
    few = replace(plain, caps=Caps(queries=11))
    assert ran(model()[0], few) == ["search.v1"]
    upper = replace(few, forms=("upper",))
    assert ran(model()[0], upper) == ["search.v1 damaged"]  # the plain score is there
    assert ran(model()[0], few) == ran(model()[0], upper) == []  # a record with more columns serves, and keeps them
    (record,) = read(setting.out)
    assert record.parameters["forms"] == ["upper"]
    assert "upper loss" in record.scores
    (setting.source.data / "data.jsonl").write_text('{"a": 2}\n')
    assert "search.v1" in ran(model()[0], few)
    other = replace(model()[0], words=None)
    other.__dict__["_fingerprint"] = "another"
    assert "search.v1" in ran(other, few)


def test_a_record_of_other_caps_is_not_replaced_in_silence(setting: Setting, caplog: Any) -> None:
    def told() -> list[str]:
        return [line for line in caplog.messages if "measured before" in line]

    (words,) = contestants(["bm25:snowball"], seed=7, max_length=None, memory=None)
    plain = replace(setting, forms=())
    evaluate([words], [search()], plain)
    evaluate([words], [search()], plain)
    assert not told()
    evaluate([words], [search()], replace(plain, caps=Caps(documents=150)))
    (line,) = told()
    assert "bm25:snowball was measured before with documents=4000; measuring again with documents=150" in line


def test_what_a_run_costs_is_told_before(setting: Setting, model: Any) -> None:
    mine, _ = model()
    told: list[str] = []
    evaluate([mine], [search(), CLASSES], setting, tell=told.append)
    # Ten queries, ten documents, 20 test and 20 training texts; in capitals the queries and test texts again.
    assert told == ["Texts to embed, about: 90 by mine"]
    evaluate([mine], [search(), CLASSES], setting, tell=told.append)
    assert len(told) == 1
    other = replace(setting, out=setting.out / "other", forms=())
    evaluate([mine], [search()], other, tell=told.append)
    assert len(told) == 1  # the vectors are in the cache


def test_a_leaked_question_is_told_apart(setting: Setting, model: Any, tmp_path: Path) -> None:
    def long(data: RetrievalData) -> RetrievalData:
        queries = {f"q-{s}": f"{s} davasında hangi mahkeme görevlidir ve süre ne kadardır" for s in SUBJECTS}
        documents = {s: f"{s} bu kanunun ilgili maddesi uyarınca görevli mahkemece karara bağlanır" for s in SUBJECTS}
        return replace(data, queries=queries, documents=documents)

    plain = search()
    task = replace(plain, read=lambda *asked: long(plain.read(*asked)))
    data = long(plain.read(setting.source, Caps(), 7))  # type: ignore[arg-type]
    held = [data.queries["q-kira"], data.documents["miras"]]
    texts = [make_document(f"Önce gelen söz. {text}. Sonra gelen söz.", kind="web", source=text[:4]) for text in held]
    write_documents(texts, tmp_path / "training" / "documents")
    (words,) = contestants(["bm25:snowball"], seed=7, max_length=None, memory=None)
    checked = replace(setting, forms=(), training=tmp_path / "training")
    (record,) = evaluate([words], [task], checked)
    assert (record.scores["n.touched"], record.scores["n.untouched"]) == (1, 9)
    assert (record.scores["n.answer_seen"], record.scores["n.answer_unseen"]) == (1, 9)
    others = [value for name, value in zip(record.ids, record.values, strict=True) if name != "q-kira"]
    assert record.scores["ndcg@10.untouched"] == pytest.approx(np.mean(others))
    assert evaluate([words], [task], checked) == evaluate([words], [task], replace(checked, training=None)) == [record]


def test_damaged_forms_are_columns_with_paired_intervals(setting: Setting, model: Any) -> None:
    (record, _) = evaluate([model()[0]], [search(), CLASSES], setting)
    # A cluster is all that begins with one letter, and is drawn as one: the interval is not that of single queries.
    damaged = next(one for one in read(setting.out / ROBUSTNESS) if one.task == "search.upper.v1")
    single = columns(record, {"upper": damaged.model_copy(update={"clusters": ()})}, seed=7)
    assert record.scores["upper loss low"] != single["upper loss low"]
    assert record.scores["upper loss"] > 0.3  # a text in capitals is another text to this model
    assert record.scores["upper loss low"] > 0
    assert record.scores["upper changed"] == 1.0
    assert "abbreviated loss" not in record.scores  # nothing to abbreviate
    damaged = read(setting.out / ROBUSTNESS)
    assert {one.task for one in damaged} == {"search.upper.v1", "classes.upper.v1"}
    one = next(one for one in damaged if one.task == "search.upper.v1")
    assert record.scores["upper loss"] == pytest.approx(record.score - one.score)
    assert columns(record, {"upper": one}, seed=7)["upper"] == one.score


def test_words_search_and_nothing_else(setting: Setting) -> None:
    (words,) = contestants(["bm25:snowball"], seed=7, max_length=None, memory=None)
    (record,) = evaluate([words], [search(), CLASSES], replace(setting, forms=()))
    assert (record.task, record.scores["precision@1"], record.embedding_seconds) == ("search.v1", 1.0, 0.0)
    with pytest.raises(ConfigError, match="BM25 does retrieval alone"):
        evaluate([words], [CLASSES], setting)


def test_a_hub_task_says_what_it_lacks(setting: Setting, model: Any, monkeypatch: Any) -> None:
    def offline(*_: Any, **__: Any) -> Any:
        raise OSError("cannot reach the hub")

    monkeypatch.setattr(mteb, "get_task", offline)
    with pytest.raises(InputError, match=r"MassiveIntent\.v1.*Hugging Face hub.*cannot reach the hub.*local files"):
        evaluate([model()[0]], [MTEB_TURKISH[0]], setting)


def test_names_of_models(tmp_path: Path) -> None:
    found = contestants(["random", "bm25:first5", "mine=random"], seed=7, max_length=None, memory=None)
    assert [one.name for one in found] == ["random", "bm25:first5", "mine"]
    assert found[0].fingerprint == found[2].fingerprint != found[1].fingerprint
    short = found[0].shortened(16)
    assert (short.name, short.fingerprint) == ("random@16", found[0].fingerprint + "[:16]")
    with pytest.raises(ConfigError, match="'random' stands twice"):
        contestants(["random", "random"], seed=7, max_length=None, memory=None)
    for wrong, right in [("bm25:snowbal", "bm25:snowball"), ("package:e6", "package:e5"), ("randm", "random")]:
        with pytest.raises(ConfigError, match=f"'{wrong}'.*did you mean '{right}'"):
            contestants([f"mine={wrong}"], seed=7, max_length=None, memory=None)
    with pytest.raises(ArtifactError, match="no such model folder"):
        contestants([str(tmp_path / "absent")], seed=7, max_length=None, memory=None)


def test_a_fingerprint_is_remembered_until_a_file_changes(tmp_path: Path, monkeypatch: Any) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    loaded: list[Any] = []
    monkeypatch.setattr(
        "mecelle.evaluation.contestants.load_encoder", lambda place, **_: loaded.append(place) or Folding()
    )

    def fingerprint(length: int | None = 256) -> str:
        (one,) = contestants([str(folder)], seed=7, max_length=length, memory=tmp_path)
        assert one.name == "model"
        return one.fingerprint

    assert fingerprint() == fingerprint() == "folding"
    assert len(loaded) == 1
    fingerprint(128)
    (folder / "config.json").write_text('{"changed": 1}')
    fingerprint()
    assert len(loaded) == 3


def test_records_are_found_without_importing_mteb(setting: Setting) -> None:
    """What makes the second run fast: no mteb, no torch."""
    modules = "sys, mecelle.evaluation.run, mecelle.evaluation.suites"
    code = f"import {modules}; print('mteb' in sys.modules, 'torch' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "False"]


def test_thresholds_of_turkembed(setting: Setting, model: Any) -> None:
    (record,) = evaluate([model()[0]], [search()], replace(setting, forms=()))

    def told(model: str, task: str, kind: str, score: float) -> TaskRecord:
        scores = {"ndcg@10": score, "precision@1": score}
        return record.model_copy(update={"model": model, "task": task, "kind": kind, "scores": scores})

    rows = [
        told("good", "SciFactTr.v1", "retrieval", 0.7116), told("bad", "SciFactTr.v1", "retrieval", 0.55),
        told("bad", "stsb.v1", "sts", 0.69), told("good", "stsb.v1", "sts", 0.71),
        told("good@256", "stsb.v1", "sts", 0.70), told("good@64", "SciFactTr.v1", "retrieval", 0.63),
        told("bad", "search.v1", "legal retrieval", 0.1),
    ]  # fmt: skip
    assert [line.partition(":")[0] for line in verdicts(rows)] == ["bad", "bad", "good@64"]
    assert "11.5% of SciFactTr.v1 lost" in verdicts(rows)[-1]


def test_random_vectors_follow_text_and_seed() -> None:
    one = RandomEncoder(dimension=16, seed=7).encode(["a", "b", "a"])
    np.testing.assert_array_equal(one[0], one[2])
    np.testing.assert_allclose(np.linalg.norm(one, axis=1), 1.0, rtol=1e-6)
    assert abs(float(one[0] @ one[1])) < 0.9
    assert not np.allclose(one, RandomEncoder(dimension=16, seed=8).encode(["a", "b", "a"]))
    assert orjson.dumps(RandomEncoder(seed=7).encode([]).tolist()) == b"[]"
