"""Whatever is wrong is named, with what to do; the exit code says so; nothing half-written stays."""

import errno
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from mecelle.base import artifacts
from mecelle.base.errors import Interrupted
from mecelle.cli.common import told

Refused = Callable[..., str]


def extract(mecelle: Any, folder: Path, out: Path) -> dict[str, Any]:
    return dict(json.loads(mecelle("corpus", "extract", folder, "--out", out, "--set", "workers=1").stdout))


def test_a_missing_path(refused: Refused, tmp_path: Path) -> None:
    told = refused("corpus", "extract", tmp_path / "yok", "--out", tmp_path / "out")
    assert f"InputError: {tmp_path / 'yok'}: no such file or folder" in told
    assert not (tmp_path / "out").exists()


def test_an_empty_folder(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "bos").mkdir()
    assert "no file in this folder" in refused("corpus", "extract", tmp_path / "bos", "--out", tmp_path / "out")
    assert "no file in this folder" in refused("index", "build", tmp_path / "bos", "--out", tmp_path / "index")


def test_a_corrupt_pdf_is_a_counted_row(mecelle: Any, collection: Path, tmp_path: Path) -> None:
    (collection / "bozuk.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R\nbozuk")
    summary = extract(mecelle, collection, tmp_path / "out")
    assert summary["accounts"]["failed"] == {"corrupt": 1}
    assert (summary["accounts"]["seen"], summary["accounts"]["kept"]) == (7, 6)
    (row,) = map(json.loads, Path(summary["failed_rows"]).read_text(encoding="utf-8").splitlines())
    assert (row["path"], row["reason"]) == ("bozuk.pdf", "corrupt")


