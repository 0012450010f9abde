"""Pairs from official texts: what is made, what is refused and why."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from mecelle.base import artifacts
from mecelle.base.accounts import Accounts
from mecelle.base.collection import read_jsonl, write_documents
from mecelle.base.document import Document, make_document
from mecelle.base.errors import ConfigError, InputError
from mecelle.embedding.pairs import build as module
from mecelle.embedding.pairs.articles import is_repealed, without_lines
from mecelle.embedding.pairs.build import PairsConfig, build_pairs
from mecelle.embedding.pairs.leakage import LeakageGate, evaluation_queries
from mecelle.embedding.pairs.record import HELD_OUT, Pair, read_pairs

ACT = """KİRA İŞLERİ KANUNU

BİRİNCİ BÖLÜM
Amaç ve Kapsam

Amaç

MADDE 1 – (1) Bu Kanun, konut sahipleri ile oturanlar arasındaki ilişkileri düzenlemek için hazırlanmıştır.

Bedelin ödenmesinde gecikme

MADDE 2 – (1) Oturan, bedeli her ayın ilk haftasında verir. Vermezse kendisine otuz gün tanınır. Bu süre geçince
sözleşme sona erdirilebilir. Süre yazılı bildirimin ertesi gününde başlar.

Eski hüküm

MADDE 3 – (Mülga: 3/6/2007-5684/10 md.)
"""
ISSUES = ("tahliye", "tazminat", "nafaka", "velayet")
SUMMARY = "Bedeli geciktiren oturana otuz gün verilmeden açılan tahliye davası reddedilmelidir."
DECISION = f"""Taraflar arasındaki davada mahkemece karar verilmiştir.

{SUMMARY}

