"""A takedown in a small workspace: copies found, twins kept, index emptied, later copies left out, receipt written."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from typer.testing import CliRunner

from mecelle.base.artifacts import create, lock_path
from mecelle.base.collection import read_documents, read_jsonl
from mecelle.base.errors import ArtifactError, ConfigError, InputError, LockedError
from mecelle.base.locks import lock
from mecelle.cli.main import app
from mecelle.corpus.build import CorpusConfig, build
from mecelle.corpus.select import SelectConfig, select
from mecelle.corpus.takedown_log import LOG, read_takedowns
from mecelle.documents.config import ExtractConfig
from mecelle.documents.extract import extract
from mecelle.embedding import lineage as embedding_lineage
from mecelle.embedding.pairs.record import Pair
from mecelle.recipes.lineage import documents_of_step, trace
from mecelle.recipes.receipt import read_receipt, receipt_path
from mecelle.recipes.takedown import prepare, take_down
from mecelle.retrieval import index as retrieval_index
from mecelle.retrieval.config import IndexConfig
from mecelle.retrieval.search import search
from mecelle.segmentation import lineage as segmentation_lineage
from mecelle.segmentation.config import SegmentConfig
from mecelle.segmentation.record import Segmented
from mecelle.segmentation.sentences.config import SentencesConfig

REQUEST = "Yargıtay 4. HD, E. 2024/3494"
NAMED = (
    "Davacı Ahmet Yılmaz vekili Av. Ayşe Kaya, davalı Mehmet Demir aleyhine dava açmıştır. Tanıklar Hasan Çelik ile "
    "Fatma Öztürk dinlenmiş, Bursa Nilüfer ilçesindeki kaza yeri gezilmiş, Kemal Arslan bilirkişi olarak dinlenmiştir. "
)
MASKED = (
    "Davacı A.Y. vekili Av. [KİŞİ], davalı M... D... aleyhine dava açmıştır. Tanıklar H.Ç. ile F. Ö. dinlenmiş, "
    "... ... ilçesindeki kaza yeri gezilmiş, [AD SOYAD] bilirkişi olarak dinlenmiştir. "
)
BODY = """
Mahkemece, toplanan deliller ve bilirkişi raporu birlikte değerlendirilerek davanın kısmen kabulüne karar verilmiştir.
Hüküm davalı tarafından temyiz edilmiştir. Dosyadaki yazılara ve kararın dayandığı delillerle yasal gerektirici
sebeplere, delillerin değerlendirilmesinde bir isabetsizlik görülmemesine göre davalının diğer temyiz itirazları
yerinde değildir. Ancak davaya konu aracın rayiç değeri belirlenirken kazadan önceki hasarları gözetilmemiş, eksik
inceleme ile yazılı biçimde hüküm kurulması doğru olmamıştır. Bu nedenle kararın bozulması gerekmiştir. Temyiz olunan
kararın yukarıda gösterilen nedenlerle bozulmasına, peşin alınan harcın istek hâlinde geri verilmesine karar verildi.
Ayrıca kusur oranının belirlenmesinde trafik tutanağı ile tanık sözleri arasındaki çelişki giderilmeden sonuca
gidilmiş, sürücünün hızı, yolun durumu ve görüş mesafesi üzerinde yeterince durulmamıştır. Uzman bilirkişi kurulundan
çelişkiyi gideren, denetime elverişli yeni bir rapor alınmalı, sigorta şirketinin sorumluluğu poliçe sınırı ile bağlı
tutulmalı, faizin başlangıcı da temerrüt günü esas alınarak yeniden saptanmalıdır.
"""
OTHER = """
Davacı, kiralananın ihtiyaç nedeniyle boşaltılmasını istemiştir. Kiraya veren bu ihtiyacın gerçek ve samimi olduğunu
kanıtlamalıdır. Tanık anlatımlarından kiraya verenin oğlunun evleneceği ve oturacak başka konutu bulunmadığı anlaşılır.
Bu durumda kiralananın tahliyesine ilişkin hükmün onanmasına, oy birliği ile ve kesin olarak karar verilmiştir.
"""


def decision(name: str, text: str, case: str | None = None, chamber: str = "4. Hukuk Dairesi") -> dict[str, Any]:
    row = {"id": name, "kind": "decision", "court": "Yargıtay", "chamber": chamber, "text": text}
    return row | ({"case_number": case, "decision_number": case.replace("3494", "5460")} if case else {})


PLANTED = (
    decision("asil", NAMED + BODY, "2024/3494"),
    decision("tıpkı", NAMED + BODY),
    decision("yakın", NAMED + BODY.replace("görülmemesine", "görülmemesıne")),
    decision("maskeli", MASKED + BODY),
    decision("ikiz", NAMED + BODY.replace("gözetilmemiş", "gözetilmiş"), "2024/9999"),
    decision("başka", OTHER, "2024/3494", "3. Hukuk Dairesi"),
)


class House:
    """A workspace whose stages are called one by one."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.made = folder, folder / "artifacts"
        self.index = self.made / "index"

    def write(self, *rows: dict[str, Any], file: str = "kararlar.jsonl") -> None:
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (self.folder / "data" / file).write_text(lines, encoding="utf-8")

    def run(self) -> None:
        made, snapshot = self.made, self.folder / "snapshot"
        extract([self.folder / "data"], made / "documents", ExtractConfig(workers=1))
        log = self.folder / LOG
        build(made / "documents", made / "corpus", CorpusConfig(), seed=7, snapshot=snapshot, takedowns=log)
        select(made / "corpus", made / "training", SelectConfig(), snapshot=snapshot)
        retrieval_index.build(made / "corpus", self.index, IndexConfig(), workers=1)

    def source_ids(self, artifact: str) -> list[str]:
        return sorted(one.metadata["source_id"] for one in read_documents(self.made / artifact))

    def numbers(self, question: str) -> set[str | None]:
        return {hit.case_number for hit in search(self.index, question)}


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(tmp_path / "house")
    made.write(*PLANTED)
    made.run()
    return made