def test_bad_rows_of_jsonl_are_counted_rows(mecelle: Any, collection: Path, tmp_path: Path) -> None:
    rows = ['{"id": "yarım", "text": "Bu satır', '{"id": "metinsiz", "başlık": "x"}', '{"text": "Sağlam bir satır."}']
    (collection / "satirlar.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    summary = extract(mecelle, collection, tmp_path / "out")
    assert summary["accounts"]["failed"] == {"not_json": 1, "no_text_field": 1}
    assert summary["accounts"]["kept"] == 7
    failed = [json.loads(line) for line in (tmp_path / "out" / "failed.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["path"] for row in failed] == ["satirlar.jsonl"] * 2


def test_nothing_readable_is_an_error(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("[\n", encoding="utf-8")
    told = refused("corpus", "extract", tmp_path / "a.jsonl", "--out", tmp_path / "out", "--set", "workers=1")
    assert "no document could be read (not_json 1)" in told
    assert not (tmp_path / "out").exists()


def test_rows_without_the_field_text_say_how_to_name_it(refused: Refused, mecelle: Any, tmp_path: Path) -> None:
    row = json.dumps({"id": "1", "govde": "Davanın kabulüne karar verildi."}, ensure_ascii=False)
    (tmp_path / "a.jsonl").write_text("\n".join([row] * 30), encoding="utf-8")
    command = ("corpus", "build", tmp_path / "a.jsonl", "--out", tmp_path / "out", "--workers", 1)
    told = refused(*command)
    assert "no document could be read (no_text_field 30). First, a.jsonl, row 1" in told
    assert "fields found: govde, id. Name the fields" in told
    assert "extract.text_fields=[title, body]" in told
    assert len(told) < 600
    assert mecelle(*command, "--set", "extract.text_fields=[govde]")
    again = (*command[:2], tmp_path / "out-documents", *command[3:])
    assert "read already" in refused(*again, "--set", "extract.text_fields=[govde]")


def test_a_half_written_artifact(refused: Refused, mecelle: Any, collection: Path, tmp_path: Path) -> None:
    extract(mecelle, collection, tmp_path / "documents")
    (tmp_path / "documents" / artifacts.MARKER).unlink()
    told = refused("corpus", "build", tmp_path / "documents", "--out", tmp_path / "corpus", "--workers", 1)
    assert "ArtifactError" in told
    assert "half-written" in told


def test_an_artifact_of_another_stage(refused: Refused, mecelle: Any, collection: Path, tmp_path: Path) -> None:
    extract(mecelle, collection, tmp_path / "documents")
    told = refused(
        "corpus", "select", tmp_path / "documents", "--out", tmp_path / "training", "--snapshot", tmp_path / "snapshot"
    )
    assert "made by stage 'extract', but an artifact of 'corpus' is needed" in told


def test_a_full_disk(refused: Refused, collection: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(artifacts, "mark", full)
    told = refused("corpus", "extract", collection, "--out", tmp_path / "out", "--set", "workers=1")
    assert "ResourceError" in told
    assert "the disk is full" in told
    assert "run the same command again" in told
    left = {path.name for path in tmp_path.iterdir()}
    assert not {name for name in left if name.startswith("out")}, left


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (["max_file_mib"], "--set max_file_mib: expected key=value"),
        (["max_file_mb=3"], "--set max_file_mb: unknown key 'max_file_mb'; did you mean 'max_file_mib'?"),
        (["max_file_mib=çok"], "--set: max_file_mib: found 'çok'"),
        (["reading.workers=1"], "--set reading.workers: no section 'reading'"),
        (["text_fields=[a"], "--set text_fields=[a: not readable as YAML"),
    ],
)
def test_wrong_settings(refused: Refused, collection: Path, tmp_path: Path, settings: list[str], told: str) -> None:
    options = [word for setting in settings for word in ("--set", setting)]
    assert told in refused("corpus", "extract", collection, "--out", tmp_path / "out", *options)


@pytest.mark.parametrize(("seed", "found"), [("yedi", "'yedi'"), ("", "None"), ("1.5", "1.5"), ("true", "True")])
def test_a_seed_that_is_no_whole_number(
    refused: Refused, collection: Path, tmp_path: Path, seed: str, found: str
) -> None:
    params = tmp_path / "params.yaml"
    params.write_text(f"seed: {seed}\nholdout: {{}}\n", encoding="utf-8")
    told = refused("decoder", "holdout", collection, "--out", tmp_path / "out", "--params", params)
    assert f"seed: found {found}; expected a whole number" in told


def test_a_params_file_without_the_section(refused: Refused, collection: Path, tmp_path: Path) -> None:
    params = tmp_path / "params.yaml"
    params.write_text("extrct: {}\n", encoding="utf-8")
    told = refused("corpus", "extract", collection, "--out", tmp_path / "out", "--params", params)
    assert "section 'extract' is missing; did you mean 'extrct'?" in told


@pytest.mark.parametrize(
    ("recipe", "scale", "told"),
    [
        ("hause", "smoke", "recipe 'hause' is not known; did you mean 'house'? Allowed: house"),
        ("house", "smok", "scale 'smok' is not known; did you mean 'smoke'? Allowed: gpu, laptop, paper, smoke"),
    ],
)
def test_an_unknown_recipe_or_scale(
    refused: Refused, collection: Path, tmp_path: Path, recipe: str, scale: str, told: str
) -> None:
    assert told in refused("new", recipe, tmp_path / "w", "--data", collection, "--scale", scale)
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize("command", [("index", "build"), ("corpus", "extract"), ("corpus", "build")])
def test_results_are_not_written_where_documents_are_read(
    refused: Refused, collection: Path, command: tuple[str, ...]
) -> None:
    before = sorted(collection.rglob("*"))
    assert "lies inside the data" in refused(*command, collection, "--out", collection / "sonuc")
    assert sorted(collection.rglob("*")) == before


def test_a_workspace_needs_an_empty_folder_and_data(refused: Refused, collection: Path, tmp_path: Path) -> None:
    (tmp_path / "dolu").mkdir()
    (tmp_path / "dolu" / "notlar.txt").touch()
    assert "not empty" in refused("new", "house", tmp_path / "dolu", "--data", collection)
    assert "lies inside the data" in refused("new", "house", collection / "w", "--data", collection)
    assert "no such file or folder" in refused("new", "house", tmp_path / "w", "--data", tmp_path / "yok")
    told = refused("new", "house", tmp_path / "w", "--data", collection, "--documents", collection)
    assert "give --queries, too" in told


@pytest.mark.parametrize("command", [("run",), ("check",)])
def test_a_folder_that_is_no_workspace(refused: Refused, tmp_path: Path, command: tuple[str, ...]) -> None:
    assert "a workspace is made by `mecelle new" in refused(*command, "--workspace", tmp_path)


def test_a_report_of_nothing(refused: Refused, tmp_path: Path) -> None:
    assert "no stage has run here" in refused("report", tmp_path, "--out", tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


def test_an_unknown_size_of_the_sample(refused: Refused, tmp_path: Path) -> None:
    assert "size 'tny' is not known; did you mean 'tiny'?" in refused("sample", tmp_path / "s", "--size", "tny")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("evaluate", "retrieval", "embedding", "--out", "o"), "expected name=folder"),
        (("evaluate", "retrieval", "embedding=yok", "--out", "o"), "model 'embedding': yok is no folder"),
        (("evaluate", "retrieval", "embedding=./a/yok", "--out", "o"), "model 'embedding': ./a/yok is no folder"),
        (("evaluate", "retrieval", "mine=owner/model", "e5=package:use", "--out", "o"), "nothing to evaluate on"),
        (("evaluate", "retrieval", "a+b=package:use", "--out", "o"), "a model cannot be called so"),
        (("evaluate", "retrieval", "--out", "o"), "nothing to evaluate on"),
        (("evaluate", "splits", "yok"), "no such file: yok/retrieval_statutes.jsonl.gz"),
        (("lineage",), "give a document, or --model and --step"),
        (("search", "kira", "--index", "yok"), "ArtifactError: yok: no index is there"),
    ],
)
def test_wrong_arguments(
    refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert told in refused(*arguments)


def test_the_device_of_a_search_reaches_the_reranker(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    told = refused("search", "kira", "--index", "yok", "--reranker", tmp_path, "--device", "tpu9")
    assert "device 'tpu9': torch cannot use it" in told


def test_a_tokenizer_of_another_model(refused: Refused, tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models
    from transformers import ModernBertConfig, ModernBertModel, PreTrainedTokenizerFast

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"söz{number}" for number in range(59))]
    backend = Tokenizer(models.WordLevel({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=backend, **names).save_pretrained(tmp_path / "encoder")
    shape = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 1}
    special = {"pad_token_id": 0, "cls_token_id": 2, "sep_token_id": 3, "bos_token_id": 2, "eos_token_id": 3}
    model = ModernBertModel(ModernBertConfig(vocab_size=32, max_position_embeddings=64, **shape, **special))
    model.save_pretrained(tmp_path / "encoder")
    pairs = [{"query": f"söz{number}", "document": f"belge söz{number} metni"} for number in range(40)]
    lines = "".join(json.dumps(pair, ensure_ascii=False) + "\n" for pair in pairs)
    (tmp_path / "pairs.jsonl").write_text(lines, encoding="utf-8")
    told = refused(
        "embedding", "train", tmp_path / "encoder", "--pairs", tmp_path / "pairs.jsonl", "--out", tmp_path / "out",
        "--work", tmp_path / "work", "--set", "loss=info_nce.v1", "--set", "batch=4", "--set", "max_length=32",
    )  # fmt: skip
    assert "MismatchError" in told
    assert "the tokenizer has 64 tokens, the model 32 rows" in told
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        (KeyboardInterrupt(), 130, "goes on from where it stopped; a stage without"),
        (Interrupted("Stopped after step 5 of 9.", number=signal.SIGINT), 130, "Stopped after step 5 of 9."),
        (Interrupted("", number=signal.SIGTERM), 143, "goes on from where it stopped; a stage without"),
    ],
)
def test_a_command_that_is_asked_to_stop_says_by_which_signal(
    asked: KeyboardInterrupt, code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    @told
    def train() -> None:
        raise asked

    with pytest.raises(typer.Exit) as raised:
        train()
    assert raised.value.exit_code == code
    assert words in " ".join(capsys.readouterr().err.split())
