"""The stage: it learns, loads alone, goes on after a kill, repeats its bytes; and `segment` from files to rows."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
import torch
from torch.nn.modules.module import register_module_forward_pre_hook
from transformers import ModernBertConfig, ModernBertForMaskedLM

from mecelle.base import artifacts
from mecelle.base.accounts import Accounts
from mecelle.base.errors import ArtifactError, ConfigError, InputError
from mecelle.base.machine import Machine
from mecelle.documents.config import ExtractConfig
from mecelle.documents.records import Failure
from mecelle.evaluation.section_scores import SectionScoresConfig, measure_sections
from mecelle.segmentation.apply import apply
from mecelle.segmentation.config import SegmentConfig
from mecelle.segmentation.data import HEADED
from mecelle.segmentation.decision import from_pieces, pieces, read_decisions, write_decisions
from mecelle.segmentation.partition import PARTS
from mecelle.segmentation.record import Segmented
from mecelle.segmentation.sectioner import SentenceSectioner, load_sectioner
from mecelle.segmentation.sentences import train as training
from mecelle.segmentation.sentences.config import SentencesConfig
from mecelle.segmentation.sentences.reading import read_sections, read_units
from mecelle.segmentation.train import FOUND, train_sectioner
from mecelle.segmentation.units import labels_of
from mecelle.segmentation.variants import VARIANTS
from mecelle.segmentation.windows.config import WindowsConfig
from mecelle.segmentation.windows.model import TokenTagger
from mecelle.segmentation.windows.train import train_windows

SMALL = SegmentConfig(
    sentences=SentencesConfig(
        members=1,
        buckets=2_048,
        width=16,
        hidden=16,
        layers=1,
        epochs=12,
        learning_rate=2e-2,
        variants=0.0,
        batch_size=4,
    )
)


@pytest.fixture(scope="module")
def sectioner(section_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sectioner")
    train_sectioner(section_data, folder / "model", SMALL, seed=7, work=folder / "work")
    return folder / "model"


def record(folder: Path) -> artifacts.RunRecord:
    found = artifacts.read_record(folder)
    assert found is not None
    return found


def test_it_learns_and_the_record_tells_everything(sectioner: Path) -> None:
    figures = record(sectioner).figures
    assert figures["test"]["doc_pass"] >= 0.9
    assert [row["epoch"] for row in figures["epochs"]] == list(range(1, 13))
    best = max(figures["epochs"], key=lambda row: (row["doc_pass"], row["bnd_f1"], row["span_exact_f1"]))
    assert figures["chosen"] == best["epoch"]
    assert figures["best_of_each"]["loss"]["value"] == min(row["loss"] for row in figures["epochs"])
    assert sum(map(sum, figures["confusion"]["words"])) > 0


def test_it_loads_alone_and_reads_the_same(sectioner: Path, section_data: Path, tmp_path: Path) -> None:
    shutil.copytree(sectioner, tmp_path / "moved")
    gold = read_decisions(section_data / "test.jsonl")
    asked = [one.model_copy(update={"sections": ()}) for one in gold]
    assert load_sectioner(tmp_path / "moved").read(asked) == read_decisions(sectioner / FOUND)
    with pytest.raises(ArtifactError, match="made by stage 'section-data'"):
        load_sectioner(section_data)


def test_lineage_names_what_was_learnt_from(sectioner: Path, section_data: Path) -> None:
    rows = [orjson.loads(line) for line in (sectioner / "lineage" / "decisions.jsonl").read_bytes().splitlines()]
    for part in ("train", "development"):
        told = [row["id"] for row in rows if row["part"] == part]
        assert told == [one.id for one in read_decisions(section_data / f"{part}.jsonl")]


def test_a_killed_training_goes_on_to_the_same_bytes(
    sectioner: Path, section_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, calls = training.evaluate, list[float]()

    def killed(*args: Any, epoch: float, **more: Any) -> Any:
        calls.append(epoch)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return whole(*args, epoch=epoch, **more)

    monkeypatch.setattr(training, "evaluate", killed)
    with pytest.raises(KeyboardInterrupt):
        train_sectioner(section_data, tmp_path / "model", SMALL, seed=7, work=tmp_path / "work")
    assert not (tmp_path / "model").exists()
    train_sectioner(section_data, tmp_path / "model", SMALL, seed=7, work=tmp_path / "work")
    assert calls == [1, 2, 3, 4, 5, *range(5, 13)], "four epochs were kept, the fifth is done again"
    assert artifacts.read_marker(tmp_path / "model").hash == artifacts.read_marker(sectioner).hash


def test_files_of_any_kind_to_sections(sectioner: Path, decisions: Sequence[Segmented], tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(decisions[4].text, encoding="utf-8")
    (tmp_path / "b.jsonl").write_text(json.dumps({"text": decisions[5].text}) + "\n", encoding="utf-8")
    (tmp_path / "c.txt").write_bytes(b"")
    (tmp_path / "d.txt").write_text("İki yumurta ile bir bardak un iyice karıştırılır.\n" * 3, encoding="utf-8")
    accounts = Accounts()
    found = list(apply(load_sectioner(sectioner), [tmp_path], ExtractConfig(), accounts))
    rows = [one for one in found if isinstance(one, Segmented)]
    assert [one.label for one in rows[0].sections] == [one.label for one in decisions[4].sections]
    assert [one.label for one in rows[1].sections] == [one.label for one in decisions[5].sections]
    assert rows[0].sections[-1].label == "dissent"
    assert all(0 < one.confidence <= 1 for row in rows for one in row.sections)
    assert rows[2].sections == (), "a recipe is no decision"
    assert [one.path for one in found if isinstance(one, Failure)] == ["c.txt"]
    assert (accounts.seen, accounts.kept, sum(accounts.failed.values())) == (4, 3, 1)


@pytest.mark.parametrize("text", ["", " \n "])
def test_a_text_of_nothing_has_no_section(sectioner: Path, text: str) -> None:
    assert load_sectioner(sectioner).read([Segmented(text=text)]) == [Segmented(text=text)]


def test_a_million_characters(sectioner: Path, decisions: Sequence[Segmented]) -> None:
    one = decisions[4]
    middle = one.sections[5]
    text = one.text[: middle.start] + one.text[middle.start : middle.end] * 13_000 + one.text[middle.end :]
    assert len(text) > 1_000_000
    (found,) = load_sectioner(sectioner).read([Segmented(text=text)])
    assert found.sections[-1].end == len(text)
    assert max(found.sections, key=lambda span: span.end - span.start).label == "reasoning"


def test_fewer_decisions_for_a_learning_curve(section_data: Path, tmp_path: Path) -> None:
    few = SMALL.model_copy(
        update={"train_decisions": 12, "sentences": SMALL.sentences.model_copy(update={"epochs": 1})}
    )
    train_sectioner(section_data, tmp_path / "model", few, seed=7, work=tmp_path / "work")
    accounts = record(tmp_path / "model").accounts
    assert accounts is not None
    assert (accounts.kept, accounts.dropped) == (12, {"beyond_train_decisions": 17})


def test_an_epoch_shows_decisions_with_their_headings_too(decisions: Sequence[Segmented]) -> None:
    headed = from_pieces(decisions[0], [("header", "BAŞLIK\n"), *pieces(decisions[0])])
    config = SMALL.sentences.model_copy(update={"variants": 0.5})
    given = training.material(decisions[:2], {headed.id: headed}, decisions[2:3], config, encoder=None, seed=7)
    first, second = given.forms
    assert len(first) == len(VARIANTS) + 1
    assert len(first[-1].labels) == len(first[0].labels) + 1
    assert len(second[-1].labels) == len(second[0].labels), "its headings are not known"


def test_nothing_to_learn_from(section_data: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="tunes an encoder"):
        train_sectioner(section_data, tmp_path / "m", SegmentConfig(model="windows"), seed=7, work=tmp_path / "w")
    with artifacts.create(tmp_path / "data", stage="section-data", version=1, parameters={}, inputs={}, seed=7) as run:
        (run.folder / HEADED).mkdir()
        for part in PARTS:
            write_decisions([Segmented(id="a", text="Un.")], run.folder / f"{part}.jsonl")
            write_decisions([], run.folder / HEADED / f"{part}.jsonl")
    with pytest.raises(InputError, match="nothing to learn from"):
        train_sectioner(tmp_path / "data", tmp_path / "m", SMALL, seed=7, work=tmp_path / "w")


def test_scores_have_intervals_forms_courts_and_paired_tests(
    sectioner: Path, section_data: Path, tmp_path: Path
) -> None:
    config = SectionScoresConfig(variants=("plain", "one_line", "headed"), resamples=100)
    models = {"one": sectioner, "same": sectioner}
    found = measure_sections(models, section_data, tmp_path / "scores", config, seed=7)
    assert found["n"] == 12
    one = found["models"]["one"]
    assert one["plain"]["doc_pass"]["low"] < one["plain"]["doc_pass"]["mean"] <= one["plain"]["doc_pass"]["high"] <= 1
    assert one["plain"]["bnd_f1"]["mean"] >= one["one_line"]["bnd_f1"]["mean"]
    assert one["headed"] == one["plain"], "these have no headings"
    assert sum(court["doc_pass"]["n"] for court in one["courts"].values()) == 12
    assert one["outside"]["n"] == 3
    assert [(row["only_a"], row["only_b"], row["p"]) for row in found["mcnemar"]] == [(0, 0, 1.0)]


@pytest.fixture(scope="module")
def encoder(decisions: Sequence[Segmented], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ModernBERT of random weights over words."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("encoder")
    tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(
        (one.text for one in decisions), trainers.WordLevelTrainer(special_tokens=special, show_progress=False)
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        mask_token="[MASK]",
    )  # fmt: skip
    fast.save_pretrained(folder)
    config = ModernBertConfig(
        vocab_size=len(fast), hidden_size=32, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=128, pad_token_id=0, cls_token_id=2, sep_token_id=3, bos_token_id=2, eos_token_id=3,
        global_attn_every_n_layers=1,
    )  # fmt: skip
    ModernBertForMaskedLM(config).save_pretrained(folder)
    return folder


@pytest.mark.parametrize(
    ("precision", "hardware", "bf16"), [("fp32", True, False), ("auto", False, False), ("auto", True, True)]
)
def test_windows_are_computed_in_bf16_only_where_it_is_asked_for_or_in_hardware(
    precision: str, hardware: bool, bf16: bool, decisions: Sequence[Segmented], encoder: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    flags = ("amx_bf16",) if hardware else ()
    monkeypatch.setattr("mecelle.models.precision.this_machine", lambda: Machine.model_construct(flags=flags))
    config = WindowsConfig(window=64, stride=32, epochs=1, evaluations=1, precision=precision)
    seen = set[bool]()
    handle = register_module_forward_pre_hook(lambda *_: seen.add(torch.is_autocast_enabled("cpu")))
    try:
        train_windows(encoder, decisions[:2], decisions[2:3], config, seed=7, work=tmp_path)
    finally:
        handle.remove()
    assert seen == {bf16}


def test_windows_longer_than_the_positions_of_the_encoder_are_refused(encoder: Path) -> None:
    with pytest.raises(ConfigError, match=r"windows\.window 256 tokens: .* was made for 128"):
        TokenTagger(encoder, WindowsConfig(window=256), new_head_seed=7)


def test_the_paper_s_tagger_learns_and_loads_alone(section_data: Path, encoder: Path, tmp_path: Path) -> None:
    windows = WindowsConfig(window=64, stride=32, epochs=6, evaluations=1, learning_rate=1e-2, batch_size=8)
    config = SegmentConfig(model="windows", windows=windows)
    train_sectioner(section_data, tmp_path / "model", config, seed=7, work=tmp_path / "work", encoder=encoder)
    figures = record(tmp_path / "model").figures
    assert figures["epochs"][-1]["loss"] < figures["epochs"][0]["loss"] / 2
    assert figures["test"]["bnd_f1"] > 0.8
    gold = read_decisions(section_data / "test.jsonl")
    asked = [one.model_copy(update={"sections": ()}) for one in [*gold, Segmented(text="")]]
    found = load_sectioner(tmp_path / "model").read(asked)
    assert found[:-1] == read_decisions(tmp_path / "model" / FOUND)
    assert found[-1].sections == ()


def test_members_read_together(section_data: Path, tmp_path: Path) -> None:
    two = SMALL.model_copy(update={"sentences": SMALL.sentences.model_copy(update={"members": 2, "epochs": 4})})
    train_sectioner(section_data, tmp_path / "model", two, seed=7, work=tmp_path / "work")
    model = load_sectioner(tmp_path / "model")
    assert isinstance(model, SentenceSectioner)
    a, b = model.members
    assert not torch.equal(a.bag.weight, b.bag.weight)
    decision = read_decisions(section_data / "test.jsonl")[0]
    (seen,) = read_units([decision.text], buckets=2_048, encoder=None)
    both, alone = read_sections([a, b], decision, seen), read_sections([a], decision, seen)
    assert all(0 < one.confidence <= 1.0 for one in both.sections)
    assert alone != read_sections([b], decision, seen) != both
    assert read_sections([a, a], decision, seen) == alone, "the mean of a member and itself is the member"
    labels = labels_of(alone, seen.spans)
    assert labels == a.crf.best(a.emissions(seen)), "one member reads as it was chosen"


def test_a_frozen_encoder_beside_the_words(section_data: Path, encoder: Path, tmp_path: Path) -> None:
    config = SMALL.model_copy(update={"sentences": SMALL.sentences.model_copy(update={"epochs": 2})})
    train_sectioner(section_data, tmp_path / "model", config, seed=7, work=tmp_path / "work", encoder=encoder)
    model = load_sectioner(tmp_path / "model")
    assert isinstance(model, SentenceSectioner)
    assert model.encoder is not None
    gold = read_decisions(section_data / "test.jsonl")
    asked = [one.model_copy(update={"sections": ()}) for one in gold]
    assert model.read(asked) == read_decisions(tmp_path / "model" / FOUND)