Davacı, tahliye istemiştir. Oturana otuz gün verilmeden dava açılmıştır. Tahliye davası dinlenemez. Hüküm bozulmalıdır.
"""


def act(number: int = 1, text: str = ACT) -> Document:
    return make_document(
        text, kind="statute", source=f"acts#{number}", title="KİRA İŞLERİ KANUNU", law_number=f"91{number:02d}"
    )


def decision(text: str = DECISION, summary: str | None = SUMMARY, subject: str | None = "Tahliye davası") -> Document:
    return make_document(text, kind="decision", source="decisions#1", summary=summary, subject=subject)


def build(
    documents: Sequence[Document], folder: Path, *, exclude: Sequence[Path] = (), **settings: object
) -> tuple[list[Pair], artifacts.RunRecord]:
    write_documents(documents, folder / "training")
    config = PairsConfig.model_validate(settings)
    build_pairs(folder / "training", folder / "pairs", config, seed=1, exclude=exclude)
    record = artifacts.read_record(folder / "pairs")
    assert record is not None
    return list(read_pairs(folder / "pairs")), record


def test_article_heading_to_text_without_the_heading(tmp_path: Path) -> None:
    document = act()
    pairs, record = build([document], tmp_path, kinds=("article_heading.v1", "act_and_heading.v1"))
    by_query = {pair.query: pair for pair in pairs}
    assert set(by_query) == {
        "Amaç",
        "Bedelin ödenmesinde gecikme",
        "Kira İşleri Kanunu, Amaç",
        "Kira İşleri Kanunu, Bedelin ödenmesinde gecikme",
    }
    text = by_query["Bedelin ödenmesinde gecikme"].document
    assert text.startswith("MADDE 2 –")
    assert "gecikme" not in text
    assert "Eski hüküm" not in text
    assert {pair.query_id for pair in pairs} == {pair.document_id for pair in pairs} == {document.id}
    assert record.accounts is not None
    assert record.accounts.dropped == {"repealed": 2}
    assert record.figures["kinds"]["article_heading.v1"] == {"seen": 3, "kept": 2}


def test_summary_to_the_passage_that_does_not_repeat_it(tmp_path: Path) -> None:
    pairs, _ = build([decision()], tmp_path, kinds=("decision_summary.v1", "decision_subject.v1"), passage_words=20)
    by_kind = {pair.kind: pair for pair in pairs}
    assert by_kind["decision_summary.v1"].query == SUMMARY
    assert SUMMARY not in by_kind["decision_summary.v1"].document
    assert "Oturana otuz gün" in by_kind["decision_summary.v1"].document
    assert by_kind["decision_subject.v1"].query == "Tahliye davası"


def test_term_to_definition_without_the_term(tmp_path: Path) -> None:
    documents = [
        make_document(
            "İpotek: taşınmaz üzerinde kurulan güvence hakkı", kind="dictionary", source="d#1", term="İPOTEK"
        ),
        make_document("alacaklının el koydurduğu mal", kind="dictionary", source="d#2", title="Haciz"),
        make_document("Borçlunun edimini yerine getirme zorunluluğu", kind="dictionary", source="d#3", term="borç"),
    ]
    pairs, _ = build(documents, tmp_path, kinds=("term_definition.v1",))
    assert [(pair.query, pair.document) for pair in pairs] == [
        ("İPOTEK", "taşınmaz üzerinde kurulan güvence hakkı"),
        ("Haciz", "alacaklının el koydurduğu mal"),
        ("borç", "Borçlunun edimini yerine getirme zorunluluğu"),
    ]


def test_sentence_leaves_its_passage(tmp_path: Path) -> None:
    pairs, _ = build([decision(summary=None, subject=None), act()], tmp_path, kinds=("sentence_passage.v1",))
    assert len(pairs) >= 2
    for pair in pairs:
        assert pair.query not in pair.document
        assert not pair.query.startswith("MADDE")


def test_same_seed_same_bytes_other_seed_other_sentences(tmp_path: Path) -> None:
    hashes = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        texts = [[f"Taraf {n} {what} hakkında {n} kez istemde bulundu." for what in ISSUES] for n in range(8)]
        documents = [make_document(" ".join(text), kind="decision", source=text[0]) for text in texts]
        write_documents(documents, tmp_path / name / "training")
        config = PairsConfig(kinds=("sentence_passage.v1",))
        build_pairs(tmp_path / name / "training", tmp_path / name / "pairs", config, seed=seed)
        hashes.append(artifacts.hash_input(tmp_path / name / "pairs"))
    assert hashes[0] == hashes[1] != hashes[2]


def test_headings_that_many_acts_share_are_ambiguous(tmp_path: Path) -> None:
    acts = [act(n, ACT.replace("konut", f"konut{n}").replace("Oturan", f"Oturan{n}")) for n in range(4)]
    pairs, record = build(
        [*acts, decision()], tmp_path, kinds=("article_heading.v1", "decision_summary.v1"), passage_words=20
    )
    assert {pair.kind for pair in pairs} == {"decision_summary.v1"}
    assert record.accounts is not None
    assert record.accounts.dropped == {"ambiguous_query": 8, "repealed": 1, "duplicate": 3}


def test_evaluation_queries_are_not_trained_on(tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    questions.write_text('{"query": "bedelin ödenmesinde GECİKME?"}\n{"question": "Tahliye nedir"}\n', encoding="utf-8")
    pairs, record = build([act()], tmp_path, exclude=[questions], kinds=("article_heading.v1",))
    assert [pair.query for pair in pairs] == ["Amaç"]
    assert record.accounts is not None
    assert record.accounts.dropped["leaked"] == 1
    assert evaluation_queries([questions]) == ["bedelin ödenmesinde GECİKME?", "Tahliye nedir"]


def test_records_tell_of_every_file_of_queries(tmp_path: Path) -> None:
    """Also where two have one name: a check by the record would miss the other."""
    files = [tmp_path / name for name in ("one/test.jsonl", "two/test.jsonl", "two/other.jsonl")]
    for number, path in enumerate(files):
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'{{"query": "soru {number}"}}\n', encoding="utf-8")
    _, record = build([act()], tmp_path, exclude=files, kinds=("article_heading.v1",))
    names = [str(files[0]), str(files[1]), "other.jsonl"]
    assert record.figures["excluded_queries"] == {
        name: artifacts.hash_input(path) for name, path in zip(names, files, strict=True)
    }
    assert [record.inputs[f"exclude {name}"].path for name in names] == list(map(str, files))


@pytest.mark.parametrize(
    ("query", "caught"),
    [
        ("Kiracı kirayı ödemezse ne olur?", True),
        ("kiracı KİRAYI ödemezse ne olur", True),
        ("Kiracı kirayı ödemezse sonra ne olur", True),
        ("Kiracı kirayı öderse ne yapılır", False),
        ("Kiracı", False),
    ],
)
def test_gate_catches_near_copies(query: str, caught: bool) -> None:
    assert LeakageGate(["Kiracı kirayı ödemezse ne olur?"], similarity=0.7).catches(query) is caught


def test_quotas_draw_by_the_seed_and_are_counted(tmp_path: Path) -> None:
    acts = [act(n, ACT.replace("Amaç\n\nMADDE", f"Amaç {n}\n\nMADDE").replace("konut", f"konut{n}")) for n in range(6)]
    pairs, record = build(acts, tmp_path, kinds=("article_heading.v1",), most_per_kind=3, most_per_document=1)
    assert len(pairs) <= 3
    assert record.accounts is not None
    assert record.accounts.dropped["over_document_quota"] == 12


def test_an_act_that_was_capped_has_no_better_chance_in_the_quota_of_its_kind() -> None:
    def pairs(name: str, count: int) -> list[Pair]:
        return [Pair(f"{name}{n}", "k", "?", "!", name, name) for n in range(count)]

    config = PairsConfig(kinds=("k",), most_per_kind=40)
    of_act = 0
    for seed in range(10):
        capped = module._capped(pairs("act", 1_000), 100, seed, Accounts())
        kept = module._within_quota([*capped, *pairs("other", 100)], config, seed, Accounts())
        assert len(kept) == 40
        of_act += sum(pair.query_id == "act" for pair in kept)
    assert of_act / 400 == pytest.approx(0.5, abs=0.1)  # it was .9


@pytest.mark.parametrize(
    ("text", "repealed"),
    [
        ("MADDE 3 – (Mülga: 3/6/2007-5684/10 md.)", True),
        ("Geçici Madde 2- (1) (İptal: Anayasa Mahkemesinin 1/2/2010 tarihli kararı ile.)", True),
        ("MADDE 3 – (Değişik: 3/6/2007-5684/10 md.) Kira ödenir.", False),
        ("MADDE 3 – (Mülga birinci fıkra: 2007) " + "Kira her ay ödenir. " * 10, False),
        ("İptal davası açılabilir.", False),
    ],
)
def test_is_repealed(text: str, repealed: bool) -> None:
    assert is_repealed(text) is repealed


def test_heading_lines_are_cut() -> None:
    assert without_lines("Amaç\n\nMADDE 1 – Metin", "AMAÇ") == "MADDE 1 – Metin"
    assert without_lines("MADDE 1 – Amaç", "Amaç") == "MADDE 1 – Amaç"
    assert without_lines("Metin", "") == "Metin"


def test_bad_input(tmp_path: Path) -> None:
    web = make_document("Kısa bir metin.", kind="web", source="w#1")
    with pytest.raises(InputError, match="no pair could be made"):
        build([web], tmp_path)
    with pytest.raises(ConfigError, match=r"did you mean 'article_heading\.v1'"):
        build([act()], tmp_path, kinds=("article_headin.v1",))
    with pytest.raises(InputError, match="no such file"):
        build([act()], tmp_path, exclude=[tmp_path / "absent.jsonl"])
    (tmp_path / "other.jsonl").write_text('{"text": "soru"}\n', encoding="utf-8")
    with pytest.raises(InputError, match="expected an object with 'query'"):
        build([act()], tmp_path, exclude=[tmp_path / "other.jsonl"])
    assert not (tmp_path / "pairs").exists()


def test_a_users_own_pairs(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text('{"query": "soru", "document": "yanıt", "negative": "başka"}\n', encoding="utf-8")
    [pair] = read_pairs(path)
    assert (pair.kind, pair.query_id, pair.negative_ids) == ("given", "mine.jsonl#1", ("mine.jsonl#1",))
    assert next(read_jsonl(path))["query"] == pair.query


def small_decisions(count: int) -> list[Document]:
    """Short decisions without headings, summaries or subjects."""
    texts = [
        f"Davacı {n} numaralı dosyada {ISSUES[n % 4]} istemiyle {n} kez mahkemeye başvurmuştur. "
        f"Dosya {n} incelenmiştir. Mahkeme {n} numaralı dosyada istemi yerinde bulmuş ve karar vermiştir."
        for n in range(count)
    ]
    return [make_document(text, kind="decision", source=f"d#{n}") for n, text in enumerate(texts)]


def test_ten_small_decisions_give_pairs_to_train_on_and_to_ask(tmp_path: Path) -> None:
    pairs, record = build(small_decisions(10), tmp_path)
    held = [Pair(**row) for row in read_jsonl(tmp_path / "pairs" / HELD_OUT)]
    assert (len(pairs), len(held)) == (8, 2)
    assert record.accounts is not None
    assert record.accounts.dropped == {"held_out": 2}


@pytest.mark.parametrize(("most", "expected"), [(200, 6), (3, 3), (0, 0)])
def test_at_most_a_tenth_is_held_out_and_its_texts_are_not_trained_on(tmp_path: Path, most: int, expected: int) -> None:
    pairs, record = build(small_decisions(60), tmp_path, held_out_pairs=most)
    held = [Pair(**row) for row in read_jsonl(tmp_path / "pairs" / HELD_OUT)]
    assert len(held) == expected
    texts = {text for pair in pairs for text in (pair.query, pair.document)}
    assert texts.isdisjoint(text for pair in held for text in (pair.query, pair.document))
    assert record.accounts is not None
    assert record.accounts.dropped.get("held_out", 0) == expected
    assert record.accounts.kept == len(pairs)


def test_pairs_that_share_a_text_with_a_held_out_one_are_counted(tmp_path: Path) -> None:
    numbered = [ACT.replace("Amaç\n\nMADDE", f"Amaç {n}\n\nMADDE").replace("konut", f"konut{n}") for n in range(6)]
    acts = [
        act(n, text.replace("gecikme\n", f"gecikme {n}\n").replace("Oturan", f"Oturan{n}"))
        for n, text in enumerate(numbered)
    ]
    _, record = build(acts, tmp_path, kinds=("article_heading.v1", "act_and_heading.v1"))
    assert record.accounts is not None
    # Heading alone, and act with heading, lead to the same article.
    assert record.accounts.dropped["shares_text_with_held_out"] > 0


def test_pairs_need_no_torch() -> None:
    code = "import sys, mecelle.embedding.pairs.build; raise SystemExit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
