"""A token classifier reads sentences of any length, and texts with offsets."""

from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertForTokenClassification, PreTrainedTokenizerFast

from mecelle.base.errors import ArtifactError
from mecelle.segmentation.entities.tagger import EntityTagger, spans_of

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "Ayşe", "Kaya", "geldi", ".", "...", "dün"]
TAGS = ["B-person", "I-person", "O"]


def write(folder: Path, tags: list[str]) -> Path:
    """A classifier without layers: Ayşe and ... begin a person, Kaya continues one, whatever stands around them."""
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=0, num_attention_heads=1, intermediate_size=8,
        max_position_embeddings=64, num_labels=3, id2label=dict(enumerate(tags)),
    )  # fmt: skip
    model = BertForTokenClassification(config)
    with torch.no_grad():
        model.bert.embeddings.position_embeddings.weight.zero_()
        model.bert.embeddings.token_type_embeddings.weight.zero_()
        model.bert.embeddings.word_embeddings.weight.copy_(torch.eye(len(WORDS), 16) * 9)
        model.classifier.weight.zero_()
        model.classifier.bias.zero_()
        for number, word in enumerate(WORDS):
            model.classifier.weight[{"Ayşe": 0, "...": 0, "Kaya": 1}.get(word, 2), number] = 2.0
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("tagger"), TAGS)


def test_names_are_found_with_their_offsets_and_dots_are_no_names(folder):
    text = "Ayşe Kaya geldi.\n... geldi. Dün Ayşe\n"
    found = EntityTagger(folder).find(text)
    assert [(text[s.start : s.end], s.kind) for s in found] == [("Ayşe Kaya", "person"), ("Ayşe", "person")]
    assert all(0.9 < span.confidence <= 1.0 for span in found)


def test_the_windows_of_a_long_sentence_are_computed_a_few_at_a_time(folder):
    tagger = EntityTagger(folder, max_length=48, batch_size=4)
    rows: list[int] = []
    tagger._model.register_forward_pre_hook(
        lambda module, args, named: rows.append(len(named["input_ids"])), with_kwargs=True
    )
    [tags] = tagger.read([["dün"] * 3_000 + ["Ayşe"]])
    assert [tag for tag, _ in tags] == ["O"] * 3_000 + ["B-person"]
    assert max(rows) == 4


def test_long_sentences_are_read_in_windows_and_batches_change_nothing(folder):
    sentences = [["dün"] * 300 + ["Ayşe", "Kaya"], [], ["Ayşe"], ["geldi", "Kaya"]]
    tags = [[tag for tag, _ in one] for one in EntityTagger(folder, max_length=48).read(sentences)]
    assert tags == [["O"] * 300 + ["B-person", "I-person"], [], ["B-person"], ["O", "I-person"]]
    alone = EntityTagger(folder, max_length=48, batch_size=1).read(sentences)
    assert [[tag for tag, _ in one] for one in alone] == tags


def test_an_empty_text_has_no_entities(folder):
    assert EntityTagger(folder).find(" \n") == []


def test_labels_of_another_set_are_refused(tmp_path):
    with pytest.raises(ArtifactError, match="'B-PER' is no kind of entity"):
        EntityTagger(write(tmp_path, ["B-PER", "I-PER", "O"]))


def test_what_continues_nothing_begins_an_entity():
    words = [(0, 1), (2, 3), (4, 5)]
    found = spans_of(words, [("I-person", 1.0), ("I-court", 0.5), ("B-court", 1.0)])
    assert [(s.start, s.end, s.kind) for s in found] == [(0, 1, "person"), (2, 3, "court"), (4, 5, "court")]