def test_a_takedown_from_request_to_the_next_build(house: House) -> None:
    assert "2024/3494" in house.numbers(REQUEST)
    request = prepare(house.folder, REQUEST)
    found = {one.document.metadata["source_id"]: one.how for one in request.found}
    assert found == {
        "asil": "named", "tıpkı": "exact_copy", "yakın": "near_duplicate", "maskeli": "masked_variant",
        "ikiz": "similar",
    }  # fmt: skip
    take_down(request, date="2026-03-31", reason="unutulma hakkı", indexes=[])

    question = "aracın rayiç değeri kazadan önceki hasarları"
    assert house.numbers(question) == {"2024/9999"}  # neither the decision nor its masked variant
    assert search(house.index, REQUEST)[0].chamber == "3. Hukuk Dairesi"

    house.write(decision("sonradan", MASKED + BODY.replace("\n", " ")), file="yeni.jsonl")
    house.run()
    assert house.source_ids("corpus") == ["başka", "ikiz"] == house.source_ids("training")
    reasons = {row["source_id"]: row["reason"] for row in read_jsonl(house.made / "corpus" / "dropped.jsonl.zst")}
    assert reasons == dict.fromkeys(("asil", "tıpkı", "yakın", "maskeli", "sonradan"), "taken_down")
    assert house.numbers(question) == {"2024/9999"}
    (fate,) = trace(house.folder, REQUEST)
    assert (fate.corpus, fate.takedowns, fate.passages) == ("taken_down", [1], 0)


def test_a_copy_in_the_general_text_is_taken_down_with_it(house: House) -> None:
    general = {"id": "haber", "kind": "other", "title": "Kaza haberi", "text": NAMED + BODY}
    (house.folder / "general").mkdir()
    (house.folder / "general" / "a.jsonl").write_text(json.dumps(general, ensure_ascii=False), encoding="utf-8")
    made, snapshot = house.made, house.folder / "general_snapshot"
    extract([house.folder / "general"], made / "general_documents", ExtractConfig(workers=1))

    def build_general() -> None:
        build(
            made / "general_documents", made / "general_corpus", CorpusConfig(), seed=7, snapshot=snapshot,
            takedowns=house.folder / LOG,
        )  # fmt: skip
        select(made / "general_corpus", made / "general_training", SelectConfig(), snapshot=snapshot)

    build_general()
    (fate,) = trace(house.folder, "Kaza haberi")
    assert (fate.corpus, fate.training) == ("kept", "trained on")
    assert fate.shards[0] == "artifacts/general_documents/documents/00000.jsonl.zst"
    request = prepare(house.folder, REQUEST)
    assert "haber" in {one.document.metadata["source_id"] for one in request.found if one.leaves}
    take_down(request, date="2026-03-31")
    build_general()
    assert house.source_ids("general_corpus") == []
    (fate,) = trace(house.folder, "Kaza haberi")
    assert (fate.corpus, fate.takedowns) == ("taken_down", [1])


