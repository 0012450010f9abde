"""The space before an option is part of its first token in a byte-level BPE, and of none in WordPiece."""

from pathlib import Path

import numpy as np
import pytest

from mecelle.models.masked import load_mask_filler

SENTENCE = "kiracı [MASK] öder."
OPTIONS = ["kira", "bedelini"]


@pytest.fixture(scope="module")
def byte_level_folder(tmp_path_factory) -> Path:
    """A masked language model with a byte-level BPE tokenizer: two layers of random weights."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import ModernBertConfig, ModernBertForMaskedLM, PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(["kiracı kira bedelini öder.", "kira bedel kira bedelini öde"] * 5, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]",
        mask_token="[MASK]", model_max_length=64,
    )  # fmt: skip
    torch.manual_seed(0)
    config = ModernBertConfig(
        vocab_size=len(fast), hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=64, pad_token_id=3, cls_token_id=1, sep_token_id=2, bos_token_id=1, eos_token_id=2,
        attn_implementation="sdpa",
    )  # fmt: skip
    model = ModernBertForMaskedLM(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.normal_(std=0.3)
    folder = tmp_path_factory.mktemp("byte-level") / "model"
    model.save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


def both(folder: Path, scoring: str):
    filler = load_mask_filler(folder)
    return [
        filler.score_options([SENTENCE], [OPTIONS], scoring=scoring, placing=placing)[0]
        for placing in ("in_sentence", "apart")
    ]


@pytest.mark.parametrize("scoring", ["independent", "one_at_a_time", "word_left_to_right"])
def test_wordpiece_sees_no_difference(masked_folder, scoring):
    in_sentence, apart = both(masked_folder, scoring)
    np.testing.assert_allclose(in_sentence.nats, apart.nats, atol=1e-5)


@pytest.mark.parametrize("scoring", ["independent", "one_at_a_time", "word_left_to_right"])
def test_a_byte_level_bpe_scores_another_word(byte_level_folder, scoring):
    in_sentence, apart = both(byte_level_folder, scoring)
    assert np.abs(in_sentence.nats - apart.nats).min() > 0.1


def test_which_tokens_are_scored(byte_level_folder):
    filler = load_mask_filler(byte_level_folder)
    names = filler.tokenizer.convert_ids_to_tokens
    placed, apart = filler._place("kiracı ", " öder.", "kira"), filler._place_apart("kiracı ", " öder.", "kira")
    assert names([placed.ids[place] for place in placed.places]) == ["Ġkira"]
    assert names([apart.ids[place] for place in apart.places])[0] == "kira"
    assert names(apart.ids)[apart.places[0] - 1] == "Ġ"  # the space stays behind as a token of its own


def test_own_words_are_told_apart_from_insides_of_words(byte_level_folder):
    filler = load_mask_filler(byte_level_folder)
    written = {
        filler.tokenizer.convert_ids_to_tokens(token): filler._written(token) for token in range(len(filler.tokenizer))
    }
    assert (written["Ġkira"], written["kira"]) == ("kira", "##kira")
