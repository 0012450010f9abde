"""Text held out by domain: whole groups, both sides, nothing of it in training."""

from collections import Counter
from pathlib import Path

import pytest

from mecelle.base import artifacts
from mecelle.base.collection import read_documents, read_jsonl, write_documents
from mecelle.base.document import Document
from mecelle.base.errors import InputError
from mecelle.corpus.filters.refinement import Refinement
from mecelle.decoder.curriculum.domains import domain, slug
from mecelle.decoder.curriculum.holdout import HoldOutConfig, group, hold_out

CONFIG = HoldOutConfig(documents=6, most_share=0.4, least_characters=20)


def article(act: str, number: int, text: str = "") -> Document:
    own = text or f"Madde {number} - {act} sayılı Kanunun {number}. maddesi böyledir."
    return Document(text=own, id=f"{act}:m{number}", metadata={"kind": "article", "law_number": act})


def act(number: str) -> Document:
    return Document(
        text=f"{number} sayılı Kanun, bütün metin. " * 3, id=number, metadata={"kind": "statute", "law_number": number}
    )


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Five tax acts, whole and in articles, whose last article they have in common; 40 decisions; English."""
    folder = tmp_path_factory.mktemp("holdout")
    closing = "Bu Kanun yayımı tarihinde yürürlüğe girer."
    acts = ("213", "193", "3065", "488", "492")
    law = [
        one
        for number in acts
        for one in (act(number), *(article(number, n) for n in range(1, 5)), article(number, 5, closing))
    ]
    law += [
        Document(
            text=f"{n}. davanın reddine karar verildi.", id=f"d{n}", metadata={"kind": "decision", "court": "Danıştay"}
        )
        for n in range(40)
    ]
    general = [
        Document(
            text=f"An English sentence, number {n}.",
            id=f"e{n}",
            metadata={"kind": "other", "lang": "en", "domain": "news"},
        )
        for n in range(30)
    ]
    write_documents(law, folder / "law")
    write_documents([*general, law[0]], folder / "general")  # one document again
    return [folder / "law", folder / "general"]


@pytest.fixture(scope="module")
def out(collections: list[Path]) -> Path:
    made = collections[0].parent / "out"
    hold_out(collections, made, CONFIG, seed=7)
    return made


def test_each_domain_is_scored_on_both_sides(out: Path) -> None:
    sides: dict[str, set[str]] = {}
    for row in read_jsonl(out / "heldout.jsonl"):
        sides.setdefault(row["domain"], set()).add(row["side"])
    assert sides == {name: {"test", "development"} for name in ("law-tax", "decisions-danistay", "english")}


def test_an_act_is_held_out_with_all_its_articles(out: Path) -> None:
    trained = {group(one) for one in read_documents(out)}
    reasons = {row["id"]: row["reason"] for row in read_jsonl(out / "excluded.jsonl.zst")}
    held = {name.partition(":")[0] for name in reasons if ":" in name and reasons[name] == "held_out"}
    assert held
    assert not trained & {f"act {number}" for number in held}
    assert all(reasons[number] == "whole_act" for number in held)  # its articles are scored, not it


def test_no_text_that_is_scored_is_trained_on(out: Path) -> None:
    scored = {row["text"] for row in read_jsonl(out / "heldout.jsonl")}
    assert not scored & {one.text for one in read_documents(out)}
    reasons = [row["reason"] for row in read_jsonl(out / "excluded.jsonl.zst")]
    assert "copy_of_held_out" in reasons  # the closing article of the acts that are trained on


def test_what_is_chosen_by_is_not_what_is_tested_on(out: Path) -> None:
    texts: dict[str, set[str]] = {"test": set(), "development": set()}
    for row in read_jsonl(out / "heldout.jsonl"):
        texts[row["side"]].add(row["text"])
    assert any(text.startswith("Bu Kanun yayımı") for text in texts["test"])  # acts of both sides end with it
    assert not texts["test"] & texts["development"]


def test_every_document_is_accounted_for(out: Path) -> None:
    record = artifacts.read_record(out)
    assert record is not None
    assert record.accounts is not None
    assert record.accounts.seen == 5 * 6 + 40 + 30 + 1
    assert record.accounts.dropped["repeated_id"] == 1
    assert record.figures["domains"]["english"]["test.documents"] == 6
    assert len(list(read_documents(out))) == record.accounts.kept


def test_same_seed_same_bytes_and_another_seed_another_panel(
    collections: list[Path], out: Path, tmp_path: Path
) -> None:
    hold_out(collections, tmp_path / "again", CONFIG, seed=7)
    assert artifacts.read_marker(tmp_path / "again").hash == artifacts.read_marker(out).hash
    hold_out(collections, tmp_path / "other", CONFIG, seed=8)
    assert artifacts.read_marker(tmp_path / "other").hash != artifacts.read_marker(out).hash


def test_a_domain_of_one_act_is_scored_and_not_trained_on(tmp_path: Path) -> None:
    write_documents([article("6698", n) for n in range(8)], tmp_path / "in")
    hold_out([tmp_path / "in"], tmp_path / "out", CONFIG, seed=1)
    assert not list(read_documents(tmp_path / "out"))
    assert {row["side"] for row in read_jsonl(tmp_path / "out" / "heldout.jsonl")} == {"test"}


def test_a_few_documents_of_each_act_are_scored_so_that_a_field_is_scored_on_several(tmp_path: Path) -> None:
    write_documents(
        [article(act, n) for act in ("213", "193", "3065", "488", "492") for n in range(30)], tmp_path / "in"
    )
    config = HoldOutConfig(documents=6, documents_per_group=3, most_share=0.9, least_characters=20)
    hold_out([tmp_path / "in"], tmp_path / "out", config, seed=1)
    groups = [(row["side"], row["group"]) for row in read_jsonl(tmp_path / "out" / "heldout.jsonl")]
    assert set(Counter(groups).values()) == {3}
    assert Counter(side for side, _ in set(groups)) == {"test": 2, "development": 2}
    assert {name.partition(":")[0] for name in (one.id for one in read_documents(tmp_path / "out"))} == {
        act for act in ("213", "193", "3065", "488", "492") if f"act {act}" not in {group for _, group in groups}
    }
    reasons = [row["reason"] for row in read_jsonl(tmp_path / "out" / "excluded.jsonl.zst")]
    assert Counter(reasons) == {"held_out": 12, "more_of_the_group": 4 * 27}


def test_nothing_to_hold_out_is_told(tmp_path: Path) -> None:
    write_documents([], tmp_path / "in")
    with pytest.raises(InputError, match="no documents"):
        hold_out([tmp_path / "in"], tmp_path / "out", CONFIG, seed=1)


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        ({"kind": "article", "law_number": "4857"}, "law-labour"),
        ({"kind": "statute", "law_number": "99999"}, "law-other"),
        ({"kind": "regulation", "law_number": "213"}, "law-regulations"),
        ({"kind": "decision", "court": "Yargıtay"}, "decisions-yargitay"),
        ({"kind": "other", "domain": "speech/history book"}, "general-speech-history-book"),
        ({"kind": "other", "lang": "en", "domain": "math"}, "mathematics"),
        ({"kind": "other", "lang": "en", "domain": "news sentence"}, "english"),
        ({"kind": "other", "lang": "python", "domain": "code"}, "code"),
        ({"kind": "other", "lang": "zh", "domain": "wikipedia"}, "other-zh"),
        ({"kind": "question"}, "law-soru"),
    ],
)
def test_domains(metadata: dict[str, str], name: str) -> None:
    assert domain(Document(text="x", id="x", metadata=metadata)) == name


def test_names_are_ascii() -> None:
    assert slug("İÇTİHAT Iğdır") == "ictihat-igdir"


def test_refinement_judges_turkish_alone() -> None:
    step = Refinement(more_tokens_than=20)
    english = Document(text="Short.", id="a", metadata={"lang": "en"})
    assert step.judge(english).reason is None
    assert step.judge(Document(text="Kısa bir metin.", id="b", metadata={})).reason == "few_tokens"
    again = Document(text="Karar onandı. " * 40, id="c", metadata={})
    assert step.judge(again).reason in ("low_suffix_entropy", "low_lemma_diversity")