def test_models_that_were_made_of_a_model_have_learned_from_its_documents(house: House) -> None:
    (fate,) = trace(house.folder, REQUEST)
    parameters = SelectConfig()  # any: nothing is read from them
    for name, of in (("encoder", "training"), ("merged", "encoder"), ("strange", "corpus")):
        inputs: dict[str, Path | str] = {"from": house.made / of}
        with create(house.made / name, stage="encoder", version=1, parameters=parameters, inputs=inputs, seed=7) as run:
            (run.folder / "config.json").write_text("{}", encoding="utf-8")
            if name == "encoder":
                place = run.folder / "lineage"
                place.mkdir()
                (place / "documents.jsonl").write_text(json.dumps({"id": fate.id}), encoding="utf-8")
                (place / "run.json").write_text('{"seed": 7, "steps": 2, "rows_per_step": 1}', encoding="utf-8")
                np.save(place / "pieces.npy", np.array([[0, 0, 10]]))
                np.save(place / "offsets.npy", np.array([0, 1]))
    (fate,) = trace(house.folder, REQUEST)
    assert (fate.models, fate.steps) == (["encoder", "merged"], {"encoder": [1, 2]})
    page = write_and_read_receipt(house)
    assert "- merged: 1 of them" in page
    assert "  - encoder: in 2 steps (1-2)" in page


def test_a_sectioner_and_a_model_of_late_interaction_tell_what_they_saw(house: House) -> None:
    (fate,) = trace(house.folder, REQUEST)
    given: dict[str, Any] = {"version": 1, "parameters": SelectConfig(), "inputs": {}, "seed": 7}
    with create(house.made / "sectioner", stage="sectioner", **given) as run:
        settings = SegmentConfig(sentences=SentencesConfig(epochs=3))
        (run.folder / "sectioner.json").write_text(settings.model_dump_json(), encoding="utf-8")
        segmentation_lineage.write_lineage(run.folder, {"train": [Segmented(id="asil", text="")], "development": []})
    with create(house.made / "late", stage="late", **given) as run:
        (run.folder / "modules.json").write_text("[]", encoding="utf-8")
        about = ("heading -> article", "soru", "metin")
        pairs = [Pair("a", *about, query_id="q", document_id="d"), Pair("b", *about, query_id="q", document_id=fate.id)]
        embedding_lineage.write_lineage(run.folder, pairs, np.array([[0, 0], [1, 0]], dtype=np.int32))
    (fate,) = trace(house.folder, REQUEST)
    assert fate.steps == {"late": [2], "sectioner": [1, 2, 3]}
    assert sorted(fate.models) == ["late", "sectioner"]
    assert documents_of_step(house.made / "sectioner", 3) == [{"document_id": "asil"}]
    assert [row["id"] for row in documents_of_step(house.made / "late", 2)] == ["b", "a"]
    for model, last in (("sectioner", 3), ("late", 2)):
        with pytest.raises(InputError, match=f"trained for {last}"):
            documents_of_step(house.made / model, 9)


def write_and_read_receipt(house: House) -> str:
    take_down(prepare(house.folder, REQUEST), date="2026-03-31")
    return receipt_path(house.folder, 1).read_text(encoding="utf-8")


def test_the_receipt_says_what_was_done_and_what_remains(house: House) -> None:
    (asil,) = trace(house.folder, REQUEST)
    receipt = take_down(prepare(house.folder, REQUEST), date="2026-03-31", reason="unutulma hakkı")
    page = receipt_path(house.folder, 1).read_text(encoding="utf-8")
    for said in (
        "# Takedown 1, 2026-03-31", REQUEST, "unutulma hakkı", asil.id, "masked variant", "other official numbers",
        "artifacts/corpus/documents/00000.jsonl.zst", "kararlar.jsonl", "mecelle run", "A search finds them no more",
    ):  # fmt: skip
        assert said in page, said
    for secret in ("Ahmet", "Yılmaz", "Öztürk", "Nilüfer", "rayiç"):
        assert secret not in page + receipt_path(house.folder, 1).with_suffix(".json").read_text(encoding="utf-8")
        assert secret not in (house.folder / LOG).read_text(encoding="utf-8")
    assert read_receipt(house.folder, 1) == receipt
    assert [one.how for one in receipt.taken_down] == ["named", "exact_copy", "near_duplicate", "masked_variant"]
    assert receipt.deleted[0].documents >= 1
    assert asil.shards == [
        f"artifacts/{name}/documents/00000.jsonl.zst" for name in ("documents", "corpus", "training")
    ]


