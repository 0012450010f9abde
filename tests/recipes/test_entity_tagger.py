"""The tagger is learnt from the NER set, and what is written finds names in a text."""

import gzip
import json
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import AutoConfig, BertConfig, BertForMaskedLM, PreTrainedTokenizerFast
from typer.testing import CliRunner

from mecelle.base import artifacts
from mecelle.cli.main import app
from mecelle.evaluation.finetuning.config import FineTuningConfig
from mecelle.evaluation.finetuning.encoders import find_encoder
from mecelle.recipes.entity_tagger import entity_parts, train_tagger
from mecelle.segmentation.entities.tagger import EntityTagger

NAMES = ("Ayşe", "Kaya", "Ali", "Can")
REST = ("davacı", "geldi", "dün", "mahkeme", "karar", ".")


def rows():
    """Sentences of a role, a name of two words and a verb; PER is the set's tag of persons."""
    for number in range(120):
        name = [NAMES[number % 4], NAMES[(number // 4) % 4]]
        words = [REST[number % 2], *name, REST[1 + number % 4], REST[number % 5], str(number)]
        yield {
            "tokens": words, "tags": ["O", "B-PER", "I-PER", "O", "O", "O"],
            "split": "test" if number % 6 == 0 else "train", "source": "koc-lab/turkishlegalner:x",
        }  # fmt: skip


def write_encoder(folder: Path) -> Path:
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *NAMES, *REST]
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=64,
    )  # fmt: skip
    BertForMaskedLM(config).save_pretrained(folder)
    return folder


def test_it_learns_the_kinds_of_the_set_and_reads_texts(tmp_path):
    (tmp_path / "legal").mkdir()
    with gzip.open(tmp_path / "legal" / "ner.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows())
    config = FineTuningConfig(learning_rates=(1e-6, 5e-3), epochs=4, max_length=32, batch_size=8, precision="fp32")
    parts = entity_parts(tmp_path, config, seed=7)
    assert {tag for item in parts.test for tag in item.label} == {"O", "B-person", "I-person"}
    encoder = find_encoder("tiny", write_encoder(tmp_path / "encoder"))
    trials = train_tagger(encoder, tmp_path, tmp_path / "tagger", config, seed=7)
    assert max(trials[1].dev) > max(trials[0].dev)  # the better one is written
    assert set(AutoConfig.from_pretrained(tmp_path / "tagger").id2label.values()) == {"O", "B-person", "I-person"}
    text = "davacı Ayşe Kaya geldi."
    found = EntityTagger(tmp_path / "tagger").find(text)
    assert [(text[span.start : span.end], span.kind) for span in found] == [("Ayşe Kaya", "person")]


def test_a_command_trains_what_apply_takes(tmp_path):
    (tmp_path / "legal").mkdir()
    with gzip.open(tmp_path / "legal" / "ner.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows())
    write_encoder(tmp_path / "encoder")
    asked = ["segment", "tagger", str(tmp_path), "--encoder", str(tmp_path / "encoder"), "--out", str(tmp_path / "out")]
    settings = ("learning_rates=[0.005]", "epochs=1", "max_length=32", "precision=fp32")
    done = CliRunner().invoke(app, [*asked, *(part for one in settings for part in ("--set", one))])
    assert done.exit_code == 0, done.output
    record = artifacts.read_record(tmp_path / "out")
    assert record is not None
    assert set(record.inputs) == {"sentences", "encoder"}
    assert "segment apply decision.pdf --entities" in (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "B-person" in EntityTagger(tmp_path / "out").tags
    (tmp_path / "legal" / "ner.jsonl.gz").write_bytes(gzip.compress(b""))
    assert CliRunner().invoke(app, asked).exit_code == 2