KILLED = """
import os, signal, sys
from pathlib import Path
from mecelle.recipes import takedown
def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
takedown.delete = die
takedown.take_down(takedown.prepare(Path(sys.argv[1]), sys.argv[2]), date="2026-03-31")
"""


def test_killed_between_log_and_index_the_same_request_goes_on(house: House) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(house.folder), REQUEST], capture_output=True, check=False)
    assert done.returncode == -9, done.stderr
    assert len(read_takedowns(house.folder / LOG)) == 1
    assert not receipt_path(house.folder, 1).exists()
    receipt = take_down(prepare(house.folder, REQUEST), date="2026-04-01")
    assert (receipt.number, receipt.date) == (1, "2026-03-31")
    assert len(read_takedowns(house.folder / LOG)) == 1
    assert house.numbers("aracın rayiç değeri kazadan önceki hasarları") == {"2024/9999"}


def test_an_index_elsewhere_loses_copies_that_only_it_has(house: House, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in PLANTED[3:])
    (tmp_path / "elsewhere" / "x.jsonl").write_text(lines, encoding="utf-8")
    other = tmp_path / "other"
    retrieval_index.build(tmp_path / "elsewhere", other, IndexConfig(), workers=1)
    take_down(prepare(house.folder, REQUEST), date="2026-03-31")
    again = prepare(house.folder, REQUEST, again=True)
    receipt = take_down(again, date="2026-04-01", indexes=[other])
    assert [(one.index, one.documents) for one in receipt.deleted][1:] == [(str(other), 1)]
    assert len(read_takedowns(house.folder / LOG)) == 1
    assert {hit.case_number for hit in search(other, "aracın rayiç değeri")} == {"2024/9999"}


def test_an_index_of_what_was_read_obeys_the_log(house: House, tmp_path: Path) -> None:
    take_down(prepare(house.folder, REQUEST), date="2026-03-31")
    raw = tmp_path / "raw"
    arguments = [str(house.made / "documents"), "--out", str(raw), "--model", "none"]
    arguments += ["--takedowns", str(house.folder / LOG)]
    done = CliRunner().invoke(app, ["index", "build", *arguments])
    assert orjson.loads(done.stdout.splitlines()[-1])["taken_down"] == 4
    assert {hit.case_number for hit in search(raw, "aracın rayiç değeri")} == {"2024/9999"}


def test_what_cannot_be_taken_down_is_said(house: House, tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"no document is called 'Yargıtay 4. HD, E. 2024/3495'.*nearest are.*2024/3494"
    ):
        prepare(house.folder, "Yargıtay 4. HD, E. 2024/3495")
    with pytest.raises(InputError, match=r"names 2 different documents: .*Say which"):
        prepare(house.folder, "2024/3494")
    with pytest.raises(ArtifactError, match="no documents have been read here"):
        prepare(tmp_path / "none", REQUEST)
    with lock(lock_path(house.index), doing="index of 2 files"), pytest.raises(LockedError):
        take_down(prepare(house.folder, REQUEST), date="2026-03-31")
    take_down(prepare(house.folder, REQUEST), date="2026-03-31")
    with pytest.raises(InputError, match="taken down already, by request 1 of 2026-03-31"):
        prepare(house.folder, REQUEST)
    (house.folder / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"does not read takedowns\.jsonl"):
        prepare(house.folder, REQUEST)


def test_the_command_asks_and_tells(house: House) -> None:
    arguments = ["takedown", REQUEST, "--workspace", str(house.folder)]
    run = CliRunner().invoke
    told = run(app, [*arguments, "--dry-run"])
    assert [orjson.loads(line)["taken_down"] for line in told.stdout.splitlines()] == [True] * 4 + [False]
    assert not (house.folder / LOG).exists()
    assert run(app, arguments).exit_code == 2
    assert not (house.folder / LOG).exists()
    done = run(app, [*arguments, "--yes", "--date", "2026-03-31"])
    assert done.exit_code == 0, done.output
    assert orjson.loads(done.stdout.splitlines()[-1])["number"] == 1
    (row,) = run(app, ["lineage", "--document", REQUEST, "--workspace", str(house.folder)]).stdout.splitlines()
    assert orjson.loads(row)["takedowns"] == [1]
    assert run(app, [*arguments, "--date", "31.03.2026"]).exit_code == 2
